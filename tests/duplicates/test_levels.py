"""How far two values agree, level by level."""

from __future__ import annotations

import pytest

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine.agreement import compare, value_pairs
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.evidence import level_name, level_names
from graphcrm.duplicates.engine.fields import Field, Kind
from graphcrm.duplicates.engine.levels import LEVELS, NAMES
from graphcrm.duplicates.engine.shared_words import BANDS, FORMS, information, shared_words
from tests.duplicates.listing import field, numbers, table

MANY = [f"filler{letter}" for letter in "abcdefghijklm"]
"""So many values that a text is not taken for a category."""


def level(role: Role, one: str | None, other: str | None, *further: str | None) -> str:
    """The level of two values, in a list with others; the same from either side."""
    made = field(role, one, other, *further)
    here, back = compare([made], numbers([0, 1]), numbers([1, 0]))[:, 0].tolist()
    assert here == back
    return level_name(made.kind, here)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("1990-01-02", "1990/1/2", "equal"),
        ("1990-01-02", "1990-01-03", "one_edit"),
        ("1990-01-21", "1990-01-12", "one_edit"),
        ("1990-03-12", "1990-12-03", "day_month_swapped"),
        ("1990-01-12", "1990-01-27", "two_parts_equal"),
        ("1990-01-12", "1980-01-13", "two_edits"),
        ("1990-01-12", "1990-11-27", "same_year"),
        ("1990-01-12", "1991-11-27", "within_2_years"),
        ("1990-01-12", "1998-11-27", "within_10_years"),
        ("1990-01-12", "1962-11-27", "different"),
        ("1990-01-12", None, "missing"),
    ],
)
def test_dates(one: str, other: str | None, expected: str) -> None:
    assert level(Role.BIRTH_DATE, one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("13800138000", "+86 13800138000", "equal"),
        ("13800138000", "13800138001", "one_edit"),
        ("13800138000", "13800138800", "one_edit"),
        ("13800138012", "13800138021", "one_edit"),
        ("13800138000", "1380013800", "one_edit"),
        ("13800138000", "13800131100", "two_edits"),
        ("13800138000", "13800138456", "same_part"),
        ("13800138000", "13755138000", "same_part"),
        ("13800138000", "15912345678", "different"),
        ("13800138000", None, "missing"),
    ],
)
def test_numbers(one: str, other: str | None, expected: str) -> None:
    assert level(Role.PHONE, one, other) == expected


@pytest.mark.parametrize(
    ("holders", "expected"),
    [(2, "equal"), (3, "equal"), (4, "equal_few_hold"), (6, "equal_few_hold"),
     (7, "equal_some_hold"), (20, "equal_some_hold"), (21, "equal_many_hold")],
)  # fmt: skip
def test_the_fewer_hold_a_number_the_more_it_says(holders: int, expected: str) -> None:
    assert level(Role.PHONE, *["13800138000"] * holders, "15912345678") == expected


def test_of_several_numbers_the_best_agreement_counts() -> None:
    phones = {"a": Role.PHONE, "b": Role.PHONE}
    one, other = ["15912345678", "13800138000"], ["13800138000", "17700001111"]
    (both,) = fields_of(table(a=[one[0], other[0]], b=[one[1], other[1]]), phones)
    found = compare([both], numbers([0]), numbers([1]))[0, 0]
    assert level_name(both.kind, int(found)) == "equal"


# Two sound numbers of one district and day.
SOUND, SOUND_TOO = "11010519491231002X", "110105194912310038"


def test_two_sound_resident_ids_are_those_of_two() -> None:
    sound = field(Role.ID_NUMBER, SOUND, SOUND_TOO)
    assert sound.words is not None
    assert sound.words.sound.all()
    assert level(Role.ID_NUMBER, SOUND, SOUND_TOO) == "different"


def test_a_slip_breaks_the_check_digit() -> None:
    assert level(Role.ID_NUMBER, SOUND, "11010519491231003X") == "one_edit"
    assert level(Role.ID_NUMBER, SOUND, "11010519491241003X") == "two_edits"
    assert level(Role.ID_NUMBER, SOUND, "110105491231002") == "equal"


def test_numbers_of_two_kinds_cannot_be_compared() -> None:
    assert level(Role.ID_NUMBER, SOUND, "E12345678") == "missing"
    assert level(Role.ID_NUMBER, "G98765432", "E12345678") == "different"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("518000", "518000", "equal"), ("518000", "518001", "one_edit"),
        ("51800", "5180099", "same_4"), ("518000", "518946", "same_3"),
        ("518000", "519946", "same_2"), ("518000", "539946", "same_1"),
        ("518000", "739946", "different"),
    ],
)  # fmt: skip
def test_codes(one: str, other: str, expected: str) -> None:
    assert level(Role.POSTCODE, one, other) == expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("carpenter", "Carpenter", "equal"),
        ("carpenter", "carpentre", "nearly_equal"),
        ("carpenter", "carpets", "similar"),
        ("carpenter", "painter", "some_letters"),
        ("carpenter", "physician", "different"),
    ],
)
def test_texts(one: str, other: str, expected: str) -> None:
    assert field(Role.OCCUPATION, one, other, *MANY).kind is Kind.TEXT
    assert level(Role.OCCUPATION, one, other, *MANY) == expected


