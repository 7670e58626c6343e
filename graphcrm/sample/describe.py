"""A page that shows a made-up insurer: how large, who, what, and what was planted in it."""

from __future__ import annotations

from pathlib import Path

import duckdb

from graphcrm.duck import engine
from graphcrm.errors import UsageError
from graphcrm.picture.charts import Chart, Form, Section, page
from graphcrm.picture.marks import short
from graphcrm.sample.description import (
    AGENTS,
    CLAIMS,
    CUSTOMERS,
    DEALINGS,
    KEY_FIGURES,
    PLANTS,
    POLICIES,
    Question,
)
from graphcrm.words import Language, catalogue, word

_SECTIONS = {
    "customers": CUSTOMERS, "policies": POLICIES, "agents": AGENTS, "claims": CLAIMS,
    "dealings": DEALINGS, "plants": PLANTS,
}  # fmt: skip


def describe(directory: Path, lang: Language) -> str:
    """Return the HTML page of a book in the interchange format that lies in `directory`.

    What the folder does not have is said to be missing. Raises UsageError for a folder without
    persons and policies, or with files that can't be read.
    """
    files = {
        str(file.relative_to(directory).with_suffix("")).replace("\\", "/"): file
        for ending in ("csv", "parquet")
        for file in sorted(directory.rglob(f"*.{ending}"))
    }
    if not {"persons", "policies", "products"} <= set(files):
        raise UsageError(f"{directory}: no sample of a book lies here")
    with engine() as work:
        try:
            for name, file in files.items():
                work.execute(f'CREATE VIEW "{name}" AS FROM {_reading(file)}')
            return _page(work, directory, set(files), lang)
        except duckdb.Error as error:
            sentence = str(error).split("\n", 1)[0]
            raise UsageError(f"{directory}: can't be described ({sentence})") from error


def _page(work: duckdb.DuckDBPyConnection, directory: Path, files: set[str], lang: Language) -> str:
    def words(key: str) -> str:
        return word(f"describe.{key}", lang)

    counted = [(name, _number(work, f'SELECT count(*) FROM "{name}"')) for name in sorted(files)]
    rows = sorted((item for item in counted if "/" not in item[0]), key=lambda item: -item[1])
    size = Chart(
        words("chart_rows"), words("unit_rows"), [name for name, _ in rows],
        {words("unit_rows"): [number for _, number in rows]},
    )  # fmt: skip
    keys = {
        words(f"key_{name}"): short(_number(work, sql), lang)
        for name, (needs, sql) in KEY_FIGURES.items()
        if needs <= files
    }
    sections = [Section(words("section_overview"), [size], key_figures=keys)]
    for name, questions in _SECTIONS.items():
        charts = [_chart(work, question, files, lang) for question in questions]
        lead = words("plants_lead") if name == "plants" else ""
        sections.append(Section(words(f"section_{name}"), charts, lead))
    row = work.execute("SELECT max(issued_on::DATE)::VARCHAR FROM policies").fetchone()
    lead = word("describe.lead", lang, folder=directory.resolve().name, day=row[0] if row else "")
    return page(words("title"), lead, sections, lang)


def _chart(
    work: duckdb.DuckDBPyConnection, question: Question, files: set[str], lang: Language
) -> Chart:
    """Return the chart of a question; without figures where a table is missing."""
    found = work.execute(question.sql).fetchall() if question.needs <= files else []
    labels = [_label(question, row[0], lang) for row in found]
    names = [word(f"describe.series_{name}", lang) for name in question.series]
    unit = word(f"describe.unit_{question.unit}", lang)
    figures = [[float(row[place + 1] or 0) for row in found] for place in range(len(names) or 1)]
    form: Form = question.form
    return Chart(
        title=word(f"describe.chart_{question.name}", lang),
        unit=unit,
        labels=labels,
        series=dict(zip(names or [unit], figures, strict=True)),
        form=form,
        axis=word(f"describe.axis_{question.axis}", lang) if question.axis else "",
        stacked=question.stacked,
    )


def _label(question: Question, value: object, lang: Language) -> str:
    if question.axis == "cny":
        return short(float(str(value)), lang)
    return _named(f"{question.named}_{value}", str(value), lang) if question.named else str(value)


def _named(key: str, value: str, lang: Language) -> str:
    entry = catalogue().get(f"describe.{key}")
    return entry[lang] if entry else value.replace("_", " ")


def _reading(file: Path) -> str:
    path = str(file).replace("'", "''")
    if file.suffix == ".parquet":
        return f"read_parquet('{path}')"
    return f"read_csv('{path}', header = true, all_varchar = true)"


def _number(work: duckdb.DuckDBPyConnection, sql: str) -> float:
    row = work.execute(sql).fetchone()
    return float(row[0] or 0) if row else 0.0
