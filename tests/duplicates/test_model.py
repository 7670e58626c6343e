"""What levels are worth is learned from pairs of a mixture that we planted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Kind, Numbers
from graphcrm.duplicates.engine.levels import LEVELS, Levels
from graphcrm.duplicates.engine.model import (
    RARITY,
    RELATED,
    SAME,
    STRANGERS,
    Model,
    Odds,
    learn,
    learn_shares,
    odds,
    patterns,
    rarity,
    recount,
)
from tests.duplicates.listing import field, numbers, table

SEED = 11
ROLES = {
    "id": Role.ID_NUMBER,
    "born": Role.BIRTH_DATE,
    "sex": Role.SEX,
    "phone": Role.PHONE,
    "postcode": Role.POSTCODE,
    "place": Role.PLACE,
}
Planted = tuple[list[Numbers], list[Numbers], list[Numbers]]


@pytest.fixture
def fields() -> list[Field]:
    """Fields of all kinds but words, of a few records."""
    letters = [f"town{letter}" for letter in "abcdefghijklmn"]
    return fields_of(
        table(
            id=[f"E{n:08}" for n in range(14)],
            born=[f"19{50 + n}-01-02" for n in range(14)],
            sex=["M", "F"] * 7,
            phone=[f"138{n:08}" for n in range(14)],
            postcode=[f"51{n:04}" for n in range(14)],
            place=letters,
        ),
        ROLES,
    )


def planted(fields: list[Field]) -> Planted:
    """Shares of levels by class: relatives share phones and towns, but not who they are."""
    of: Planted = ([], [], [])
    for made in fields:
        size = LEVELS[made.kind]
        low, high, even = np.full(size, 0.1 / size), np.full(size, 0.1 / size), np.ones(size) / size
        low[0] += 0.9
        high[-1] += 0.9
        category = made.kind is Kind.CATEGORY
        of[SAME].append(np.array([0.05, 0.95]) if category else high)
        of[RELATED].append(even if category else low if made.identity else high)
        of[STRANGERS].append(even if category else low)
    return of


def drawn(of: Planted, shares: list[float], pairs: int) -> tuple[Levels, npt.NDArray[np.int64]]:
    """Levels of so many pairs, and the class of each."""
    random = np.random.default_rng(SEED)
    classes = random.choice(3, pairs, p=shares)
    levels = np.zeros((pairs, len(of[SAME])), np.int8)
    for number in range(levels.shape[1]):
        for kind in (SAME, RELATED, STRANGERS):
            here = np.flatnonzero(classes == kind)
            table = of[kind][number]
            levels[here, number] = 1 + random.choice(len(table), len(here), p=table)
    levels[random.random(levels.shape) < 0.05] = 0  # unknown
    return levels, classes


def log_odds(model: Model, levels: Levels, fields: list[Field]) -> Odds:
    """The odds of pairs, whatever their values' rarity."""
    plain = [replace(made, codes=np.zeros(len(levels), np.int32)) for made in fields]
    return odds(model, levels, plain, numbers(range(len(levels))))


@pytest.mark.parametrize(
    "shares", [[0.1, 0.3, 0.6], [0.02, 0.08, 0.9], [0.6, 0.1, 0.3], [0.3, 0.0, 0.7]]
)
def test_a_planted_mixture_is_found(fields: list[Field], shares: list[float]) -> None:
    print("seed", SEED)
    of = planted(fields)
    levels, classes = drawn(of, shares, 20_000)
    random, _ = drawn(of, [0.0, 0.001, 0.999], 5_000)
    model = learn(levels, fields, random)
    assert model.shares == pytest.approx(shares, abs=0.02)
    for number in range(len(fields)):
        # What is usual stands for 200 of these pairs.
        assert model.tables[SAME][number] == pytest.approx(of[SAME][number], abs=0.12)
        assert model.tables[STRANGERS][number] == pytest.approx(of[STRANGERS][number], abs=0.05)
    found = log_odds(model, levels, fields).match > 0
    assert ((classes == SAME) == found).mean() > 0.99