def test_categories() -> None:
    assert level(Role.SEX, "F", "f") == "equal"
    assert level(Role.SEX, "F", "M") == "different"
    assert level(Role.SEX, "F", None) == "missing"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("张伟", "张 伟", "equal"),
        ("Smith, John", "John Smith", "equal"),
        ("john smith", "john", "part_of_other"),
        ("张璇", "张旋", "similar"),  # the same sound
        ("欧阳娜娜", "欧阳娜", "similar"),  # one character of two
        ("欧阳建国", "欧阳建军", "similar"),
        ("john smith", "jhon smith", "similar"),
        ("john smith", "j smith", "similar"),
        ("hendrik smith", "q smith", "partly_similar"),
        ("william smith", "bill smith", "similar"),  # what he is called
        ("billy smith", "will smith", "similar"),  # both of one name
        ("bill smith", "bert smith", "partly_similar"),
        ("张未", "张末", "similar"),  # the same look
        ("张末然", "张未然", "similar"),
        ("张伟", "张强", "partly_similar"),
        ("张伟", "李娜", "different"),
        ("john smith", "peter miller", "different"),
        ("张伟", None, "missing"),
    ],
)
def test_names(one: str, other: str | None, expected: str) -> None:
    assert level(Role.NAME, one, other) == expected


def bands(one: str, other: str, *further: str) -> tuple[int, int]:
    """The form and the band of information of two names."""
    made = field(Role.NAME, one, other, *further)
    found = int(compare([made], numbers([0]), numbers([1]))[0, 0]) - 1
    return found // BANDS, found % BANDS


def test_rare_names_say_more_than_common_ones() -> None:
    common = ["张伟"] * 2_000
    assert bands("张伟", "张伟", *common) == (0, 0)
    rare = bands("阚璇", "阚璇", *common)
    assert rare[0] == 0
    assert rare[1] > 4


@pytest.mark.parametrize(
    ("common", "rare"), [("王强", "欧阳强"), ("李娜", "阚娜"), ("john smith", "zeb quill")]
)
def test_names_that_many_bear_are_common_on_a_short_list_too(common: str, rare: str) -> None:
    others = ["赵敏", "钱进", "anna kern"]
    assert bands(common, common, *others)[1] < bands(rare, rare, *others)[1]


def _shared(one: str, other: str) -> float:
    made = field(Role.NAME, one, other)
    assert made.words is not None
    left, right = numbers(made.codes[:1]), numbers(made.codes[1:])
    return float(shared_words(made.words, information(made), left, right).shared[0])


def test_likeness_says_less_than_equality() -> None:
    equal = _shared("张璇", "张 璇")
    sound, character, nothing = (
        _shared("张璇", "张旋"),
        _shared("张建国", "张建军"),
        _shared("张建国", "张晓丽"),
    )
    assert equal > sound > character > nothing > 0
    letters, initial = _shared("john smith", "jhon smith"), _shared("john smith", "j smith")
    assert (
        _shared("john smith", "smith john") > letters > initial > _shared("john smith", "q smith")
    )


def test_a_word_explains_one_other_only() -> None:
    twice, once = _shared("jhon johm smith", "john smith"), _shared("jhon smith", "john smith")
    assert twice == pytest.approx(once, rel=0.1)


def test_numbers_within_names_are_equal_or_not() -> None:
    assert level(Role.ADDRESS, "12345 road", "12346 road") not in ("equal", "similar")


def test_every_level_has_a_name_and_the_highest_is_equality() -> None:
    for kind, names in NAMES.items():
        assert (len(names), "equal") == (LEVELS[kind], level_name(kind, LEVELS[kind]))
    assert LEVELS[Kind.WORDS] == BANDS * FORMS
    known = level_names()
    for kind, most in LEVELS.items():
        assert {level_name(kind, n) for n in range(most + 1)} <= known


def test_each_pair_of_values_has_one_number() -> None:
    made: Field = field(Role.POSTCODE, "a", "b", None, "a", "c")
    key, known = value_pairs(made, numbers([0, 1, 0, 0, 3]), numbers([1, 0, 2, 4, 1]))
    assert known.tolist() == [0, 1, 3, 4]
    assert key[0] == key[1] == key[3] != key[2]
