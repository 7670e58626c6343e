"""The sample insurer over three loads: its book, a month in which things change, a whole one."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from graphcrm.sample import write_sample

CUSTOMERS = 500
SEED = 20_260_630
LOADS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("book", {"as_of": "2026-06-30"}),
    ("july", {"as_of": "2026-07-31"}),
    ("august", {"as_of": "2026-08-31", "complete": True}),
)
"""The folder of each load, and how it is loaded."""

DAYS = ("2026-06-30", "2026-07-20", "2026-08-31", "2026-12-31")
"""Days for which questions are asked, before and after things changed."""

STRANGER = "AG9999999"
"""An agent who serves in July, and is in no file before August."""

Row = dict[str, str]


def write_history(folder: Path) -> None:
    """Write the files of all loads."""
    write_sample(folder / "book", customers=CUSTOMERS, seed=SEED, as_of=date(2026, 6, 30))
    _July(folder).write()
    _august(folder)


def _read(folder: Path, table: str) -> list[Row]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _write(folder: Path, table: str, rows: list[Row]) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


class _July:
    """What changes in July: a part of the rows of most tables."""

    def __init__(self, folder: Path) -> None:
        self.random = random.Random(SEED)
        self.book, self.to = folder / "book", folder / "july"

    def some(self, table: str, count: int, which: Callable[[Row], bool] = bool) -> list[Row]:
        return self.random.sample([r for r in _read(self.book, table) if which(r)], count)

    def write(self) -> None:
        for table in ("agents", "policies", "persons", "contacts"):
            getattr(self, table)()
        dropped = [r | {"deleted_on": "2026-07-15"} for r in self.some("relations", 12)]
        _write(self.to, "relations", dropped)
        dropped = [r | {"deleted_on": "2026-07-18"} for r in self.some("policy_parties", 12)]
        _write(self.to, "policy_parties", dropped)
        referrals = self.some("referrals", 6)
        referrals += [r | {"referred_id": "P9999999"} for r in self.some("referrals", 2)]
        _write(self.to, "referrals", [r | {"referred_on": "2026-07-04"} for r in referrals])
        servings = self.some("servings", 10, lambda r: r["role"] == "serves")
        _write(self.to, "servings", [r | {"valid_to": "2026-07-10"} for r in servings])
        open_ = self.some("claims", 5, lambda r: r["status"] == "open")
        settled = {"status": "paid", "settled_on": "2026-07-22", "amount_paid": "12.5"}
        _write(self.to, "claims", [r | settled for r in open_])
        _write(self.to, "claim_payments", self.some("claim_payments", 3) * 2)

    def agents(self) -> None:
        gone, away, out = (
            self.some("agents", n, lambda r: r["status"] == "active" and r["kind"] == "seller")
            for n in (3, 2, 2)
        )
        changed = [r | {"status": "departed", "departed_on": "2026-07-10"} for r in gone]
        changed += [r | {"status": "on_leave", "status_since": "2026-07-01"} for r in away]
        changed += [r | {"status": "suspended", "status_since": ""} for r in out]
        _write(self.to, "agents", list({r["id"]: r for r in changed}.values()))

    def policies(self) -> None:
        in_force = self.some("policies", 90, lambda r: r["status"] == "in_force")
        active = [r["id"] for r in _read(self.book, "agents") if r["status"] == "active"]
        changes: list[Callable[[Row], Row]] = [
            lambda r: {"served_by": self.random.choice(active)},
            lambda r: {"served_by": ""},
            lambda r: {"served_by": STRANGER},
            lambda r: {"status": "surrendered", "ended_on": "2026-07-12", "surrender_value": "5.5"},
            lambda r: {"holder_id": "P9999999", "holder_kind": "person"},
            lambda r: {"premium": "0.01", "currency": "USD"},
        ]
        rows = [r | changes[n % len(changes)](r) for n, r in enumerate(in_force)]
        _write(self.to, "policies", rows)

    def persons(self) -> None:
        shared = self.some("persons", 2, lambda r: bool(r["phone"] and r["id_number"]))
        changed = [r | {"phone": shared[0]["phone"]} for r in self.some("persons", 12)]
        twin = {k: shared[1][k] for k in ("name", "sex", "birth_date", "id_type", "id_number")}
        changed += [shared[1] | twin | {"id": "P9000001", "phone": "", "address": ""}]
        wrong = [changed[0] | {"id": f"P900001{n}", "birth_date": "1.1.1980"} for n in range(3)]
        rows = list({r["id"]: r | {"deleted_on": ""} for r in changed}.values())
        rows[3]["deleted_on"] = rows[4]["deleted_on"] = "2026-07-09"
        _write(self.to, "persons", rows + [r | {"deleted_on": ""} for r in wrong])

    def contacts(self) -> None:
        closed = [r | {"deleted_on": "2026-07-15"} for r in self.some("contacts", 20)]
        newer = self.some("contacts", 20)
        told = {"contacted_at": "2026-07-19T10:00:00", "deleted_on": ""}
        fresh = [r | told | {"id": f"CON9{n:06}"} for n, r in enumerate(newer)]
        _write(self.to, "contacts", closed + fresh)


def _august(folder: Path) -> None:
    """Some tables whole, without some rows: mended ones, healed ones, and what is missing."""
    july, to = folder / "july", folder / "august"
    now = {
        table: {r["id"]: r for r in _read(folder / "book", table)}
        | {r["id"]: r for r in _read(july, table)}
        for table in ("agents", "persons", "contacts")
    }
    agents = list(now["agents"].values())
    stranger = agents[0] | {"id": STRANGER, "name": "新人", "status": "active", "person_id": ""}
    _write(to, "agents", [*agents[2:], stranger])
    persons = list(now["persons"].values())
    mended = [r | {"birth_date": "1980-01-01"} if r["birth_date"] == "1.1.1980" else r
              for r in persons[4:]]  # fmt: skip
    mended.append(mended[0] | {"id": "P9999999", "name": "迟到"})
    _write(to, "persons", [{"deleted_on": ""} | r for r in mended])
    _write(to, "vehicles", _read(folder / "book", "vehicles")[3:])
    _write(to, "policy_parties", _read(folder / "book", "policy_parties")[40:])
    _write(to, "servings", _read(folder / "book", "servings")[10:])
