"""What is found of a change alone, against all found anew by the same model."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine import blocks
from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.extending import extended
from graphcrm.duplicates.engine.fields import Field, Keys
from graphcrm.duplicates.engine.frozen import Frozen, frozen_of, frozen_text
from graphcrm.duplicates.engine.keeping import read_compared, writing_compared
from graphcrm.duplicates.engine.matching import Matched, match
from graphcrm.duplicates.engine.renewal import Compared, Renewed, alone, compared_of, renewed

ROLES = {
    "name": Role.NAME,
    "born": Role.BIRTH_DATE,
    "number": Role.ID_NUMBER,
    "phone": Role.PHONE,
    "street": Role.ADDRESS,
    "work": Role.EVIDENCE,
}
Record = dict[str, str | None]
Records = dict[str, Record]
Apart = set[tuple[str, str]]


class World(NamedTuple):
    """Records by their ids, and pairs known to be two."""

    records: Records
    apart: Apart


def person(chance: random.Random) -> Record:
    """A person who shares a surname, a street and a workplace with some others."""
    home = chance.randrange(150)
    return {
        "name": chance.choice("张王李陈刘") + chance.choice("伟芳娜敏静丽强磊军洋勇艳杰娟涛明")
        + chance.choice("伟芳娜敏静丽强磊军洋 "),
        "born": f"{chance.randrange(1950, 2005)}-{chance.randrange(1, 13):02}-"
                f"{chance.randrange(1, 29):02}",
        "number": f"E{chance.randrange(10**8):08}",
        "phone": f"138{home:04}{chance.randrange(3000):04}",
        "street": f"长沙市岳麓区麓山路{home}号{chance.randrange(4)}栋",
        "work": f"firm {chance.randrange(60)}",
    }  # fmt: skip


def slip(record: Record, chance: random.Random) -> Record:
    """The same person entered again, with one thing left out and a digit mistyped."""
    made = dict(record)
    made[chance.choice(list(made))] = None
    name = chance.choice(["born", "number", "phone"])
    text = made[name]
    if text is not None:
        place = chance.randrange(4, len(text))
        made[name] = text[:place] + chance.choice("0123456789") + text[place + 1 :]
    return made


def book(chance: random.Random, count: int, first: int = 0) -> Records:
    """So many records, a third of them of persons who are there before."""
    made: Records = {}
    for number in range(first, first + count):
        again = made and chance.random() < 0.35
        record = slip(chance.choice(list(made.values())), chance) if again else person(chance)
        made[f"P{chance.randrange(10**6):06}-{number}"] = record
    return made


def fields(records: Records, ids: list[str], frozen: Frozen | None) -> list[Field]:
    columns = {name: pa.array([records[id][name] for id in ids], pa.string()) for name in ROLES}
    made = fields_of(pa.table(columns), ROLES, frozen.kinds if frozen else None)
    return made if frozen is None else frozen.applied(made, len(ids))


def rows_of(apart: Apart, ids: list[str]) -> tuple[Keys, Keys]:
    place = {id: row for row, id in enumerate(ids)}
    pairs = sorted(sorted((place[a], place[b])) for a, b in apart if {a, b} <= set(place))
    found = np.array(pairs, np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def all_anew(world: World, frozen: Frozen | None) -> tuple[Matched, list[str]]:
    ids = sorted(world.records)
    learned = None if frozen is None else frozen.learned
    made = fields(world.records, ids, frozen)
    return match(made, rows_of(world.apart, ids), learned=learned), ids


def begun(world: World) -> tuple[Frozen, Compared]:
    """The model of a world, and what its finding leaves."""
    matched, ids = all_anew(world, None)
    frozen = frozen_of(frozen_text(matched.learned, matched.fields))
    marks = np.array([mark(world.records[id]) for id in ids], np.uint64)
    return frozen, compared_of(matched, pa.array(ids), marks, rows_of(world.apart, ids))


def mark(record: Record) -> int:
    return hash(tuple(record.values())) & (2**64 - 1)


def after(earlier: Compared, world: World, frozen: Frozen) -> Renewed:
    """What is found of a change alone."""
    old = earlier.ids.to_pylist()
    same = {
        id for id, told in zip(old, earlier.marks.tolist(), strict=True)
        if id in world.records and mark(world.records[id]) == told
    }  # fmt: skip
    gone = np.array([row for row, id in enumerate(old) if id not in same], np.int64)
    fresh = sorted(set(world.records) - same)
    marks = np.array([mark(world.records[id]) for id in fresh], np.uint64)
    more = alone(pa.array(fresh, pa.string()), marks, fields(world.records, fresh, frozen))
    names = [id if id in same else "" for id in old] + fresh
    return renewed(earlier, more, gone, rows_of(world.apart, names), frozen.learned)


def told(matched: Matched, ids: list[Any]) -> dict[frozenset[str], tuple[float, bool]]:
    """The candidates by their ids: how likely, and whether one customer."""
    pairs = zip(matched.left.tolist(), matched.right.tolist(), strict=True)
    same = matched.clusters[matched.left] == matched.clusters[matched.right]
    return {
        frozenset((ids[a], ids[b])): (round(odds, 9), bool(one))
        for (a, b), odds, one in zip(pairs, matched.odds.match.tolist(), same, strict=True)
    }


def groups(clusters: Keys, ids: list[Any]) -> set[frozenset[str]]:
    found: dict[int, set[str]] = {}
    for id, cluster in zip(ids, clusters.tolist(), strict=True):
        found.setdefault(cluster, set()).add(id)
    return {frozenset(members) for members in found.values()}


def write(compared: Compared, path: Path, finding: str) -> None:
    with writing_compared(compared, path, finding):
        pass


def require_equal(found: Renewed, world: World, frozen: Frozen) -> None:
    """The same candidates, likelihoods and clusters as of all anew."""
    matched, ids = all_anew(world, frozen)
    mine = found.compared.ids.to_pylist()
    assert sorted(mine) == ids
    assert groups(found.compared.clusters, mine) == groups(matched.clusters, ids)
    expected = told(matched, ids)
    pairs = zip(found.compared.left.tolist(), found.compared.right.tolist(), strict=True)
    likely = {
        frozenset((mine[a], mine[b])): round(odds, 9)
        for (a, b), odds in zip(pairs, found.compared.match.tolist(), strict=True)
    }
    assert likely == {pair: odds for pair, (odds, _) in expected.items()}
    within = [mine[row] for row in found.within.tolist()]
    near = {p: v for p, v in expected.items() if p <= set(within)}
    assert told(found.matched, within) == near


def changed(world: World, chance: random.Random, much: int) -> World:
    """Some records new, some changed, some gone; some pairs known to be two, others no more."""
    records = dict(world.records)
    for id in chance.sample(sorted(records), much):
        del records[id]
    for id in chance.sample(sorted(records), much):
        records[id] = slip(records[id], chance)
    for number in range(2 * much):
        like = slip(chance.choice(list(records.values())), chance)
        new = like if chance.random() < 0.7 else person(chance)
        records[f"P{chance.randrange(10**6):06}-{number}-{much}"] = new
    apart = {pair for pair in world.apart if set(pair) <= set(records) and chance.random() < 0.8}
    names = sorted(records)
    for _ in range(much):
        one = chance.choice(names)
        other = max((n for n in names if n != one), key=lambda n: agreement(records, one, n))
        apart.add((min(one, other), max(one, other)))
    return World(records, apart)


def agreement(records: Records, one: str, other: str) -> int:
    """In how many fields two records agree."""
    pairs = zip(records[one].values(), records[other].values(), strict=True)
    return sum(a is not None and a == b for a, b in pairs)


@pytest.mark.parametrize("seed", range(6))
def test_a_change_comes_to_the_same_as_all_anew(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    world = World(book(chance, 900), set())
    likely = sorted(world.records)[:40]
    world.apart.update(zip(likely[::2], likely[1::2], strict=True))
    frozen, compared = begun(world)
    for turn in range(3):
        world = changed(world, chance, 3 if turn else 25)
        found = after(compared, world, frozen)
        require_equal(found, world, frozen)
        # What the next change builds on was written and read in between.
        write(found.compared, tmp_path / "compared", str(turn))
        again = read_compared(tmp_path / "compared", str(turn))
        assert again is not None
        compared = again


def test_only_what_may_have_changed_is_clustered_anew() -> None:
    chance = random.Random(9)
    world = World(book(chance, 900), set())
    frozen, compared = begun(world)
    more = dict(world.records) | {"new": slip(next(iter(world.records.values())), chance)}
    found = after(compared, World(more, set()), frozen)
    assert 0 < len(found.within) < 30
    assert found.pairs < 100
    unchanged = after(found.compared, World(more, set()), frozen)
    assert (len(unchanged.within), unchanged.pairs) == (0, 0)
    require_equal(unchanged, World(more, set()), frozen)


def test_many_equal_records_come_and_go() -> None:
    chance = random.Random(3)
    records = book(chance, 300)
    common: Record = dict.fromkeys(ROLES) | {"name": "张伟", "born": "1970-01-02"}
    records |= {f"C{n:02}": dict(common) for n in range(9)}
    frozen, compared = begun(World(records, set()))
    for count in (13, 30, 11, 4, 12):
        records = {id: r for id, r in records.items() if not id.startswith("C")}
        # Ids before and after those that were there.
        records |= {f"C{(n * 7) % 40:02}": dict(common) for n in range(count)}
        apart = {("C07", "C14"), ("C00", "C28")} if count > 4 else set()
        world = World(records, apart)
        found = after(compared, world, frozen)
        require_equal(found, world, frozen)
        compared = found.compared


def test_a_block_that_becomes_too_large_and_small_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGEST", 4)
    monkeypatch.setattr(blocks, "GROWN", 6)
    chance = random.Random(5)
    records = book(chance, 400)
    frozen, compared = begun(World(records, set()))
    # A firm and a phone that the model never saw.
    firm: Record = {"work": "firm 99", "phone": "13999999999"}
    news = {f"N{n}": person(chance) | firm for n in range(9)}
    sizes = []
    for count in (5, 8, 7, 6, 9, 2):
        records = {id: r for id, r in records.items() if not id.startswith("N")}
        records |= dict(list(news.items())[:count])
        world = World(records, set())
        found = after(compared, world, frozen)
        require_equal(found, world, frozen)
        compared = found.compared
        rows = [row for row, id in enumerate(compared.ids.to_pylist()) if id in news]
        sizes.append(sum(np.isin(compared.left, rows) & np.isin(compared.right, rows)))
    assert sizes[0] == 10
    assert sizes[1] < 28
    assert sizes[3] == 15


def test_a_file_of_another_finding_is_not_read(tmp_path: Path) -> None:
    world = World(book(random.Random(1), 60), set())
    _, compared = begun(world)
    path = tmp_path / "compared"
    assert read_compared(path, "one") is None
    write(compared, path, "one")
    assert read_compared(path, "one") is not None
    assert read_compared(path, "other") is None
    whole = path.read_bytes()
    for damaged in (whole[:-400], whole[:3], whole[:5000] + b"\0" * 64 + whole[5064:]):
        path.write_bytes(damaged)
        assert read_compared(path, "one") is None
    path.write_bytes(b"")
    assert read_compared(path, "one") is None
    assert [p.name for p in tmp_path.iterdir()] == ["compared"]


@pytest.mark.parametrize("seed", range(3))
def test_a_model_used_again_finds_what_it_found_when_it_was_learned(seed: int) -> None:
    world = World(book(random.Random(seed), 900), set())
    first, ids = all_anew(world, None)
    frozen = frozen_of(frozen_text(first.learned, first.fields))
    again, _ = all_anew(world, frozen)
    assert told(first, ids) == told(again, ids)
    assert groups(first.clusters, ids) == groups(again.clusters, ids)
    assert frozen.records == len(ids)


def test_blocks_within_blocks_that_shrink(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LARGEST", 4)
    monkeypatch.setattr(blocks, "GROWN", 6)
    chance = random.Random(2)
    records = book(chance, 400)
    for n in range(9):
        # All share the parts of two values, some the one value, some the other, some both.
        records[f"B{n}"] = person(chance) | {"work": f"zzzz {n}", "phone": f"155123{n}5678"}
        if n < 8:
            records[f"W{n}"] = person(chance) | {"work": "zzzz one"}
            records[f"P{n}"] = person(chance) | {"phone": "15512345678"}
    both = {
        f"S{n}": person(chance) | {"work": "zzzz one", "phone": "15512345678"} for n in range(8)
    }
    frozen, compared = begun(World(book(random.Random(7), 400), set()))
    for count in (7, 6, 8, 5, 7, 2):
        world = World(records | dict(list(both.items())[:count]), set())
        found = after(compared, world, frozen)
        require_equal(found, world, frozen)
        compared = found.compared


@pytest.mark.parametrize("seed", range(4))
def test_how_two_agree_does_not_depend_on_others(seed: int) -> None:
    chance = random.Random(seed)
    syllables = "路麓山谷河水长江东西南北"

    def street() -> str:
        return "".join(chance.choice(syllables) for _ in range(6)) + f"{chance.randrange(30)}号"

    def number() -> str:
        body = f"43010219800101{chance.randrange(10):04}"
        return chance.choice([body, body[:15], f"{body[:8]}AB{body[8:13]}", body[3:]])

    def random_person() -> Record:
        words = [street()[: chance.randrange(1, 4)] for _ in range(3)]
        latin = " ".join(chance.choice(["anna", "anne", "hanna", "joan", "jaon"]) for _ in range(3))
        return person(chance) | {"name": latin, "street": " ".join(words), "number": number()}

    world = World(book(chance, 300), set())
    frozen, _ = begun(world)
    records = {f"R{n:03}": random_person() for n in range(400)}
    ids = sorted(records)
    at_once = fields(records, ids, frozen)
    shuffled = chance.sample(ids, len(ids))
    apart = [fields(records, part, frozen) for part in (shuffled[:200], shuffled[200:])]
    by_and_by = [extended(a, b) for a, b in zip(*apart, strict=True)]
    place = np.array([shuffled.index(id) for id in ids])
    left, right = np.triu_indices(len(ids), 1)
    one = compare(at_once, left, right)
    other = compare(by_and_by, place[left], place[right])
    assert np.array_equal(one, other)
