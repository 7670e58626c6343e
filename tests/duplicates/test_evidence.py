"""What is said of a pair is what decided about it."""

from __future__ import annotations

import math
import random

import numpy as np
import pyarrow as pa
import pytest

from graphcrm.duplicates import Deduped, Role, dedupe
from graphcrm.duplicates.engine.evidence import EVIDENCE, MISSING, START, level_names
from tests.duplicates.listing import numbers, table

ROLES = {
    "name": Role.NAME,
    "born": Role.BIRTH_DATE,
    "sex": Role.SEX,
    "phone": Role.PHONE,
    "postcode": Role.POSTCODE,
    "town": Role.PLACE,
}
SEED = 6


def people() -> pa.Table:
    """Two hundred customers, half of them twice with a slip, some of one household, mixed up."""
    chance = random.Random(SEED)
    rows: list[list[str | None]] = []
    for n in range(200):
        given = "".join(chance.choice("bdfklmnrst") + chance.choice("aeiou") for _ in range(3))
        family = chance.choice(["smith", "miller", "jones", "brown", "wilson", "taylor"])
        row: list[str | None] = [
            f"{given} {family}", f"{1950 + n % 50}-{n % 12 + 1:02}-{n % 28 + 1:02}",
            chance.choice("MF"), f"138{chance.randrange(10**8):08}", f"{510000 + n % 90 * 7}",
            f"town{chr(97 + n % 23)}",
        ]  # fmt: skip
        rows.append(row)
        if n % 2 == 0:
            again = list(row)
            again[chance.randrange(6)] = None
            again[0] = str(again[0] or row[0]).replace("a", "e", 1)
            rows.append(again)
        elif n % 5 == 0:
            rows.append([f"{given[::-1]} {family}", f"{1940 + n % 7}-07-09", *row[2:]])
    chance.shuffle(rows)
    columns = zip(*rows, strict=True)
    return table(**dict(zip(ROLES, columns, strict=True)))


@pytest.fixture(scope="module")
def found() -> Deduped:
    print("seed", SEED)
    return dedupe(people(), ROLES)


def test_weights_add_up_to_the_odds_against_the_stronger_alternative(found: Deduped) -> None:
    every = numbers(range(len(found.pairs)))
    assert len(every) >= 100
    evidence = found.evidence(every)
    assert evidence.schema == EVIDENCE
    pair, weight = evidence["pair"].to_numpy(), evidence["weight"].to_numpy()
    total = np.bincount(pair, weight, len(every))
    matched = found._matched
    assert matched is not None
    odds = matched.odds
    stronger = np.minimum(odds.against_related, odds.against_strangers)[found._chosen]
    related = (odds.against_related < odds.against_strangers)[found._chosen]
    assert {True, False} == set(related.tolist())
    assert total == pytest.approx(stronger / math.log(2), abs=1e-6)
    # In all it is a match less than one bit less likely, as there are two alternatives.
    left = total - found.pairs["weight"].to_numpy()
    assert left.min() > -1e-9
    assert left.max() < 1 + 1e-9


def test_each_pair_has_a_start_and_every_field(found: Deduped) -> None:
    chosen = numbers([5, 0, 17])
    evidence = found.evidence(chosen).to_pylist()
    size = 1 + len(ROLES)
    assert [row["pair"] for row in evidence] == [0] * size + [5] * size + [17] * size
    for start in range(0, len(evidence), size):
        assert (evidence[start]["column"], evidence[start]["level"]) == (None, START)
        assert sorted(ROLES) == sorted(row["column"] for row in evidence[start + 1 : start + size])
    assert {row["level"] for row in evidence} <= level_names()


def test_values_are_those_of_the_rows(found: Deduped) -> None:
    columns = people()
    every = found.evidence(numbers(range(len(found.pairs)))).to_pylist()
    left, right = (found.pairs[side].to_pylist() for side in ("left", "right"))
    unequal = 0
    for row in every:
        if row["level"] == START:
            continue
        values = [columns[row["column"]][rows[row["pair"]]].as_py() for rows in (left, right)]
        lower = [None if value is None else value.lower() for value in values]
        assert lower == [row["left_value"], row["right_value"]]
        assert (None in values) == (row["level"] == MISSING)
        unequal += values[0] != values[1]
    assert unequal > 100


def test_what_agrees_speaks_for_a_match_and_what_is_unknown_for_nothing(found: Deduped) -> None:
    every = found.evidence(numbers(range(len(found.pairs)))).to_pylist()
    missing = {row["weight"] for row in every if row["level"] == MISSING}
    assert missing == {0.0}
    born = {(row["level"], row["weight"] > 0) for row in every if row["column"] == "born"}
    assert ("equal", True) in born
    assert ("equal", False) not in born
    assert ("different", True) not in born


def test_copies_have_evidence_too() -> None:
    rows = [["anna smith", "1990-01-02", "F", "13800138000", "510000", "towna"]] * 25
    columns = table(**dict(zip(ROLES, zip(*rows, strict=True), strict=True)))
    found = dedupe(columns, ROLES)
    every = found.evidence(numbers(range(len(found.pairs))))
    total = np.bincount(every["pair"].to_numpy(), every["weight"].to_numpy())
    assert total == pytest.approx(found.pairs["weight"].to_numpy(), abs=1 + 1e-9)
    assert set(every["level"].to_pylist()) - {START} != set()
    assert every["left_value"].to_pylist() == every["right_value"].to_pylist()


def test_nothing_found_nothing_said() -> None:
    alone = dedupe(table(name=["anna smith"]), {"name": Role.NAME})
    assert alone.evidence(numbers([])).num_rows == 0
    assert alone.evidence(numbers([])).schema == EVIDENCE
