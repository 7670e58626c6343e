"""A page about customers: one file in both languages, no script, no network.

What customers' data contains is shown as text, whatever it is.
"""

import base64
import hashlib
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from graphcrm.picture.palette import ACCENT, FONTS
from graphcrm_api.cli.dedupe_words import bits, level_words, said
from graphcrm_api.cli.language import Language
from graphcrm_api.cli.output import cleaned
from graphcrm_api.cli.waterfall import Agreement, Step, Waterfall

_CELL = 200
_ROOM = 160.0
_LEAST = 1.0
_CODES: dict[Language, str] = {"en": "en", "zh": "zh-CN"}


def page(template: str, lang: Language, title: str, **values: Any) -> str:
    """The HTML of a page that opens in `lang`, from a template of `page_parts`."""
    style = (
        f":root {{ --accent: {ACCENT}; --fonts: {FONTS}; }}\n"
        + (files("graphcrm.picture") / "page" / "charts.css").read_text(encoding="utf-8")
        + _part("page.css")
    )
    environment = Environment(
        loader=FunctionLoader(_part),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["t"] = both
    drawn = environment.get_template(template).render(
        code=_CODES[lang], policy=_policy(style), style=Markup(style), title=title, **values
    )
    return f"{drawn}\n"


def both(key: str, /, **values: Any) -> Markup:
    """A text in both languages, of which the page shows one."""
    return each(lambda lang: escape(said(key, lang, **values)))


def each(made: Callable[[Language], Markup], tag: str = "span") -> Markup:
    """What is made for each language, in elements of which the page shows one."""
    parts = (
        Markup(f'<{tag} lang="{code}">') + made(lang) + Markup(f"</{tag}>")
        for lang, code in _CODES.items()
    )
    return Markup("").join(parts)


def cell(value: Any) -> str:
    """A value as one line without control characters, cut where it is very long."""
    text = cleaned(value)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def drawn_waterfall(
    made: Waterfall,
    column: Callable[[str], str] = cell,
    value: Callable[[str, str], str] = lambda column, text: cell(text),
) -> dict[str, Any]:
    """What the part waterfall.html draws.

    `column` puts the name of a field into words, `value` one of its values; both make them safe.
    """

    def row(step: Step) -> dict[str, Any]:
        ends = {"before": bits(step.before), "after": bits(step.after)}
        begin, wide = made.extent(step, _ROOM, _LEAST)
        told = step.agreement
        return {
            "column": column(told.column) if told else None,
            "words": "total_row" if step.total else "start_row",
            "left": value(told.column, told.left) if told else "",
            "right": value(told.column, told.right) if told else "",
            "level": _level(told) if told else "",
            "total": step.total,
            "weight": bits(step.after - step.before),
            "agrees": step.after >= step.before,
            "x": f"{begin:.1f}",
            "wide": f"{wide:.1f}",
            "title": f"{said('waterfall', 'en', **ends)} / {said('waterfall', 'zh', **ends)}",
        }

    return {"zero": f"{made.place(0.0, _ROOM):.1f}", "rows": [row(step) for step in made.steps]}


def _level(told: Agreement) -> Markup:
    return each(lambda lang: escape(level_words(told.level, lang)))


def _policy(style: str) -> str:
    """A content security policy: this very style, nothing else, no script, no network."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _part(name: str) -> str:
    return (files("graphcrm_api.cli") / "page_parts" / name).read_text(encoding="utf-8")
