"""How long the standards take: prints a table of seconds per column.

Run `python benchmarks/standards.py [rows]` (a million rows unless said otherwise). The columns are
made up by a fixed seed, so that two runs measure the same work; each mixes regular values with the
share of odd ones that a keyed-in book has. To measure more, add a line to `MEASURED`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import pyarrow as pa

from graphcrm.standards import pinyin
from graphcrm.standards.account import standardise_accounts
from graphcrm.standards.address import standardise_addresses
from graphcrm.standards.damage import excel_damage
from graphcrm.standards.document import standardise_documents
from graphcrm.standards.email import standardise_emails
from graphcrm.standards.organisation_name import standardise_organisation_names
from graphcrm.standards.person_name import standardise_person_names
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


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董单欧查解仇"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华国玉兰春梅文红金建志海燕雪晨宇浩然子轩梓涵"
CITIES = ("长沙", "湖南省", "北京市", "广州", "浙江杭州", "")
TRADES = ("机械", "科技发展", "贸易", "建筑工程", "医药", "餐饮管理")
FORMS = ("有限公司", "有限责任公司", "股份有限公司", "厂", "店")
UNITS = ("", "", "", "人力资源部", "-财务部", "（办公室）", "长沙分公司")
REGIONS = ("湖南省长沙市岳麓区", "长沙市天心区", "北京朝阳区", "浦东新区", "浙江省杭州市西湖区", "")


def _picked(rng: np.random.Generator, options: Sequence[str], rows: int) -> list[str]:
    return [options[i] for i in rng.integers(0, len(options), rows).tolist()]


def person_names(rows: int) -> pa.Array:
    """Half as many distinct names as rows; one in thirty with a title, a note or spaces."""
    rng = np.random.default_rng(SEED)
    distinct = rows // 2 or 1
    parts = [_picked(rng, options, distinct) for options in (SURNAMES, GIVEN, GIVEN, GIVEN)]
    odd = _picked(rng, ("先生", "(配偶)", " 女士", *[""] * 87), distinct)
    names = ["".join(name) for name in zip(*parts, odd, strict=True)]
    return pa.array(names * (rows // distinct))


def organisation_names(rows: int) -> pa.Array:
    """Region, brand of three characters, trade, legal form and for half of them a department."""
    rng = np.random.default_rng(SEED)
    options = (CITIES, GIVEN, GIVEN, GIVEN, TRADES, FORMS, UNITS)
    parts = [_picked(rng, one, rows) for one in options]
    return pa.array(["".join(name) for name in zip(*parts, strict=True)])


def addresses(rows: int) -> pa.Array:
    """Region, road, number and door, all different."""
    rng = np.random.default_rng(SEED)
    places = zip(_picked(rng, REGIONS, rows), _picked(rng, GIVEN, rows), strict=True)
    doors = rng.integers(1, 999, (rows, 4)).tolist()
    return pa.array(
        [
            f"{region}{road}山路{a}号{b}栋{c}单元{d}室"
            for (region, road), (a, b, c, d) in zip(places, doors, strict=True)
        ]
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
    ("persons' names", person_names, standardise_person_names),
    ("pinyin", person_names, pinyin),
    ("institutions' names", organisation_names, standardise_organisation_names),
    ("addresses", addresses, standardise_addresses),
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
