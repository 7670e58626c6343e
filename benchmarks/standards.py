"""How long the standards take: prints a table of seconds per column.

Run `python benchmarks/standards.py [rows]` (a million rows unless said otherwise). The columns are
made up by a fixed seed, so that two runs measure the same work; each mixes regular values with the
share of odd ones that a keyed-in book has. To measure more, add a line to `MEASURED`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from graphcrm.standards.account import standardise_accounts
from graphcrm.standards.damage import excel_damage
from graphcrm.standards.document import standardise_documents
from graphcrm.standards.email import standardise_emails
from graphcrm.standards.phone import standardise_phones
from graphcrm.standards.resident_id import standardise_resident_ids
from graphcrm.standards.text import fold
from graphcrm.standards.uscc import standardise_usccs

SEED = 20260101


def resident_ids(rows: int) -> pa.Array:
    """Nine in ten of 18 digits and right, the others 15 digits, spaced, mistyped or fillers."""
    rng = np.random.default_rng(SEED)
    born = (np.datetime64("1940-01-01") + rng.integers(0, 25_000, rows)).astype(str)
    sequence = rng.integers(0, 1000, rows)
    mood = rng.integers(0, 100, rows)
    weights = [pow(2, 17 - place, 11) for place in range(17)]
    numbers = []
    for date, order, how in zip(born, sequence, mood, strict=True):
        body = f"430111{date.replace('-', '')}{order:03d}"
        total = sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True))
        number = body + "10X98765432"[total % 11]
        if how < 4 and body[6:8] == "19":
            number = body[:6] + body[8:]
        elif how < 7:
            number = f"{number[:6]} {number[6:14]} {number[14:].lower()}"
        elif how < 9:
            number = number[:16] + "0" + number[17:]
        elif how < 10:
            number = "无"
        numbers.append(number)
    return pa.array(numbers)


def phones(rows: int) -> pa.Array:
    """Bare mobiles for two thirds, other regular forms, and one in a thousand that is odd."""
    rng = np.random.default_rng(SEED)
    mobile = rng.integers(13_000_000_000, 19_999_999_999, rows)
    mood = rng.integers(0, 1000, rows)
    numbers = []
    for number, how in zip(mobile.tolist(), mood.tolist(), strict=True):
        text = str(number)
        if how < 150:
            text = f"+86 {text[:3]}-{text[3:7]}-{text[7:]}"
        elif how < 250:
            text = f"0731-8{text[4:]}"
        elif how < 300:
            text = f"(010)6{text[4:]}转{text[:3]}"
        elif how < 320:
            text = f"400-{text[4:7]}-{text[7:]}"
        elif how < 330:
            text = "95519"
        elif how < 340:
            text = "无"
        elif how < 341:
            text = f"00852 9{text[4:]}"
        numbers.append(text)
    return pa.array(numbers)


def usccs(rows: int) -> pa.Array:
    """Real codes, repeated, every second one with a mistyped digit."""
    right = ["91350100M000100Y43", "91110000600037341L", "914403001922038216"]
    return pa.array([*right, *(code[:-2] + "0" + code[-1] for code in right)] * (rows // 6 + 1))


def emails(rows: int) -> pa.Array:
    """Addresses of which every tenth has capitals."""
    return pa.array([f"{'Li' if i % 10 == 0 else 'li'}.{i}@example.com" for i in range(rows)])


def accounts(rows: int) -> pa.Array:
    """Card numbers of 19 digits, every second one in groups of four."""
    cards = (f"6222021{i:012d}" for i in range(rows))
    return pa.array(
        [" ".join((c[:4], c[4:8], c[8:12], c[12:])) if i % 2 else c for i, c in enumerate(cards)]
    )


def documents(rows: int) -> pa.Array:
    """Two resident IDs to one passport."""
    ids = resident_ids(rows).to_pylist()
    return pa.array([f"E{i:08d}" if i % 3 == 0 else number for i, number in enumerate(ids)])


def names(rows: int) -> pa.Array:
    """Chinese names, every tenth with a full-width space in it."""
    return pa.array(
        [f"张{chr(0x4E00 + i % 9000)}{'　' if i % 10 == 0 else ''}三" for i in range(rows)]
    )


def _documents_of_unknown_type(values: pa.Array) -> pa.StructArray:
    return standardise_documents(values, pa.nulls(len(values)))


MEASURED: list[tuple[str, Callable[[int], pa.Array], Callable[[pa.Array], object]]] = [
    ("plain text (fold)", names, fold),
    ("spreadsheet damage", resident_ids, excel_damage),
    ("resident ID numbers", resident_ids, standardise_resident_ids),
    ("documents, type unknown", documents, _documents_of_unknown_type),
    ("unified social credit codes", usccs, standardise_usccs),
    ("phones", phones, standardise_phones),
    ("e-mail addresses", emails, standardise_emails),
    ("bank accounts", accounts, standardise_accounts),
]
"""What is measured: title, maker of a column of so many rows, function of that column."""


def main() -> None:
    """Measure everything once and print the table."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{rows:,} rows, one process")
    print(f"{'standard':<30}{'seconds':>9}{'µs a value':>12}")
    for title, make, standardise in MEASURED:
        column = make(rows)
        started = time.perf_counter()
        standardise(column)
        seconds = time.perf_counter() - started
        print(f"{title:<30}{seconds:>9.2f}{seconds / max(len(column), 1) * 1e6:>12.2f}")


if __name__ == "__main__":
    main()
