"""The `institutions` table, and how institutions are named."""

from __future__ import annotations

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
    KINDS,
    LEGAL,
    OTHER,
    OWN_NAMES,
    Institutions,
)
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
    lists = word_lists()
    cities = places.city_name
    short = [c.removesuffix("市") for c in cities]
    prefixes = [*cities, *short, ""]
    lead = np.where(
        book.name_form == CITY_FULL, book.city,
        np.where(book.name_form == CITY_SHORT, book.city + len(cities), 2 * len(cities)),
    )  # fmt: skip
    brackets = ["", *(f"（{c}）" for c in short)]
    middles = [*trades(), *endings()]
    brands = [*lines("brands.txt"), ""]
    own = np.where(book.own, book.entity, -1)
    name = col.joined(
        col.words(prefixes, lead),
        col.words(brands, book.brand),
        col.words(brackets, np.where(book.name_form == BRACKETS, book.city + 1, 0)),
        col.words(middles, book.trade),
        col.words(LEGAL, book.legal),
    )
    name = col.chosen(own >= 0, col.words(OWN_NAMES, own), name)
    sections = ["", *lists["institution_departments"]]
    return col.joined(name, col.words(sections, book.section + 1))


def trades() -> list[str]:
    """Return the trade words; `Institutions.trade` counts on with `endings` after them."""
    return [r["trade"] for r in rows("trades.csv")]


def endings() -> list[str]:
    """Return what the names of hospitals, garages, schools, authorities and others end in."""
    lists = word_lists()
    return [
        *lists["hospitals"], *lists["garages"], *lists["schools"], *lists["governments"],
        "银行股份有限公司", "律师事务所", "",
    ]  # fmt: skip
