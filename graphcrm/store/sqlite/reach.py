"""What some branches see, looked for from the branches' side: quick where that is little."""

import json
from functools import cache

from graphcrm.model import VOCABULARY
from graphcrm.model.visibility import PATHS, Rule, Step, rule
from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.visibility import ENDS, LABEL_MASK, Sight, ends, holds, is_end


def reached(sight: Sight, label: str, most: int) -> set[int] | None:
    """The keys of all visible nodes of a label; None where that may be more than some `most`.

    First the edges next to the branches are counted, as far as `most`, which takes no more than a
    look at an index. Closed nodes may be among the keys.
    """
    whole = rule(PATHS[label])
    count = 0
    for step, end in _last_steps(whole):
        count += next(sight.rows(_count(step, end), most=most + 1 - count))[0]
        if count > most:
            return None
    return _Reach(sight).keys(label, whole)


class _Reach:
    """A search against the direction of the paths; what they share is looked for once."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._known: dict[tuple[str, Rule], set[int]] = {}
        self._before: dict[tuple[Step, Rule], list[int]] = {}

    def keys(self, label: str, of: Rule) -> set[int]:
        """The nodes of a label from which one of the rule's paths leads to its end."""
        if (label, of) not in self._known:
            found = set(json.loads(self._sight.parameters[ENDS[label]])) if of.end else set()
            number = VOCABULARY.nodes[label].number
            for step, behind in of.ways:
                found.update(k for k in self._starts(step, behind) if k & LABEL_MASK == number)
            self._known[label, of] = found
        return self._known[label, of]

    def _starts(self, step: Step, behind: Rule) -> list[int]:
        """The nodes of any label from which a step leads to where the rest of a path is."""
        way = step, behind
        if way not in self._before:
            rows = self._sight.rows(_way(step), far=self._ends(step.label, behind))
            self._before[way] = [key for (key,) in rows]
        return self._before[way]

    def _ends(self, label: str, behind: Rule) -> str:
        """The nodes that a step may lead to, open ones only, as JSON."""
        if is_end(label, behind):
            return str(self._sight.parameters[ENDS[label]])
        return json.dumps([*self._sight.open(label, self.keys(label, behind))])


def _last_steps(of: Rule) -> dict[tuple[Step, str], None]:
    """The steps next to the ends of a rule's paths, each with the parameter that holds the ends."""
    found: dict[tuple[Step, str], None] = {}
    for step, behind in of.ways:
        if is_end(step.label, behind):
            found[step, ENDS[step.label]] = None
        else:
            found |= _last_steps(behind)
    return found


@cache
def _count(step: Step, end: str) -> str:
    _, far = ends(step)
    return (
        f"SELECT count(*) FROM (SELECT 1 FROM json_each(:{end}) k "
        f"CROSS JOIN {quoted(step.type.table)} e ON e.{far} = k.value AND {holds(step, 'e')} "
        "LIMIT :most)"
    )


@cache
def _way(step: Step) -> str:
    near, far = ends(step)
    return (
        f"SELECT e.{near} FROM json_each(:far) k CROSS JOIN {quoted(step.type.table)} e "
        f"ON e.{far} = k.value AND {holds(step, 'e')}"
    )
