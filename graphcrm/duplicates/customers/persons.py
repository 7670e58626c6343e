"""The persons of a graph as the engine compares them, and who of them are known to be two."""

from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Keys
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
SELECT row_number() OVER (ORDER BY p.id) - 1 AS row, p.key, p.id, p.name, p.sex,
       p.birth_date::VARCHAR AS birth_date, p.id_number,
       CASE WHEN one.digits IS NULL THEN p.phone END AS phone,
       CASE WHEN two.digits IS NULL THEN p.phone_2 END AS phone_2,
       p.email, p.address, p.account, p.occupation, p.region_code,
       w.id AS works_at, d.id AS works_in
FROM person p
LEFT JOIN seller one ON one.digits = right(regexp_replace(p.phone, '[^0-9]', '', 'g'), 11)
LEFT JOIN seller two ON two.digits = right(regexp_replace(p.phone_2, '[^0-9]', '', 'g'), 11)
LEFT JOIN work_at w ON w.src = p.key
LEFT JOIN work_in d ON d.src = p.key
WHERE p.deleted_on IS NULL
ORDER BY row
"""

_APART = """
SELECT DISTINCT least(a.row, b.row) AS one, greatest(a.row, b.row) AS other
FROM (SELECT src, dst FROM related_to UNION ALL SELECT src, dst FROM referred) e
JOIN person_row a ON a.key = e.src JOIN person_row b ON b.key = e.dst
WHERE a.row <> b.row ORDER BY ALL
"""


class Persons(NamedTuple):
    """The open persons in the order of their ids; `apart` are pairs of rows known to be two.

    They are relatives by what a source states, or one referred the other.
    """

    ids: pa.Array
    fields: list[Field]
    apart: tuple[Keys, Keys]


def read_persons(snapshot: Path) -> Persons:
    """The persons of a snapshot."""
    with engine(snapshot, read_only=True) as work:
        work.execute(_SELLERS)
        table = work.sql(_PERSONS).to_arrow_table()
        work.register("person_row", table.select(["row", "key"]))
        one, other = _rows(work)
    texts = table.drop_columns(["row", "key", "id"])
    return Persons(table["id"].combine_chunks(), fields_of(texts, ROLES), (one, other))


def _rows(work: duckdb.DuckDBPyConnection) -> tuple[Keys, Keys]:
    found = work.sql(_APART).to_arrow_table()
    return found["one"].to_numpy(), found["other"].to_numpy()
