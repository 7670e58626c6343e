"""The `institutions` table, and how institutions are named."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample import names
from graphcrm.sample.columns import Column, IdSpace
from graphcrm.sample.entry import Entry
from graphcrm.sample.institutions import (
    BRACKETS,
    CITY_FULL,
    CITY_SHORT,
    COMPANY,
    GOVERNMENT,
    KINDS,
    LEGAL,
    OTHER,
    OWN_NAMES,
    Institutions,
)
from graphcrm.sample.name_stock import traditional
from graphcrm.sample.places import Places
from graphcrm.sample.wording import lines, rows, word_lists


def table(book: Institutions, ids: IdSpace, places: Places, entry: Entry) -> pa.Table:
    """Return the `institutions` table in row order."""
    industries = [r["industry"] for r in rows("trades.csv")]
    district = book.address.district
    names_of_contacts = names.column(book.contact, book.contact_male, np.zeros(book.rows, np.int64))
    trading = np.isin(book.kind, [COMPANY, OTHER])
    return pa.table(
        {
            "id": ids.column(),
            "name": name_column(book, places),
            "kind": col.words(KINDS, book.kind),
            "own": col.yes_no(book.own),
            "uscc": col.text(book.uscc, book.uscc[:, 0] != 0),
            "industry": col.words(industries, np.where(trading, book.trade, -1)),
            "phone": col.joined(col.words(places.area_code, book.city), "-", col.whole(book.phone)),
            "contact_name": col.nulled(names_of_contacts, book.contact_phone < 0),
            "contact_phone": col.whole(book.contact_phone),
            "account": col.whole(book.account),
            "address": book.address.column(places),
            "region_code": col.words([str(c) for c in places.district_code], district),
            "parent_id": ids.of(book.parent),
            "created_on": col.days(entry.on),
            "entered_by": entry.by,
            "entered_branch_id": entry.branch,
        }
    )


def name_column(book: Institutions, places: Places) -> Column:
    """Return the institutions' names as text."""
    name = _names(book, places, simple)
    at = np.flatnonzero(book.traditional)
    return col.replaced(name, at, _names(book.take(at), places, traditional_words))


def simple(texts: list[str]) -> list[str]:
    """Return the words as they are."""
    return texts


def traditional_words(texts: list[str]) -> list[str]:
    """Return the words in traditional characters."""
    return traditional(tuple(texts))


def _names(book: Institutions, places: Places, written: Callable[[list[str]], list[str]]) -> Column:
    cities = places.city_name
    short = [c.removesuffix("市") for c in cities]
    form, home = book.name_form, book.name_city
    lead = np.where(
        form == CITY_FULL, home,
        np.where(form == CITY_SHORT, home + len(cities), 2 * len(cities)),
    )  # fmt: skip
    brackets = ["", *(f"（{c}）" for c in short)]
    branches = ["", *(f"{c}分公司" for c in short)]
    sections = ["", *word_lists()["institution_departments"]]
    ruled = book.kind == GOVERNMENT
    name = col.joined(
        col.words(written([*cities, *short, ""]), lead),
        col.words(
            written([*places.district_name, ""]),
            np.where(ruled, book.address.district, len(places.district_name)),
        ),
        col.words(written([*lines("brands.txt"), ""]), book.brand),
        col.words(written(brackets), np.where(form == BRACKETS, home + 1, 0)),
        col.words(written([*trades(), *endings()]), book.trade),
        col.words(written(LEGAL), book.legal),
        col.words(written(branches), book.branch + 1),
    )
    own = np.where(book.own, book.entity, -1)
    name = col.chosen(own >= 0, col.words(OWN_NAMES, own), name)
    return col.joined(name, col.words(written(sections), book.section + 1))


@cache
def trades() -> list[str]:
    """Return the trade words; `Institutions.trade` counts on with `endings` after them."""
    return [r["trade"] for r in rows("trades.csv")]


@cache
def endings() -> list[str]:
    """Return what the names of hospitals, garages, schools, authorities and others end in."""
    lists = word_lists()
    return [
        *lists["hospitals"], *lists["garages"], *lists["schools"], *lists["governments"],
        "银行股份有限公司", "律师事务所", "",
    ]  # fmt: skip
