"""Tables and text that fit the terminal, and numbers as the language writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from graphcrm_api.cli import figures, language
from graphcrm_api.cli.fitting import Column, fit
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.wrapping import wrapped


@pytest.fixture
def chinese() -> object:
    language.use("zh")
    yield
    language.use("en")


def test_text_gives_way_before_ids() -> None:
    columns = [Column("id", whole=True), Column("name"), Column("n", number=True)]
    widths = fit(columns, [["P" * 20, "x" * 90, "1,234"]], 60)
    assert widths == [20, 31, 5]


def test_spare_columns_go_from_the_right() -> None:
    columns = [Column("id", whole=True), *(Column(f"c{n}", spare=True) for n in range(9))]
    widths = fit(columns, [["P" * 20, *["x" * 30] * 9]], 50)
    assert widths[0] == 20
    assert [width > 0 for width in widths[1:]] == [True] * 3 + [False] * 6


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=12),
    st.integers(40, 200),
    st.data(),
)
def test_a_table_never_exceeds_its_room(lengths: list[int], room: int, data: st.DataObject) -> None:
    columns = [
        Column("t", whole=data.draw(st.booleans()), spare=data.draw(st.booleans())) for _ in lengths
    ]
    widths = fit(columns, [["x" * length for length in lengths]], room)
    kept = [width for width in widths if width]
    assert sum(kept) + 2 * (len(kept) - 1) <= room


@given(st.text(alphabet="ab 客户，。（）“”1", max_size=300), st.integers(10, 80))
def test_wrapping_loses_nothing_and_fits(words: str, width: int) -> None:
    lines = wrapped(words, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join(words.split()) == "".join("".join(lines).split())


def test_chinese_breaks_between_characters_but_not_before_a_comma() -> None:
    assert wrapped("共一二三四，五六", 10) == ["共一二三", "四，五六"]


def test_figures_in_english() -> None:
    language.use("en")
    assert figures.amount(1234567.4, "CNY") == "CNY 1,234,567"
    assert figures.amounts({"USD": 5.0, "CNY": 10.0}) == "CNY 10, USD 5"
    assert figures.amount(None, "CNY") == ""
    assert figures.share(1, 8) == "12.5%"
    assert figures.share(0, 0) == "–"


@pytest.mark.usefixtures("chinese")
def test_figures_in_chinese() -> None:
    assert figures.amount(99_999, "CNY") == "99,999元"
    assert figures.amount(123_456, "CNY") == "12.3万元"
    assert figures.amount(146_697_199, "CNY") == "1.47亿元"
    assert figures.amounts({"CNY": 10.0, "USD": 5.0}) == "10元、5美元"


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([123_456, 9_800], ["12.35万元", "0.98万元"]),
        ([123_456, 9_800, 0, None], ["12.35万元", "0.98万元", "0.00万元", ""]),
        ([99_999, 9_800], ["99,999元", "9,800元"]),
        ([123_456, 20], ["123,456元", "20元"]),  # 20 would vanish
    ],
)
def test_a_column_has_one_unit(values: list[float | None], written: list[str]) -> None:
    money = figures.AmountColumn({"CNY": value} for value in values)
    assert [money.amount(value, "CNY") for value in values] == written


@pytest.mark.usefixtures("chinese")
def test_currencies_of_a_column_have_units_of_their_own() -> None:
    sums: list[dict[str, float]] = [{"CNY": 597_147.0, "USD": 2_149.0}, {"CNY": 75_649.0}]
    money = figures.AmountColumn(sums)
    assert [money.amounts(s) for s in sums] == ["59.71万元、2,149美元", "7.56万元"]


def test_a_table_says_what_it_left_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = [Column("id", whole=True), Column("silent", spare=True), Column("due", spare=True)]
    complete = Output(as_json=False).table(columns, [["P" * 20, "x" * 30, "y" * 30]], "--out FILE")
    assert not complete
    assert "left out for want of room: due (--out FILE" in " ".join(capsys.readouterr().out.split())
    monkeypatch.setenv("COLUMNS", "100")
    assert Output(as_json=False).table(columns, [["P" * 20, "x" * 30, "y" * 30]])
    assert "left out" not in capsys.readouterr().out
