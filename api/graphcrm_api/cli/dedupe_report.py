"""What was found in a list as a page: one file in both languages, no script, no network."""

import base64
import datetime as dt
import hashlib
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup, escape

from graphcrm.duplicates.roles import Role
from graphcrm.export import replacing
from graphcrm.picture.charts import Chart, figure
from graphcrm.picture.palette import ACCENT, FONTS
from graphcrm_api.cli.dedupe_columns import example
from graphcrm_api.cli.dedupe_found import Found
from graphcrm_api.cli.dedupe_waterfall import shown_pair
from graphcrm_api.cli.dedupe_words import said
from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.language import Language
from graphcrm_api.cli.output import cleaned

_CLUSTERS, _MEMBERS, _EXAMPLES, _BARS = 8, 6, 6, 12
_CELL = 200
_CODES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}


def write_report(found: Found, path: Path, lang: Language) -> None:
    """Write the page, which opens in `lang`; it appears whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(report(found, lang), encoding="utf-8", newline="\n")


def report(found: Found, lang: Language) -> str:
    """The HTML of the page. What customers' data contains is shown as text, whatever it is."""
    style = (
        f":root {{ --accent: {ACCENT}; --fonts: {FONTS}; }}\n"
        + (files("graphcrm.picture") / "page" / "charts.css").read_text(encoding="utf-8")
        + _text("report.css")
    )
    environment = Environment(
        loader=DictLoader({"report.html": _text("report.html")}),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    drawn = environment.get_template("report.html").render(
        code=_CODES[lang],
        policy=_policy(style),
        style=Markup(style),
        title=said("page_title", lang, file=_cell(found.given.path.name)),
        t=_both,
        **_content(found),
    )
    return f"{drawn}\n"


def _both(key: str, /, **values: Any) -> Markup:
    """A text in both languages, of which the page shows one."""
    return _each(lambda lang: escape(said(key, lang, **values)))


def _each(made: Callable[[Language], Markup], tag: str = "span") -> Markup:
    parts = (
        Markup(f'<{tag} lang="{code}">') + made(lang) + Markup(f"</{tag}>")
        for lang, code in _CODES.items()
    )
    return Markup("").join(parts)


def _content(found: Found) -> dict[str, Any]:
    surplus = found.records - found.customers
    return {
        "name": _cell(found.given.path.name),
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
                "column": _cell(name),
                "role": known.role.value,
                "reason": known.reason,
                "example": _cell(example(found.given, name)),
                "ignored": known.role is Role.IGNORED,
            }
            for name, known in found.detected.items()
        ],
        "several": count(len(found.several)),
        "largest": [_cluster(found, int(c)) for c in found.several[:_CLUSTERS]],
        "cluster_column": found.column,
        "examples": [
            ("surest", [shown_pair(p, _cell, _each) for p in found.surest(_EXAMPLES)]),
            ("doubtful", [shown_pair(p, _cell, _each) for p in found.doubtful(_EXAMPLES)]),
        ],
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

    return _each(chart, "div")


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
        "columns": [_cell(name) for name in columns],
        "rows": [(line, [_cell(record[name]) for name in columns]) for line, record in rows],
    }


def _cell(value: Any) -> str:
    """A value as one line without control characters, cut where it is very long."""
    text = cleaned(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _policy(style: str) -> str:
    """A content security policy: this very style, nothing else, no script, no network."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _text(name: str) -> str:
    return (files("graphcrm_api.cli") / "dedupe_page" / name).read_text(encoding="utf-8")
