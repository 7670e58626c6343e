"""Which pairs are compared, against plain Python."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine import blocking, blocks
from graphcrm.duplicates.engine.blocking import candidate_pairs
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Kind
from graphcrm.duplicates.engine.keys import keys_of
from tests.duplicates.listing import table

ROLES = {
    "name": Role.NAME,
    "born": Role.BIRTH_DATE,
    "phone": Role.PHONE,
    "sex": Role.SEX,
    "street": Role.ADDRESS,
}
Pair = tuple[int, int]


def pairs(fields: list[Field]) -> list[Pair]:
    left, right, _ = candidate_pairs(fields)
    return list(zip(left.tolist(), right.tolist(), strict=True))


def people(rows: int, seed: int, kinds: int) -> list[Field]:
    """Records that have nothing to do with one another, of so many kinds of each value."""
    chance = random.Random(seed)

    def known(text: str) -> str | None:
        return None if chance.random() < 0.1 else text

    return fields_of(
        table(
            name=[known(_name(chance, kinds)) for _ in range(rows)],
            born=[known(f"{1950 + chance.randrange(kinds)}-01-{10 + chance.randrange(18)}")
                  for _ in range(rows)],
            phone=[known(f"13{chance.randrange(kinds):04}{chance.randrange(kinds * 50):05}")
                   for _ in range(rows)],
            sex=[known(chance.choice("MF")) for _ in range(rows)],
            street=[known(f"{chance.randrange(kinds)} road{chance.randrange(kinds)}")
                    for _ in range(rows)],
        ),
        ROLES,
    )  # fmt: skip


def _name(chance: random.Random, kinds: int) -> str:
    first, last = (chr(97 + chance.randrange(min(kinds, 26))) for _ in range(2))
    return f"{first}{first}ab{chance.choice('uvw')} {last}{last}yz{chance.choice('uvw')}"


def share_one(fields: list[Field], a: int, b: int) -> bool:
    """Whether two records share a value or a word of more than a category."""
    for field in fields:
        one, other = int(field.codes[a]), int(field.codes[b])
        if field.kind is Kind.CATEGORY or min(one, other) < 0:
            continue
        if one == other or set(str(field.values[one]).split()) & set(
            str(field.values[other]).split()
        ):
            return True
    return False


def share_two(fields: list[Field], a: int, b: int) -> bool:
    """Whether two records agree in parts of two fields, or in both parts of a person's name."""
    agree = []
    for field in fields:
        one, other = int(field.codes[a]), int(field.codes[b])
        if field.kind is not Kind.CATEGORY and min(one, other) >= 0:
            agree += [field for coarse in field.coarse if coarse.codes[one] == coarse.codes[other]]
    return any(x is not y or x.person for x, y in combinations(agree, 2))


@pytest.mark.parametrize("seed", range(8))
def test_on_a_short_list_every_pair_that_shares_something(seed: int) -> None:
    print("seed", seed)
    fields = people(30, seed, 12)
    every = list(combinations(range(30), 2))
    expected = [p for p in every if share_one(fields, *p) or share_two(fields, *p)]
    assert expected == pairs(fields)
    assert 0 < len(expected) < len(every)
    alone = [p for p in expected if not share_one(fields, *p)]
    assert alone  # the second way is needed


@pytest.mark.parametrize("rows", [500, 4_000])
def test_every_pair_once_in_order(rows: int) -> None:
    found = pairs(people(rows, 1, 25))
    assert found == sorted(set(found))
    assert all(0 <= left < right < rows for left, right in found)
    assert found


ALIKE = {
    "a rare value": (
        {"phone": "13800138000", "street": "1 a"},
        {"phone": "+86 13800138000", "street": "2 b"},
    ),
    "a rare word": ({"name": "zebulon quux"}, {"name": "anna maria quux"}),
    "two rare parts": (
        {"name": "xylophon a", "born": "1801-05-06"},
        {"name": "xylostera b", "born": "1801-07-08"},
    ),
    "the sound of a name": ({"name": "阚璇"}, {"name": "阚旋"}),
}


