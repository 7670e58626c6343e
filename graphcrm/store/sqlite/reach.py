"""What some branches see, looked for from the branches' side: quick where that is little."""

import json
from functools import cache

from graphcrm.model import VOCABULARY
from graphcrm.model.visibility import PATHS, Rule, Step, rule
from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.visibility import (
    ENDS,
    LABEL_MASK,
    Sight,
    ends,
    free,
    holds,
    is_end,
    of_label,
)


def reached(sight: Sight, label: str, most: int) -> set[int] | None:
    """The keys of all visible nodes of a label; None where that may be more than some `most`.

    First the edges next to the branches are counted, as far as `most`, which takes no more than a
    look at an index. Closed nodes may be among the keys.
    """
    whole = rule(PATHS[label])
    count = 0
    for start, step, end in _last_steps(label, whole):
        count += next(sight.rows(_count(start, step, end), most=most + 1 - count))[0]
        if count > most:
            return None
    return _Reach(sight).keys(label, whole)


class _Reach:
    """A search against the direction of the paths; what they share is looked for once."""

    def __init__(self, sight: Sight) -> None:
        self._sight = sight
        self._known: dict[tuple[str, Rule], set[int]] = {}
        self._before: dict[tuple[str, Step, Rule], list[int]] = {}

    def keys(self, label: str, of: Rule) -> set[int]:
        """The nodes of a label from which one of the rule's paths leads to its end."""
        if (label, of) not in self._known:
            found = set(json.loads(self._sight.parameters[ENDS[label]])) if of.end else set()
            number = VOCABULARY.nodes[label].number
            for step, behind in of.ways:
                starts = self._starts(label if step.unless else "", step, behind)
                found.update(key for key in starts if key & LABEL_MASK == number)
            self._known[label, of] = found
        return self._known[label, of]

    def _starts(self, label: str, step: Step, behind: Rule) -> list[int]:
        """The nodes, of any label or of one, from which a step leads to the rest of a path."""
        way = label, step, behind
        if way not in self._before:
            rows = self._sight.rows(_way(label, step), far=self._ends(step.label, behind))
            self._before[way] = [key for (key,) in rows]
        return self._before[way]

    def _ends(self, label: str, behind: Rule) -> str:
        """The nodes that a step may lead to, open ones only, as JSON."""
        if is_end(label, behind):
            return str(self._sight.parameters[ENDS[label]])
        return json.dumps([*self._sight.open(label, self.keys(label, behind))])


def _last_steps(label: str, of: Rule) -> dict[tuple[str, Step, str], None]:
    """The steps next to the ends of a rule's paths, each with the parameter that holds the ends.

    Before it stands the label from which it is gone, where only that one's edges count.
    """
    found: dict[tuple[str, Step, str], None] = {}
    for step, behind in of.ways:
        if is_end(step.label, behind):
            found[label if step.unless else "", step, ENDS[step.label]] = None
        else:
            found |= _last_steps(step.label, behind)
    return found


@cache
def _count(label: str, step: Step, end: str) -> str:
    """At most as many as there are: whether a step counts for its start is not looked at."""
    near, far = ends(step)
    return (
        f"SELECT count(*) FROM (SELECT 1 FROM json_each(:{end}) k "
        f"CROSS JOIN {quoted(step.type.table)} e ON e.{far} = k.value AND {holds(step, 'e')} "
        f"{_from(label, near)} LIMIT :most)"
    )


@cache
def _way(label: str, step: Step) -> str:
    near, far = ends(step)
    counts = f"AND {free(step, f'e.{near}')}" if step.unless else ""
    return (
        f"SELECT e.{near} FROM json_each(:far) k CROSS JOIN {quoted(step.type.table)} e "
        f"ON e.{far} = k.value AND {holds(step, 'e')} {_from(label, near)} {counts}"
    )


def _from(label: str, near: str) -> str:
    return f"AND {of_label(label, f'e.{near}')}" if label else ""
