"""Columns become fields by the part they play."""

from __future__ import annotations

import pytest

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Kind
from tests.duplicates.listing import field, table


def row(made: Field, position: int) -> str | None:
    """A record's value."""
    code = int(made.codes[position])
    return None if code < 0 else str(made.values[code])


@pytest.mark.parametrize(
    ("role", "kind", "identity"),
    [
        (Role.NAME, Kind.WORDS, True),
        (Role.ORGANISATION, Kind.WORDS, True),
        (Role.BIRTH_DATE, Kind.DATE, True),
        (Role.SEX, Kind.CATEGORY, True),
        (Role.ID_NUMBER, Kind.IDENTIFIER, True),
        (Role.PHONE, Kind.IDENTIFIER, False),
        (Role.EMAIL, Kind.IDENTIFIER, False),
        (Role.ACCOUNT, Kind.IDENTIFIER, False),
        (Role.ADDRESS, Kind.WORDS, False),
        (Role.EMPLOYER, Kind.WORDS, False),
        (Role.POSTCODE, Kind.CODE, False),
        (Role.OCCUPATION, Kind.CATEGORY, False),
    ],
)
def test_a_role_says_how_values_are_compared(role: Role, kind: Kind, identity: bool) -> None:
    values = ["mary 20010102345", None, "paul 20020304567"]
    known = "id" if role is Role.NAME else "name"
    roles = {"c": role, known: Role.ID_NUMBER if role is Role.NAME else Role.NAME}
    found = fields_of(table(c=values, **{known: ["anna smith"] * 3}), roles)
    (made,) = (field for field in found if field.name == "c")
    assert (made.kind, made.identity) == (kind, identity)
    assert made.person == (role is Role.NAME)
    assert made.codes.tolist() == [0, -1, 1]


def test_a_list_without_names_is_known_by_all_that_it_tells() -> None:
    places = table(street=["1 high street", "2 low road"], town=["york", "hull"], sex=["M", "F"])
    roles = {"street": Role.ADDRESS, "town": Role.PLACE, "sex": Role.SEX}
    assert [made.identity for made in fields_of(places, roles)] == [True, True, True]


def test_a_text_is_known_by_its_values() -> None:
    few = field(Role.EVIDENCE, *"abcdefghijkl")
    many = field(Role.EVIDENCE, *"abcdefghijklm")
    words = field(Role.EVIDENCE, *(f"{letter} and more" for letter in "abcdefghijklm"))
    assert [few.kind, many.kind, words.kind] == [Kind.CATEGORY, Kind.TEXT, Kind.WORDS]


def test_columns_of_one_part_make_one_field() -> None:
    phones = {"p1": Role.PHONE, "p2": Role.PHONE}
    (made,) = fields_of(
        table(p1=["13800138000", None, None], p2=["+86 13900139000", "13700137000", ""]), phones
    )
    assert made.name == "p1, p2"
    assert [row(made, n) for n in range(3)] == ["13800138000 13900139000", "13700137000", None]
    assert made.words is not None
    assert made.words.counts(made.codes[:2]).tolist() == [2, 1]


def test_columns_of_other_parts_stay_apart() -> None:
    roles = {"town": Role.PLACE, "state": Role.PLACE}
    found = fields_of(table(town=["york", "hull"], state=["ny", "ma"]), roles)
    assert [made.name for made in found] == ["town", "state"]


def test_a_name_in_parts_ends_with_the_family_name() -> None:
    roles = {"last": Role.FAMILY_NAME, "middle": Role.MIDDLE_NAME, "first": Role.GIVEN_NAME}
    (made,) = fields_of(table(last=["Smith"], middle=["Paul"], first=["John"]), roles)
    assert row(made, 0) == "john paul smith"
    assert made.person


def test_a_chinese_name_in_parts_begins_with_the_family_name() -> None:
    roles = {"名": Role.GIVEN_NAME, "姓": Role.FAMILY_NAME}
    (made,) = fields_of(table(名=["伟", "娜娜"], 姓=["张", "欧阳"]), roles)
    assert [row(made, 0), row(made, 1)] == ["张 伟", "欧阳 娜娜"]


def test_columns_that_say_nothing_make_no_field() -> None:
    columns = table(a=["x", "y"], b=[None, None], c=["", "  "], d=["13800138000", None])
    roles = {"a": Role.IGNORED, "b": Role.NAME, "c": Role.EMAIL, "d": Role.PHONE}
    assert [made.name for made in fields_of(columns, roles)] == ["d"]
    assert fields_of(columns, {}) == []
    assert fields_of(table(n=[]), {"n": Role.NAME}) == []


def test_values_that_are_nearly_equal_share_a_part() -> None:
    names = field(Role.NAME, "张伟", "章伟", "张强", "李娜")
    surname, given = (coarse.codes[names.codes] for coarse in names.coarse)
    assert surname[0] == surname[1] == surname[2] != surname[3]
    assert given[0] == given[1] != given[2]
    dates = field(Role.BIRTH_DATE, "1990-01-02", "1990-03-04", "1980-01-02")
    year, day = (coarse.codes[dates.codes] for coarse in dates.coarse)
    assert year[0] == year[1] != year[2]
    assert day[0] == day[2] != day[1]
    phones = field(Role.PHONE, "13800138000", "13800139999", "13911118000")
    head, tail = (coarse.codes[phones.codes] for coarse in phones.coarse)
    assert head[0] == head[1] != head[2]
    assert tail[0] == tail[2] != tail[1]


def test_words_and_their_holders() -> None:
    made = field(Role.ADDRESS, "1 high street", "high street", "high street", None, "low road")
    assert made.words is not None
    held = dict(zip(made.words.texts.to_pylist(), made.holders.tolist(), strict=True))
    assert held == {"1": 1, "high": 3, "street": 3, "low": 1, "road": 1}
    values = dict(zip(made.values.to_pylist(), made.held.tolist(), strict=True))
    assert values == {"1 high street": 1, "high street": 2, "low road": 1}
