"""Charts: well-formed, labelled, with a table behind them, and nothing fetched."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from graphcrm.picture.charts import Chart, Form, Section, figure, page
from graphcrm.picture.marks import short, ticks
from graphcrm.words import Language

FORMS: list[Form] = ["bars", "columns", "line", "pyramid"]


def chart(form: Form, *, stacked: bool = False) -> Chart:
    return Chart(
        "A <title> & more", "pieces", ["one", "two", "<three>"],
        {"first": [1, 2_500, 0], "second": [0.5, 12, 7]}, form, "what", "a note", stacked,
    )  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_chart_is_well_formed_and_says_what_it_shows(form: Form, lang: Language) -> None:
    html = figure(chart(form), "c", lang)
    tree = ElementTree.fromstring(html.replace("&nbsp;", " "))
    svg = tree.find("svg")
    assert svg is not None
    assert svg.attrib["role"] == "img"
    assert [part.tag for part in list(svg)[:2]] == ["title", "desc"]
    assert svg[0].text == "A <title> & more"
    table = tree.find("details/table")
    assert table is not None
    assert len(table.findall("tbody/tr")) == 3
    assert [c.text for c in table.iter("td")] == ["1", "0.50", "2,500", "12", "0", "7"]


def test_no_mark_leaves_the_picture() -> None:
    for form in FORMS:
        html = figure(chart(form, stacked=form == "columns"), "c", "en")
        box = re.search(r'viewBox="0 0 (\d+) (\d+)" role', html)
        assert box is not None
        for x, y, wide, tall in re.findall(
            r'<rect x="([-\d.]+)" y="([-\d.]+)" width="([-\d.]+)" height="([-\d.]+)"', html
        ):
            assert 0 <= float(x) <= float(x) + float(wide) <= int(box[1])
            assert 0 <= float(y) <= float(y) + float(tall) <= int(box[2])


@pytest.mark.parametrize("values", [[], [0, 0]])
def test_nothing_to_show_is_said(values: list[float]) -> None:
    empty = Chart("T", "u", [str(v) for v in values], {"a": values})
    assert "Nothing of this" in figure(empty, "c", "en")


@pytest.mark.parametrize(("top", "expected"), [
    (0.9, [0, 0.2, 0.4, 0.6, 0.8, 1.0]), (100, [0, 20, 40, 60, 80, 100]), (7, [0, 2, 4, 6, 8]),
])  # fmt: skip
def test_ticks_are_round_and_reach_the_top(top: float, expected: list[float]) -> None:
    assert ticks(top) == pytest.approx(expected)


@pytest.mark.parametrize(("value", "en", "zh"), [
    (1_234, "1,234", "1,234"), (123_000, "123,000", "12.3万"), (1_200_000, "1.2M", "120万"),
    (1.5e9, "1.5bn", "15亿"), (0.25, "0.2", "0.2"), (0, "0", "0"),
])  # fmt: skip
def test_figures_are_written_as_their_reader_does(value: float, en: str, zh: str) -> None:
    assert (short(value, "en"), short(value, "zh")) == (en, zh)


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    html = page("T", "lead", [Section("H", [chart("bars")], key_figures={"a": "1"})], "en")
    assert "default-src 'none'" in html
    assert "<script" not in html
    assert not re.search(r"(src|href)=|url\(|@import", html)
