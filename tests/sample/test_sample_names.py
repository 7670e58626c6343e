"""Names are as common and as rare as in life."""

from __future__ import annotations

import numpy as np
import pytest

from graphcrm.sample import names
from graphcrm.sample.columns import Ints
from graphcrm.sample.name_slips import shape_alike, sound_alike
from graphcrm.sample.name_stock import stock

SEED = 21
ROWS = 200_000


@pytest.fixture(scope="module")
def drawn() -> names.Names:
    print("seed", SEED)
    rng = np.random.default_rng(SEED)
    nobody, male = np.zeros(ROWS, np.bool_), rng.random(ROWS) < 0.5
    year = rng.integers(1940, 2020, ROWS)
    given = names.draw_given(rng, nobody, male, year)
    return names.Names(names.draw_surnames(rng, nobody), *given, nobody)


def shares(values: Ints) -> list[float]:
    _, count = np.unique(values, return_counts=True)
    return sorted((count / count.sum()).tolist(), reverse=True)


def written(book: names.Names, style: int = names.PLAIN) -> list[str]:
    rows = len(book.surname)
    column = names.column(book, np.ones(rows, np.bool_), np.full(rows, style))
    found: list[str] = column.to_pylist()
    return found


def test_surnames_have_the_head_and_the_tail_of_the_report_on_names(drawn: names.Names) -> None:
    """30.8 % have the five most common surnames and 85.9 % the hundred most common ones."""
    share = shares(drawn.surname)
    assert 0.29 < sum(share[:5]) < 0.32
    assert 0.82 < sum(share[:100]) < 0.88
    assert len(share) > 900
    assert share[0] / share[99] > 20


def test_given_names_have_a_long_tail(drawn: names.Names) -> None:
    whole = shares(drawn.given_1 * 10_000 + drawn.given_2)
    assert 0.002 < whole[0] < 0.02
    assert len(whole) > 25_000
    assert sum(share for share in whole if share * ROWS < 1.5) > 0.05  # had by one person only
    single = float((drawn.given_2 < 0).mean())
    assert 0.12 < single < 0.276


def test_most_whole_names_are_rare_and_some_are_very_common(drawn: names.Names) -> None:
    _, count = np.unique(written(drawn), return_counts=True)
    assert 20 < count.max() < 400
    assert (count == 1).sum() / ROWS > 0.4


@pytest.mark.parametrize(
    ("style", "text"),
    [
        (names.PLAIN, "张伟"), (names.HONORIFIC, "张伟先生"), (names.TRADITIONAL, "張偉"),
        (names.CAPITALS, "ZHANG WEI"), (names.PINYIN, "Zhang Wei"),
        (names.PINYIN_LAST, "Wei Zhang"),
    ],
)  # fmt: skip
def test_name_is_written_in_its_style(style: int, text: str) -> None:
    words = stock()
    zhang = np.array([words.surnames.index("张")])
    wei = np.array([words.characters.index("伟")])
    one = names.Names(zhang, wei, np.array([-1]), np.array([False]))
    assert written(one, style) == [text]
    column = names.column(one, np.array([True]), np.array([names.PLAIN]), zhang)
    assert column.to_pylist() == ["张张伟"]
    english = written(one, names.ENGLISH)[0]
    assert english.endswith(" Zhang")
    assert english.split()[0] in words.western_given


def test_surnames_are_read_in_their_own_way() -> None:
    words = stock()
    readings = dict(zip(words.surnames, words.surname_readings, strict=True))
    assert [readings[s] for s in ("单", "仇", "曾", "解", "欧阳")] == [
        "shan", "qiu", "zeng", "xie", "ouyang",
    ]  # fmt: skip
    assert all(reading.isascii() and reading.isalpha() for reading in readings.values())


def test_look_alikes_and_sound_alikes_are_other_characters(drawn: names.Names) -> None:
    words = stock()
    for change, groups in ((sound_alike, words.sound), (shape_alike, words.shape)):
        copy = names.Names(*(part.copy() for part in vars(drawn).values()))
        at = np.arange(2_000)
        change(np.random.default_rng(SEED), copy, at)
        second = (drawn.given_2[at] >= 0) & (groups.count[np.maximum(drawn.given_2[at], 0)] > 0)
        rows = at[second]
        assert len(rows) > 400
        assert (copy.given_2[rows] != drawn.given_2[rows]).all()
        assert (copy.given_1[rows] == drawn.given_1[rows]).all()
        for old, new in zip(drawn.given_2[rows], copy.given_2[rows], strict=True):
            start = groups.start[old]
            assert new in groups.others[start : start + groups.count[old]]
