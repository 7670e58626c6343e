"""The report as a page: one file, no script, nothing from the network."""

import base64
import datetime as dt
import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import DictLoader, Environment, StrictUndefined
from markupsafe import Markup

from graphcrm.export import replacing
from graphcrm.picture.charts import Chart, figure
from graphcrm.picture.palette import ACCENT, FONTS
from graphcrm.quality.assessment import Assessment
from graphcrm.quality.defaults import LEAST_HOLDERS, TIMES_USUAL
from graphcrm.quality.figures import by_group, overall
from graphcrm.quality.naming import count, label_name, percent
from graphcrm.quality.sheets import default_rows, heat, reference_rows
from graphcrm.quality.steps import next_steps
from graphcrm.words import Language, catalogue, word

_KEYS = ("missing", "invalid", "suspicious", "references", "nonconforming")
_METHOD = ("records", "missing", "invalid", "default", "form", "order")
_GROUPED = ("Person", "Institution", "Policy")


def write_report(found: Assessment, path: Path, *, graph: str, lang: Language) -> None:
    """Write what was found as an HTML page; `graph` names the graph in its head.

    The page runs no script and needs no network. The file appears whole or not at all. Raises
    UsageError for a place that can't be written.
    """
    with replacing(path) as draft:
        draft.write_text(report(found, graph=graph, lang=lang), encoding="utf-8", newline="\n")


def report(found: Assessment, *, graph: str, lang: Language) -> str:
    """The HTML of the page."""
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
        lang="zh-CN" if lang == "zh" else "en",
        policy=_policy(style),
        style=Markup(style),
        words=_words(lang),
        **_content(found, graph, lang),
    )
    return f"{drawn}\n"


def _content(found: Assessment, graph: str, lang: Language) -> dict[str, Any]:
    totals = found.totals.to_pylist()
    records = sum(row["records"] for row in totals)
    defaults, more_defaults = default_rows(found, lang)
    references, more_references = reference_rows(found)
    return {
        "lead": _lead(found, graph, records, lang),
        "records": records,
        "keys": _keys(found, lang),
        "overall": _drawn(overall(found, lang), "overall", lang),
        "heat": heat(found, lang),
        "groups": _groups(found, lang),
        "defaults": defaults,
        "more_defaults": _hidden(more_defaults, "quality --by default --limit 0", lang),
        "has_sources": any(row["sources"] for row in defaults),
        "references": references,
        "more_references": _hidden(more_references, "quarantine list --limit 0", lang),
        "steps": next_steps(found, lang),
        "method": [
            word(f"quality.method_{name}", lang, least=LEAST_HOLDERS, times=TIMES_USUAL)
            for name in _METHOD
        ],
    }


def _lead(found: Assessment, graph: str, records: int, lang: Language) -> str:
    place = graph.removeprefix("sqlite:///")
    known = {"graph": place, "day": dt.date.today().isoformat(), "records": count(records)}
    if found.label is None:
        return word("quality.lead", lang, **known)
    return word("quality.lead_label", lang, label=label_name(found.label, lang), **known)


def _keys(found: Assessment, lang: Language) -> list[tuple[str, str, str]]:
    totals = found.totals.to_pylist()
    records, affected = (sum(row[n] for row in totals) for n in ("records", "affected"))
    keys = [
        (word("quality.key_records", lang), count(records), ""),
        (word("quality.key_affected", lang), count(affected), percent(affected, records)),
    ]
    for name in _KEYS:
        number = sum(row[name] for row in totals)
        keys.append((word(f"quality.key_{name}", lang), count(number), ""))
    return keys


def _groups(found: Assessment, lang: Language) -> list[dict[str, Any]]:
    wrong = {row["label"] for row in found.totals.to_pylist() if row["problems"]}
    sections = []
    for label in _GROUPED:
        charts = by_group(found, label, lang) if label in wrong else []
        if charts:
            heading = word("quality.section_groups", lang, label=label_name(label, lang))
            sections.append({"heading": heading, "charts": _drawn(charts, label.lower(), lang)})
    return sections


def _drawn(charts: list[Chart], name: str, lang: Language) -> list[Markup]:
    return [Markup(figure(c, f"{name}-{n}", lang)) for n, c in enumerate(charts) if c.labels]


def _hidden(number: int, command: str, lang: Language) -> str:
    if not number:
        return ""
    return word("quality.hidden", lang, n=count(number), command=f"graphcrm {command}")


def _words(lang: Language) -> dict[str, str]:
    return {
        key.removeprefix("quality."): texts[lang]
        for key, texts in catalogue().items()
        if key.startswith("quality.")
    }


def _policy(style: str) -> str:
    """A content security policy: this very style, nothing else, no script, no network."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _text(name: str) -> str:
    return (files("graphcrm.quality") / "page" / name).read_text(encoding="utf-8")
