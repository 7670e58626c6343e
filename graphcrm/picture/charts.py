"""Charts as plain SVG, and a page of them: one file, no script, nothing from the network.

A `Chart` says what it shows, in which unit, and has its figures as a table behind it. Use `page` to
put several into an HTML document; every text is given by the caller, in one language.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Literal

from graphcrm.picture.marks import SERIES, fitting, rect, rule, short, text, ticks
from graphcrm.picture.palette import ACCENT, FONTS
from graphcrm.picture.stacks import stacked_bars
from graphcrm.words import Language, word

Form = Literal["bars", "columns", "line", "pyramid"]

_WIDTH, _HEIGHT = 560, 256
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 16, 32
_ROW, _LABEL, _VALUE = 24, 176, 72


@dataclass(frozen=True)
class Chart:
    """Figures of one or more series over the same labels, and the form to show them in.

    `bars` lie, one to a label, for names; `columns` stand side by side, for a histogram or years
    (`stacked` puts one series on the other); a `line` is for many points in time; a `pyramid` has
    the first series to the left and the second to the right. `unit` is what the figures count.
    Stacked bars may have a `mark`, a line across all at that figure. `more` are further columns of
    the table behind the chart, as texts.
    """

    title: str
    unit: str
    labels: Sequence[str]
    series: dict[str, Sequence[float]]
    form: Form = "bars"
    axis: str = ""
    note: str = ""
    stacked: bool = False
    mark: float | None = None
    more: dict[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    """A heading and the charts under it; `lead` says in a sentence what is to be seen."""

    heading: str
    charts: Sequence[Chart]
    lead: str = ""
    key_figures: dict[str, str] = field(default_factory=dict)


def page(title: str, lead: str, sections: Sequence[Section], lang: Language) -> str:
    """Return an HTML document with the sections; it runs no script and fetches nothing."""
    code = "zh-CN" if lang == "zh" else "en"
    css = (files("graphcrm.picture") / "page" / "charts.css").read_text(encoding="utf-8")
    style = f":root {{ --accent: {ACCENT}; --fonts: {FONTS}; }}\n{css}"
    policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
    body = "\n".join(_section(section, number, lang) for number, section in enumerate(sections))
    return (
        f'<!DOCTYPE html>\n<html lang="{code}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{style}</style></head>\n"
        f"<body><header><h1>{escape(title)}</h1><p>{escape(lead)}</p></header>\n"
        f"<main>{body}</main></body></html>\n"
    )


def figure(chart: Chart, name: str, lang: Language) -> str:
    """Return one chart as an HTML figure; `name` is its id, which no other one of a page has."""
    rows = len(chart.labels)
    if rows == 0 or not any(any(values) for values in chart.series.values()):
        drawn = f'<p class="empty">{escape(word("charts.nothing", lang))}</p>'
    else:
        draw = {"bars": _bars, "pyramid": _pyramid, "line": _line, "columns": _columns}[chart.form]
        marks, height = draw(chart, lang)
        summary = word("charts.summary", lang, title=chart.title, unit=chart.unit, n=rows)
        drawn = (
            f'<svg viewBox="0 0 {_WIDTH} {height}" role="img"'
            f' aria-labelledby="{name}-t {name}-d"><title id="{name}-t">{escape(chart.title)}'
            f'</title><desc id="{name}-d">{escape(summary)}</desc>{marks}</svg>'
        )
    note = f'<p class="note">{escape(chart.note)}</p>' if chart.note else ""
    return (
        f"<figure><figcaption><h3>{escape(chart.title)}</h3>"
        f'<span class="unit">{escape(chart.unit)}</span>{_legend(chart)}</figcaption>'
        f"{drawn}{note}{_table(chart, lang)}</figure>"
    )


def _section(section: Section, number: int, lang: Language) -> str:
    lead = f"<p>{escape(section.lead)}</p>" if section.lead else ""
    keys = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in section.key_figures.items()
    )
    charts = "\n".join(
        figure(chart, f"c{number}-{place}", lang) for place, chart in enumerate(section.charts)
    )
    return (
        f"<section><h2>{escape(section.heading)}</h2>{lead}"
        f"{f'<dl>{keys}</dl>' if keys else ''}<div class='charts'>{charts}</div></section>"
    )


def _bars(chart: Chart, lang: Language) -> tuple[str, int]:
    if chart.stacked:
        return stacked_bars(chart.labels, list(chart.series.values()), chart.mark, lang)
    names, rows = list(chart.series), len(chart.labels)
    thick = 16 / len(names) if len(names) > 1 else 14
    room = _WIDTH - _LABEL - _VALUE
    top = max(max(values) for values in chart.series.values()) or 1
    out = []
    for row, label in enumerate(chart.labels):
        middle = row * _ROW + _ROW / 2
        out.append(text(_LABEL - 8, middle + 4, fitting(label), "end"))
        for place, name in enumerate(names):
            value = chart.series[name][row]
            y = middle - thick * len(names) / 2 + place * thick
            long = max(value / top * room, 1.0 if value else 0.0)
            out.append(rect(_LABEL, y, long, thick, place))
            if len(names) == 1:
                out.append(text(_LABEL + long + 6, middle + 4, short(value, lang), "start", "v"))
    return rule(_LABEL, 0, _LABEL, rows * _ROW) + "".join(out), rows * _ROW + 8


def _pyramid(chart: Chart, lang: Language) -> tuple[str, int]:
    left, right = list(chart.series)[:2]
    rows, middle, gap = len(chart.labels), _WIDTH / 2, 32
    top = ticks(max(*chart.series[left], *chart.series[right]))[-1]
    room, thick, out = middle - gap - 8, 16, []
    for row, label in enumerate(chart.labels):
        y = (rows - 1 - row) * (thick + 2)
        out.append(text(middle, y + 12, label, "middle"))
        for place, name in enumerate((left, right)):
            long = chart.series[name][row] / top * room
            x = middle + gap if place else middle - gap - long
            out.append(rect(x, y, long, thick, place))
    foot = rows * (thick + 2) + 16
    for value in (0.0, top / 2, top):
        for side in (-1, 1):
            x = middle + side * (gap + value / top * room)
            anchor = "middle" if value < top else "start" if side < 0 else "end"
            out.append(text(x, foot, short(value, lang), anchor, "t"))
    return "".join(out), int(foot + 8)


def _frame(chart: Chart, lang: Language, highest: float, columns: int) -> tuple[str, float]:
    """Return gridlines, ticks and labels of the upright charts, and the figure at the top."""
    steps = ticks(highest)
    top, low = steps[-1], _HEIGHT - _BOTTOM
    out = []
    for value in steps:
        y = low - value / top * (low - _TOP)
        out.append(rule(_LEFT, y, _WIDTH - _RIGHT, y))
        out.append(text(_LEFT - 8, y + 4, short(value, lang), "end", "t"))
    each = (_WIDTH - _LEFT - _RIGHT) / columns
    widest = max(len(label.encode("gbk", "replace")) for label in chart.labels) * 6.6 + 10
    every = max(1, math.ceil(widest / each))
    for place in range(0, columns, every):
        x = _LEFT + each * (place + 0.5)
        out.append(text(x, low + 16, chart.labels[place], "middle", "t"))
    if chart.axis:
        out.append(text(_WIDTH - _RIGHT, _HEIGHT + 2, chart.axis, "end", "t"))
    return "".join(out), top


def _columns(chart: Chart, lang: Language) -> tuple[str, int]:
    rows, names = len(chart.labels), list(chart.series)
    sums = [sum(chart.series[name][row] for name in names) for row in range(rows)]
    highest = max(sums) if chart.stacked else max(max(values) for values in chart.series.values())
    frame, top = _frame(chart, lang, highest, rows)
    each, low = (_WIDTH - _LEFT - _RIGHT) / rows, _HEIGHT - _BOTTOM
    wide = max(each * 0.84, 1) / (1 if chart.stacked else len(names))
    out = []
    for row in range(rows):
        x, base = _LEFT + each * (row + 0.08), float(low)
        for place, name in enumerate(names):
            tall = chart.series[name][row] / top * (low - _TOP)
            out.append(rect(x, base - tall, wide, tall, place))
            x, base = (x, base - tall) if chart.stacked else (x + wide, base)
    return frame + "".join(out), _HEIGHT + 8


def _line(chart: Chart, lang: Language) -> tuple[str, int]:
    rows = len(chart.labels)
    highest = max(max(values) for values in chart.series.values())
    frame, top = _frame(chart, lang, highest, rows)
    each, low, out = (_WIDTH - _LEFT - _RIGHT) / rows, _HEIGHT - _BOTTOM, []
    for place, values in enumerate(chart.series.values()):
        points = " ".join(
            f"{_LEFT + each * (row + 0.5):.1f},{low - value / top * (low - _TOP):.1f}"
            for row, value in enumerate(values)
        )
        out.append(f'<polyline class="l" points="{points}" stroke="{SERIES[place]}"/>')
    return frame + "".join(out), _HEIGHT + 8


def _legend(chart: Chart) -> str:
    if len(chart.series) < 2:
        return ""
    entries = (
        f'<li><svg viewBox="0 0 12 12"><rect width="12" height="12" fill="{SERIES[place]}"/></svg>'
        f"{escape(name)}</li>"
        for place, name in enumerate(chart.series)
    )
    return f"<ul>{''.join(entries)}</ul>"


def _table(chart: Chart, lang: Language) -> str:
    named = [*chart.series, *chart.more]
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in named)
    rows = "".join(
        f"<tr><th scope='row'>{escape(label)}</th>"
        + "".join(f"<td>{_exact(values[row])}</td>" for values in chart.series.values())
        + "".join(f"<td>{escape(values[row])}</td>" for values in chart.more.values())
        + "</tr>"
        for row, label in enumerate(chart.labels)
    )
    label = escape(chart.axis or word("charts.what", lang))
    return (
        f"<details><summary>{escape(word('charts.table', lang))}</summary><table>"
        f"<thead><tr><th scope='col'>{label}</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "</details>"
    )


def _exact(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
