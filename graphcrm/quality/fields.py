"""The fields that are measured, and how well each is filled."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from graphcrm.model import VOCABULARY, NodeType, Property
from graphcrm.quality.opening import opened

_EXPECTED = {
    "Person": ("sex", "birth_date", "id_type", "id_number", "phone", "address"),
    "Institution": ("kind", "uscc", "phone", "address", "contact_name", "contact_phone"),
    "Agent": ("phone",),
    "Policy": ("starts_on", "channel"),
    "Claim": ("reported_on", "amount_claimed"),
    "Vehicle": ("plate", "vin"),
}
"""What a complete record has besides the fields without which it isn't loaded: what says who it is
and how to reach them. The other fields may rightly be empty (a second phone, a day of death)."""

_COUNTS = pa.schema(
    [
        ("field", pa.int32()),
        ("label", pa.string()),
        ("property", pa.string()),
        ("expected", pa.bool_()),
        ("rows", pa.int64()),
        ("present", pa.int64()),
    ]
)

_QUALITY = """
WITH counted AS (
    SELECT label, property, reason, count(*) AS n FROM flaw GROUP BY label, property, reason
),
worst AS (
    SELECT label, property, sum(n) AS flawed, max(n) AS most FROM counted GROUP BY label, property
),
commonest AS (
    SELECT w.label, w.property, w.flawed, min(c.reason) AS reason
    FROM worst w JOIN counted c ON c.label = w.label AND c.property = w.property AND c.n = w.most
    GROUP BY w.label, w.property, w.flawed
)
SELECT f.label, f.property, f.rows, f.present::DOUBLE / f.rows AS filled,
       coalesce(c.flawed, 0)::BIGINT AS flawed, c.reason
FROM field f LEFT JOIN commonest c ON c.label = f.label AND c.property = f.property
ORDER BY f.field
"""

_NO_FLAW = "SELECT 0::BIGINT AS key, NULL AS label, NULL AS flaw WHERE false"

_PENDING = """
SELECT origin, type, count(*) AS pending, count(DISTINCT other_ref) AS missing,
       min(other_ref) AS example
FROM pending GROUP BY origin, type ORDER BY pending DESC, origin, type
"""


@dataclass(frozen=True)
class Field:
    """A property of a label with open records, with its place in the vocabulary's order."""

    number: int
    node: NodeType
    prop: Property
    rows: int
    present: int

    @property
    def name(self) -> str:
        """The property's name."""
        return self.prop.name

    @property
    def expected(self) -> bool:
        """Whether a complete record has it."""
        return is_expected(self.node.label, self.prop)


def is_expected(label: str, prop: Property) -> bool:
    """Whether a complete record of the label has the property."""
    return prop.required or prop.name in _EXPECTED.get(label, ())


def quality(snapshot: Path) -> pa.Table:
    """How good each property of each label is, in the vocabulary's order.

    `snapshot` is the file that Store.snapshot returns. Only open records count, labels without any
    are left out, and so are identifiers and what loading derives. Columns: label, property, rows,
    filled (share of rows with a value, 0 to 1), flawed (rows whose value is doubtful), reason (the
    commonest code of graphcrm.standards; NULL where nothing is flawed). A value that is flawed is
    filled. Raises StoreError where the file is no snapshot.
    """
    with opened(snapshot) as work:
        found = fields_of(work, VOCABULARY.nodes.values())
        register(work, found)
        listed = [flaws_of(node) for node in nodes_of(found)]
        work.execute(
            "CREATE TEMP TABLE flaw AS SELECT label, split_part(flaw, ':', 1) AS property, "
            "substr(flaw, strpos(flaw, ':') + 1) AS reason FROM "
            f"({' UNION ALL '.join([_NO_FLAW, *filter(None, listed)])})"
        )
        return work.sql(_QUALITY).to_arrow_table()


def pending_references(snapshot: Path) -> pa.Table:
    """The references whose target is in no file, by the column that makes them, the most first.

    Columns: origin (`table.column`), type (of the edges that wait), pending (references), missing
    (different ids that they name), example (one of these). Raises StoreError as `quality` does.
    """
    with opened(snapshot) as work:
        return references(work)


def references(work: duckdb.DuckDBPyConnection) -> pa.Table:
    """The same over an open snapshot."""
    return work.sql(_PENDING).to_arrow_table()


def fields_of(work: duckdb.DuckDBPyConnection, nodes: Iterable[NodeType]) -> list[Field]:
    """The fields of these labels, but for identifiers and labels without open rows."""
    found: list[Field] = []
    for node in nodes:
        if not node.recorded:
            continue
        named = [p for p in node.properties if not p.traits.derived]
        counts = ", ".join(f'count("{p.name}")' for p in named)
        rows, *present = work.execute(
            f'SELECT count(*), {counts} FROM "{node.table}" WHERE deleted_on IS NULL'
        ).fetchall()[0]
        if rows:
            counted = enumerate(zip(named, present, strict=True), len(found))
            found += [Field(number, node, p, rows, filled) for number, (p, filled) in counted]
    return found


def nodes_of(fields: Iterable[Field]) -> list[NodeType]:
    """The labels of the fields, each once."""
    return list({field.node.label: field.node for field in fields}.values())


def register(work: duckdb.DuckDBPyConnection, fields: Iterable[Field]) -> None:
    """Make the fields the table `field`: field, label, property, expected, rows, present."""
    rows = [
        {
            "field": f.number, "label": f.node.label, "property": f.name, "expected": f.expected,
            "rows": f.rows, "present": f.present,
        }
        for f in fields
    ]  # fmt: skip
    work.register("field", pa.Table.from_pylist(rows, schema=_COUNTS))


def flaws_of(node: NodeType) -> str | None:
    """SQL for the flaws of a label's open records (key, label, flaw), None where it keeps none."""
    if not any(p.name == "flaws" for p in node.properties):
        return None
    return (
        f"SELECT key, '{node.label}' AS label, unnest(string_split(flaws, ';')) AS flaw "
        f'FROM "{node.table}" WHERE flaws IS NOT NULL AND deleted_on IS NULL'
    )
