"""Why two records are one customer or not, as a page."""

import datetime as dt
from pathlib import Path

from markupsafe import Markup, escape

from graphcrm.duplicates.customers import Explained
from graphcrm.export import replacing
from graphcrm_api.cli.dedupe_words import said
from graphcrm_api.cli.duplicates_explained import (
    answer_key,
    figures,
    note_key,
    silent,
    waterfall,
)
from graphcrm_api.cli.duplicates_fields import field_words, value_words
from graphcrm_api.cli.language import Language
from graphcrm_api.cli.page import both, cell, drawn_waterfall, each, page


def write_picture(found: Explained, path: Path, graph: str, lang: Language) -> None:
    """Write the page, which opens in `lang`; it appears whole or not at all."""
    with replacing(path) as draft:
        draft.write_text(picture(found, graph, lang), encoding="utf-8", newline="\n")


def picture(found: Explained, graph: str, lang: Language) -> str:
    """The HTML of the page."""
    ids = {"left": cell(found.left), "right": cell(found.right)}
    return page(
        "explained.html",
        lang,
        said("explain_title", lang, **ids),
        **ids,
        day=dt.date.today().isoformat(),
        graph=cell(graph),
        model=found.model_version,
        answer=both(answer_key(found), **ids, **figures(found)),
        note=note_key(found),
        drawn=drawn_waterfall(waterfall(found), _field, _value),
        nothing_said=each(lambda code: escape(silent(found, code))) if silent(found) else "",
        methods=("weight", "learned_graph", "local"),
    )


def _field(column: str) -> Markup:
    return each(lambda lang: escape(cell(field_words(column, lang))))


def _value(column: str, text: str) -> Markup:
    return each(lambda lang: escape(cell(value_words(column, text, lang))))