@pytest.mark.parametrize("alike", ALIKE)
def test_what_shares_something_rare_is_found_among_many(alike: str) -> None:
    rows = 3_000
    chance = random.Random(2)
    made: dict[str, list[str | None]] = {
        "name": [_name(chance, 26) for _ in range(rows)],
        "born": [f"{1950 + chance.randrange(50)}-01-{10 + n % 18}" for n in range(rows)],
        "phone": [f"139{n * 7919 % 10**8:08}" for n in range(rows)],
        "sex": [chance.choice("MF") for _ in range(rows)],
        "street": [f"{n} road{chance.randrange(9)}" for n in range(rows)],
    }
    one, other = 17, 2_900
    for row, values in zip((one, other), ALIKE[alike], strict=True):
        for name in made:
            made[name][row] = values.get(name)
    assert (one, other) in pairs(fields_of(table(**made), ROLES))


def test_what_all_share_makes_no_pair() -> None:
    rows = 200
    same = table(name=["anna smith"] * rows, born=["1990-01-02"] * rows, sex=["F"] * rows)
    assert pairs(fields_of(same, {k: ROLES[k] for k in same.column_names})) == []


def test_a_block_that_is_too_large_is_split_by_the_whole_values() -> None:
    rows = 3_600
    # All years and all beginnings of postcodes are equal; one holds each day and postcode.
    born = [f"1990-{n % 60 // 6 + 1:02}-{n % 6 + 10}" for n in range(rows)]
    postcode = [f"5100{n // 60:02}" for n in range(rows)]
    born[3_000], postcode[3_000] = born[7], postcode[7]
    roles = {"born": Role.BIRTH_DATE, "postcode": Role.POSTCODE}
    year, _, beginning = keys_of(fields_of(table(born=born, postcode=postcode), roles))
    for most, expected in ((2.0, [7 * rows + 3_000]), (0.5, [])):
        bounds = blocks.Bounds(rows, 2, most, 0.0, [])
        found = blocks.by_two((year, beginning), bounds, None, None)
        assert found.pairs.tolist() == expected


def test_both_parts_of_a_persons_name_are_enough_but_not_of_another_value() -> None:
    nearly = ["ggabu kkyzv", "ggabw kkyzw", "mmabu iiyzv"]
    assert pairs(fields_of(table(name=nearly), {"name": Role.NAME})) == [(0, 1)]
    beside = table(street=nearly, name=["xxa yyb", "vvc wwd", "tte uuf"])
    assert pairs(fields_of(beside, {"street": Role.ADDRESS, "name": Role.NAME})) == []


def test_the_budget_of_accidental_pairs_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 2_000
    fields = people(rows, 4, 20)
    free = len(pairs(fields))
    found = []
    for per_record in (2.0, 8.0):
        monkeypatch.setattr(blocking, "ACCIDENTAL", (per_record, per_record))
        found.append(len(pairs(fields)))
        assert found[-1] < 1.7 * per_record * rows
    assert 0 < found[0] < found[1] < free


def test_of_too_many_pairs_the_rarest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    fields = people(600, 5, 20)
    every = pairs(fields)
    monkeypatch.setattr(blocking, "MOST", 1_000)
    monkeypatch.setattr(blocking, "MOST_PER_RECORD", 0)
    found = pairs(fields)
    assert 1_000 <= len(found) < 1_100 < len(every)
    assert set(found) < set(every)
    parts = [field for field in fields if field.kind is not Kind.CATEGORY]

    def agreeing(chosen: set[Pair]) -> float:
        """In how many fields of several values pairs are equal."""
        a, b = np.array(sorted(chosen)).T
        return float(np.mean([(f.codes[a] == f.codes[b]) & (f.codes[a] >= 0) for f in parts]))

    assert agreeing(set(found)) > 1.5 * agreeing(set(every) - set(found))


def test_nothing_to_block_by() -> None:
    assert pairs(fields_of(table(sex=["M", "F", "M"]), {"sex": Role.SEX})) == []
    assert pairs(fields_of(table(name=["anna smith", None]), {"name": Role.NAME})) == []
