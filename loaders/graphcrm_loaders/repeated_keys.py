"""Keys that stand twice in a YAML file, where the parser would let the last one win in silence."""

from collections.abc import Iterator

import yaml


def repeated_keys(root: yaml.Node | None) -> Iterator[tuple[int, str, int]]:
    """The keys that are there again in the same place: line, key, and the line it was in first."""
    seen: set[int] = set()
    waiting = [root] if root else []
    while waiting:
        node = waiting.pop(0)
        if id(node) in seen:  # an alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            waiting += node.value
        elif isinstance(node, yaml.MappingNode):
            first: dict[str, int] = {}
            for key, value in node.value:
                line = key.start_mark.line + 1
                name = str(key.value)
                if name in first:
                    yield line, name, first[name]
                first.setdefault(name, line)
                waiting.append(value)