def test_households_are_not_matches(fields: list[Field]) -> None:
    of = planted(fields)
    levels, classes = drawn(of, [0.02, 0.4, 0.58], 20_000)
    model = learn(levels, fields, drawn(of, [0.0, 0.001, 0.999], 5_000)[0])
    found = log_odds(model, levels, fields)
    household = classes == RELATED
    assert (found.match[household] > 0).mean() < 0.01
    # What households share tells them from strangers, and says nothing against relatives.
    phone = [made.name for made in fields].index("phone")
    same, related, strangers = (model.logs(kind, phone)[-1] for kind in (SAME, RELATED, STRANGERS))
    assert same - strangers > 3
    assert abs(same - related) < 0.5


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_where_most_pairs_are_matches_they_are_not_taken_for_relatives(
    fields: list[Field], share: float
) -> None:
    of = planted(fields)
    levels, classes = drawn(of, [share, 0.0, 1 - share], 2_000)
    model = learn(levels, fields, drawn(of, [0.05, 0.0, 0.95], 2_000)[0])
    found = log_odds(model, levels, fields).match > 0
    assert ((classes == SAME) == found).mean() > 0.97


def test_clusters_correct_what_was_learned(fields: list[Field]) -> None:
    of = planted(fields)
    levels, classes = drawn(of, [0.1, 0.3, 0.6], 10_000)
    random, _ = drawn(of, [0.0, 0.001, 0.999], 5_000)
    start = learn(levels[:50], fields, random)
    model = recount(start, levels, (classes == SAME).astype(float), fields, random)
    assert (classes == SAME).mean() == pytest.approx(model.shares[SAME], abs=0.001)
    for number, made in enumerate(fields):
        if not made.identity:
            assert model.tables[SAME][number] == pytest.approx(of[SAME][number], abs=0.05)


def test_wrong_clusters_do_not_teach_that_birth_dates_say_nothing(fields: list[Field]) -> None:
    of = planted(fields)
    levels, classes = drawn(of, [0.1, 0.3, 0.6], 5_000)
    random, _ = drawn(of, [0.0, 0.001, 0.999], 5_000)
    start = learn(levels, fields, random)
    joined = recount(start, levels, (classes != STRANGERS).astype(float), fields, random)
    # Matches that the clusters keep apart are left to the other classes.
    parted = recount(start, levels, np.zeros(len(levels)), fields, random)
    names = [made.name for made in fields]
    for name, different, alike in (("born", 0.01, slice(5, 9)), ("id", 0.3, slice(3, 8))):
        number = names.index(name)
        assert joined.tables[SAME][number][:2].sum() < different + 1e-9
        assert parted.tables[RELATED][number][alike].sum() < 0.05 + 1e-9


def test_a_short_list_is_not_overlearned(fields: list[Field]) -> None:
    nothing = np.zeros((0, len(fields)), np.int8)
    usual = learn(nothing, fields, nothing)
    equal = np.array([[LEVELS[made.kind] for made in fields]] * 3, np.int8)
    unequal = np.ones((3, len(fields)), np.int8)
    model = learn(np.concatenate((equal, unequal)), fields, unequal)
    for kind in (SAME, RELATED, STRANGERS):
        for number in range(len(fields)):
            assert model.tables[kind][number] == pytest.approx(usual.tables[kind][number], abs=0.07)
    assert log_odds(model, equal, fields).match.min() > 10
    assert log_odds(model, unequal, fields).match.max() < -5


def test_few_fields_teach_only_how_many_matches_there_are() -> None:
    made = [field(Role.PHONE, *(f"138{n:08}" for n in range(40))), field(Role.SEX, *"MF" * 20)]
    rows, pairs = 40, 780
    equal, unequal = np.array([[8, 2]] * 10, np.int8), np.array([[1, 1]] * 200, np.int8)
    random = np.array([[1, 1], [1, 2]] * 300, np.int8)
    few = learn_shares(unequal, made, random, [None, None], pairs)
    many = learn_shares(np.concatenate((equal, unequal)), made, random, [None, None], pairs)
    assert few.shares[SAME] < 1 / rows
    assert 5 / pairs < many.shares[:STRANGERS].sum() < 20 / pairs
    for kind in (SAME, RELATED, STRANGERS):
        for number in range(2):
            assert (few.tables[kind][number] == many.tables[kind][number]).all()


