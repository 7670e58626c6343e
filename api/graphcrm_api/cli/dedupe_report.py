"""What was found in a list as a page."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup

from graphcrm.duplicates.roles import Role
from graphcrm.export import replacing
from graphcrm.picture.charts import Chart, figure
from graphcrm_api.cli.dedupe_columns import example
from graphcrm_api.cli.dedupe_found import Found, Pair
from graphcrm_api.cli.dedupe_words import bits, chance, said
from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.language import Language
from graphcrm_api.cli.page import cell, drawn_waterfall, each, page
from graphcrm_api.cli.waterfall import Waterfall

_CLUSTERS, _MEMBERS, _EXAMPLES, _BARS = 8, 6, 6, 12


def write_report(found: Found, path: Path, lang: Language) -> None:
    """Write the page, which opens in `lang`; it appears whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(report(found, lang), encoding="utf-8", newline="\n")


def report(found: Found, lang: Language) -> str:
    """The HTML of the page."""
    title = said("page_title", lang, file=cell(found.given.path.name))
    return page("dedupe.html", lang, title, **_content(found))


def _content(found: Found) -> dict[str, Any]:
    surplus = found.records - found.customers
    return {
        "name": cell(found.given.path.name),
        "day": dt.date.today().isoformat(),
        "records": count(found.records),
        "keys": [
            ("records", count(found.records), ""),
            ("customers", count(found.customers), ""),
            ("surplus", count(surplus), share(surplus, found.records)),
            ("several", count(len(found.several)), ""),
            ("largest", count(int(found.sizes.max())), ""),
        ],
        "sizes": _sizes(found) if surplus else None,
        "columns": [
            {
                "column": cell(name),
                "role": known.role.value,
                "reason": known.reason,
                "example": cell(example(found.given, name)),
                "ignored": known.role is Role.IGNORED,
            }
            for name, known in found.detected.items()
        ],
        "several": count(len(found.several)),
        "largest": [_cluster(found, int(c)) for c in found.several[:_CLUSTERS]],
        "cluster_column": found.column,
        "examples": [
            ("surest", [_pair(p) for p in found.surest(_EXAMPLES)]),
            ("doubtful", [_pair(p) for p in found.doubtful(_EXAMPLES)]),
        ],
        "methods": ("weight", "learned", "local"),
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "left": pair.left_line,
        "right": pair.right_line,
        "same": pair.same,
        "probability": chance(pair.probability),
        "weight": bits(pair.weight),
        "drawn": drawn_waterfall(Waterfall(pair.weight, pair.agreements)),
    }


def _sizes(found: Found) -> Markup:
    """How many customers have 2, 3, … records; those with many stand in one column."""
    drawn = np.bincount(np.minimum(found.sizes, _BARS), minlength=3)
    labels = [str(size) for size in range(2, len(drawn))]
    if len(drawn) > _BARS:
        labels[-1] = f"{_BARS}+"

    def chart(lang: Language) -> Markup:
        made = Chart(
            said("chart_sizes", lang),
            said("chart_unit", lang),
            labels,
            {said("chart_unit", lang): [float(n) for n in drawn[2:]]},
            form="columns",
            axis=said("chart_axis", lang),
            note=said("chart_note", lang, single=count(int(drawn[1]))),
        )
        return Markup(figure(made, f"sizes-{lang}", lang))

    return each(chart, "div")


def _cluster(found: Found, cluster: int) -> dict[str, Any]:
    """The first rows of a cluster, in the columns that say something in them."""
    members = found.members(cluster)
    hidden = len(members) - _MEMBERS
    shown = members[:_MEMBERS].tolist()
    rows = [(int(found.given.lines[row]), found.record(row)) for row in shown]
    columns = [name for name in found.compared if any(record[name] for _, record in rows)]
    return {
        "id": cluster,
        "size": count(len(members)),
        "more": count(hidden) if hidden > 0 else "",
        "columns": [cell(name) for name in columns],
        "rows": [(line, [cell(record[name]) for name in columns]) for line, record in rows],
    }
