"""The persons of a graph as the engine compares them, and who of them are known to be two."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Keys
from graphcrm.duplicates.engine.frozen import Frozen
from graphcrm.duplicates.roles import Role

ROLES = {
    "name": Role.NAME,
    "sex": Role.SEX,
    "birth_date": Role.BIRTH_DATE,
    "id_number": Role.ID_NUMBER,
    "phone": Role.PHONE,
    "phone_2": Role.PHONE,
    "email": Role.EMAIL,
    "address": Role.ADDRESS,
    "account": Role.ACCOUNT,
    "occupation": Role.OCCUPATION,
    "region_code": Role.PLACE,
    "works_at": Role.EVIDENCE,
    "works_in": Role.EVIDENCE,
}
"""The part that each column of `persons` plays."""

PROPERTIES = tuple(name for name in ROLES if not name.startswith("works_"))
"""What of it is a person's own; the others are told by edges."""

_COMPARED = ", ".join(ROLES)
_MARK = f"hash(id, {_COMPARED})"

# A seller's own phone, entered for the sake of the form, says nothing about the customer.
_SELLERS = """
CREATE TEMP TABLE seller AS
SELECT DISTINCT right(f.value, 11) AS digits
FROM agent a JOIN has_phone h ON h.src = a.key JOIN phone f ON f.key = h.dst
"""

_PERSONS = """
WITH work_at AS (SELECT src, min(i.id) AS id FROM works_at JOIN institution i ON i.key = dst
                 GROUP BY src),
work_in AS (SELECT src, min(d.id) AS id FROM works_in JOIN department d ON d.key = dst
            GROUP BY src)
SELECT p.key, p.id, p.name, p.sex,
       p.birth_date::VARCHAR AS birth_date, p.id_number,
       CASE WHEN one.digits IS NULL THEN p.phone END AS phone,
       CASE WHEN two.digits IS NULL THEN p.phone_2 END AS phone_2,
       p.email, p.address, p.account, p.occupation, p.region_code,
       w.id AS works_at, d.id AS works_in
FROM person p {chosen}
LEFT JOIN seller one ON one.digits = right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 11)
LEFT JOIN seller two ON two.digits = right(regexp_replace(p.phone_2, '[^0-9]', '', 'g'), 11)
LEFT JOIN work_at w ON w.src = p.key
LEFT JOIN work_in d ON d.src = p.key
WHERE p.deleted_on IS NULL
"""

_APART = """
SELECT DISTINCT least(a.row, b.row) AS one, greatest(a.row, b.row) AS other
FROM (SELECT src, dst FROM related_to UNION ALL SELECT src, dst FROM referred) e
JOIN person_row a ON a.key = e.src JOIN person_row b ON b.key = e.dst
WHERE a.row <> b.row ORDER BY ALL
"""


class Persons(NamedTuple):
    """The open persons in the order of their ids, as text; `apart` are rows known to be two.

    `marks` is a number for the id and all that is compared of a person: it differs where anything
    does. Those apart are relatives by what a source states, or one referred the other.
    """

    ids: pa.Array
    marks: npt.NDArray[np.uint64]
    texts: pa.Table
    apart: tuple[Keys, Keys]

    def unknown_to(self, frozen: Frozen) -> list[str]:
        """The columns with values that a model knows nothing of."""
        known = {column for field in frozen.fields for column in field.name.split(", ")}
        return [
            column
            for column in self.texts.column_names
            if column not in known and self.texts[column].null_count < len(self.texts)
        ]

    def fields(self, frozen: Frozen | None = None) -> list[Field]:
        """What is compared, by the frequencies of a model or by their own."""
        if frozen is None:
            return fields_of(self.texts, ROLES)
        return frozen.applied(fields_of(self.texts, ROLES, frozen.kinds), len(self.texts))


class Marked(NamedTuple):
    """The open persons in no order: what tells whether they changed, and who are known to be two.

    As in `Persons`; `keys` are those of the snapshot.
    """

    keys: Keys
    marks: npt.NDArray[np.uint64]
    apart: tuple[Keys, Keys]


def read_persons(snapshot: Path) -> Persons:
    """The persons of a snapshot."""
    with opened(snapshot) as work:
        return persons_in(work)


def is_anybody(snapshot: Path) -> bool:
    """Whether there are open persons in a snapshot."""
    with engine(snapshot, read_only=True) as work:
        return bool(work.execute("FROM person WHERE deleted_on IS NULL LIMIT 1").fetchall())


@contextmanager
def opened(snapshot: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a snapshot, for the functions below."""
    with engine(snapshot, read_only=True) as work:
        work.execute(_SELLERS)
        yield work


def persons_in(work: duckdb.DuckDBPyConnection, wanted: pa.Table | None = None) -> Persons:
    """The persons of an opened snapshot, or only those of a table with one column, key or id."""
    chosen = ""
    if wanted is not None:
        work.register("wanted", wanted)
        chosen = f"SEMI JOIN wanted w USING ({wanted.column_names[0]})"
    columns = f"key, id, {_COMPARED}, {_MARK} AS mark"
    persons = _PERSONS.format(chosen=chosen)
    table = work.sql(f"SELECT {columns} FROM ({persons}) ORDER BY id").to_arrow_table()
    apart = _apart(work, table["key"])
    return Persons(
        table["id"].combine_chunks(), table["mark"].to_numpy(), table.select(list(ROLES)), apart
    )


def marks_in(work: duckdb.DuckDBPyConnection) -> Marked:
    """Of all persons of an opened snapshot only what tells whether they changed."""
    marked = f"SELECT key, {_MARK} AS mark FROM ({_PERSONS.format(chosen='')})"
    table = work.sql(marked).to_arrow_table()
    apart = _apart(work, table["key"])
    return Marked(table["key"].to_numpy(), table["mark"].to_numpy(), apart)


def sellers_in(work: duckdb.DuckDBPyConnection) -> set[str]:
    """The last eleven digits of the phones of all who sell."""
    return {digits for (digits,) in work.execute("FROM seller").fetchall()}


def own_phone(phone: str | None, sellers: set[str]) -> str | None:
    """A customer's phone, None where it is a seller's: the same rule as in `_PERSONS`."""
    digits = re.sub("[^0-9]", "", phone or "")
    return None if digits[-11:] in sellers else phone


def _apart(work: duckdb.DuckDBPyConnection, keys: pa.ChunkedArray) -> tuple[Keys, Keys]:
    """The pairs known to be two, as positions among these persons."""
    work.register("person_row", pa.table({"key": keys, "row": np.arange(len(keys))}))
    found = work.sql(_APART).to_arrow_table()
    return found["one"].to_numpy(), found["other"].to_numpy()
