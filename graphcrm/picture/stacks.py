"""Lying bars of several series, one on the end of the other."""

from __future__ import annotations

from collections.abc import Sequence

from graphcrm.picture.marks import fitting, rect, rule, short, text
from graphcrm.words import Language

WIDTH = 560
_LABEL, _VALUE = 176, 56
_ROW, _THICK = 24, 14


def stacked_bars(
    labels: Sequence[str],
    series: Sequence[Sequence[float]],
    mark: float | None,
    lang: Language,
) -> tuple[str, int]:
    """Return the marks of a chart and its height; the sums stand behind the bars.

    `mark` is a figure that all are compared with, drawn as a line across them.
    """
    sums = [sum(values[row] for values in series) for row in range(len(labels))]
    top = max(*sums, mark or 0.0) or 1.0
    room, high = WIDTH - _LABEL - _VALUE, len(labels) * _ROW
    out = [rule(_LABEL, 0, _LABEL, high)]
    for row, label in enumerate(labels):
        middle, x = row * _ROW + _ROW / 2, float(_LABEL)
        out.append(text(_LABEL - 8, middle + 4, fitting(label), "end"))
        for place, values in enumerate(series):
            long = values[row] / top * room
            if long:
                out.append(rect(x, middle - _THICK / 2, long, _THICK, place))
            x += long
        out.append(text(x + 6, middle + 4, short(sums[row], lang), "start", "v"))
    if mark is not None:
        at = _LABEL + mark / top * room
        out.append(f'<line class="a" x1="{at:.1f}" y1="0" x2="{at:.1f}" y2="{high}"/>')
    return "".join(out), high + 8
