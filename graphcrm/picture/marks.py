"""What charts are drawn with: bars, lines and words as SVG, round figures, colours of series."""

from __future__ import annotations

import math
from html import escape

from graphcrm.picture.palette import ACCENT
from graphcrm.words import Language

SERIES = (ACCENT, "#E69F00", "#009E73", "#CC79A7", "#56B4E9")
"""Colours of the series of one chart, the first the product's own; they stay apart for everybody
(Okabe and Ito, 2008), and the legend names them in the order of the bars."""


def short(value: float, lang: Language) -> str:
    """Return a figure as its reader writes it: 12,300 and 1.2M, or 1.2万 and 1.2亿."""
    steps = [(1e8, "亿"), (1e4, "万")] if lang == "zh" else [(1e9, "bn"), (1e6, "M")]
    for least, unit in steps:
        if abs(value) >= least:
            return f"{value / least:,.1f}".removesuffix(".0") + unit
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:,.1f}"


def ticks(top: float, least: int = 3) -> list[float]:
    """Return round figures from 0 to at least `top`, in steps of 1, 2 or 5 times a power of ten."""
    raw = max(top, 1e-9) / least
    power = 10.0 ** math.floor(math.log10(raw))
    step = max(s * power for s in (1, 2, 5) if s * power <= raw)
    return [n * step for n in range(math.ceil(top / step - 1e-9) + 1)]


def fitting(label: str) -> str:
    """Return a label that fits beside its bar; the table has it in full."""
    size = 0
    for place, sign in enumerate(label):
        size += 2 if ord(sign) > 0x2E80 else 1
        if size > 24:
            return label[: place - 1] + "…"
    return label


def text(x: float, y: float, words: str, anchor: str, kind: str = "n") -> str:
    """Return words at a place; `kind` t is a tick, v a value beside its bar."""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(words)}</text>'


def rect(x: float, y: float, wide: float, tall: float, place: int) -> str:
    """Return a bar in the colour of its series."""
    colour = SERIES[place % len(SERIES)]
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{colour}"/>'


def rule(x: float, y: float, to_x: float, to_y: float) -> str:
    """Return a thin line."""
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'
