"""A pair with its evidence as the page shows it: each field's weight as a step of a waterfall."""

from collections.abc import Callable
from typing import Any

from markupsafe import Markup, escape

from graphcrm_api.cli.dedupe_found import Pair
from graphcrm_api.cli.dedupe_words import bits, chance, level_words, said
from graphcrm_api.cli.language import Language

_ROOM = 160.0
_LEAST = 1.0
"""A step is drawn at least so wide, or it could not be seen."""

Each = Callable[[Callable[[Language], Markup]], Markup]


def shown_pair(pair: Pair, cell: Callable[[Any], str], each: Each) -> dict[str, Any]:
    """The pair's rows: where it starts, what each field adds, strongest first, and the sum.

    `cell` makes a value fit to be shown, `each` a text of both languages.
    """
    steps = sorted(pair.agreements, key=lambda a: -abs(a.weight))
    start = pair.weight - sum(a.weight for a in steps)
    levels = [0.0, start]
    for step in steps:
        levels.append(levels[-1] + step.weight)
    low, high = min(*levels, pair.weight), max(*levels, pair.weight)
    scale = _ROOM / ((high - low) or 1.0)

    def row(before: float, after: float, **more: Any) -> dict[str, Any]:
        values = {"before": bits(before), "after": bits(after)}
        return {
            "column": None,
            "left": "",
            "right": "",
            "level": "",
            "total": False,
            "weight": bits(after - before),
            "agrees": after >= before,
            "x": f"{(min(before, after) - low) * scale:.1f}",
            "wide": f"{max(abs(after - before) * scale, _LEAST):.1f}",
            "title": f"{said('waterfall', 'en', **values)} / {said('waterfall', 'zh', **values)}",
        } | more

    rows = [row(0.0, start, words="start_row")]
    for step, before, after in zip(steps, levels[1:], levels[2:], strict=False):
        rows.append(
            row(
                before,
                after,
                column=cell(step.column),
                left=cell(step.left),
                right=cell(step.right),
                level=_level(step.level, each),
            )
        )
    rows.append(row(0.0, pair.weight, words="total_row", total=True))
    return {
        "left": pair.left_line,
        "right": pair.right_line,
        "same": pair.same,
        "probability": chance(pair.probability),
        "weight": bits(pair.weight),
        "zero": f"{(0.0 - low) * scale:.1f}",
        "rows": rows,
    }


def _level(level: str, each: Each) -> Markup:
    return each(lambda lang: escape(level_words(level, lang)))