def test_names_that_agree_by_accident_say_little() -> None:
    made = [field(Role.NAME, *(f"person{n} family{n}" for n in range(40)))]
    size = LEVELS[Kind.WORDS]
    level = int(compare(made, numbers([0]), numbers([0]))[0, 0])
    levels = np.full((10, 1), level, np.int8)
    random = np.full((500, 1), size, np.int8)
    never, often = np.zeros(size), np.zeros(size)
    often[level - 1] = 10
    found = [
        log_odds(learn_shares(levels, made, random, [seen], 780), levels, made).match[0]
        for seen in (never, often)
    ]
    assert found[0] > 3
    assert found[1] < 0


def test_no_field_decides_alone(fields: list[Field]) -> None:
    random = np.random.default_rng(SEED)
    for _ in range(20):
        made = [
            tuple(random.dirichlet(np.full(LEVELS[f.kind], 0.01)) + 1e-30 for f in fields)
            for _ in range(3)
        ]
        model = Model((made[0], made[1], made[2]), np.full(3, 1 / 3))
        for number in range(len(fields)):
            same, *others = (model.logs(kind, number) for kind in (SAME, RELATED, STRANGERS))
            assert [same[0], others[0][0], others[1][0]] == [0.0, 0.0, 0.0]
            against = same - np.maximum(*others)
            assert against.max() <= 12 + 1e-9
            assert against.min() >= -10 - 1e-9


def test_rare_values_say_more() -> None:
    postcodes = ["100000"] * 90 + [f"2{n:05}" for n in range(10)]
    gain = rarity(field(Role.POSTCODE, *postcodes))
    assert gain is not None
    assert gain[0] == pytest.approx(np.log((0.9**2 + 10 * 0.01**2) / 0.9))
    assert RARITY == gain[1:].max() == gain[1:].min()
    assert rarity(field(Role.PHONE, "13800138000", "13900139000")) is None
    assert rarity(field(Role.NAME, "anna smith", "peter miller")) is None


def test_rarity_speaks_against_relatives_only_where_it_tells_who_it_is(fields: list[Field]) -> None:
    nothing = np.zeros((0, len(fields)), np.int8)
    model = learn(nothing, fields, nothing)
    names = [made.name for made in fields]
    born, place = names.index("born"), names.index("place")
    gains = []
    for number in (born, place):
        made = fields[number]
        codes = np.array([0] * 13 + [1], np.int32)
        changed = [*fields[:number], replace(made, codes=codes), *fields[number + 1 :]]
        levels = np.zeros((2, len(fields)), np.int8)
        levels[:, number] = LEVELS[made.kind]
        found_odds = odds(model, levels, changed, numbers([0, 13]))
        gains.append(
            (np.diff(found_odds.against_related)[0], np.diff(found_odds.against_strangers)[0])
        )
    assert gains[0][0] == pytest.approx(gains[0][1]) == pytest.approx(np.log(13))
    assert gains[1] == pytest.approx((0.0, np.log(13)))


def test_both_alternatives_count() -> None:
    one = Odds(np.array([2.0, 50.0, 0.0]), np.array([50.0, 2.0, 0.0]))
    assert one.match == pytest.approx([2.0, 2.0, -np.log(2)])


def test_patterns_are_counted(fields: list[Field]) -> None:
    random = np.random.default_rng(SEED)
    wide = [fields[0]] * 40  # more than fit into one number
    levels = random.integers(0, 2, (500, 40)).astype(np.int8)
    levels[250:] = levels[:250]
    rows, counts = patterns(levels, wide)
    assert sorted(map(tuple, rows.tolist())) == sorted({tuple(row) for row in levels.tolist()})
    assert counts.sum() == 500
    assert counts.min() >= 2
