"""The quality of the data, field by field: what is filled, what is doubtful, what is missing."""

from pathlib import Path

import duckdb
import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.errors import StoreError
from graphcrm.model import VOCABULARY, NodeType

_COUNTS = pa.schema(
    [
        ("place", pa.int64()),
        ("label", pa.string()),
        ("property", pa.string()),
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
ORDER BY f.place
"""

_PENDING = """
SELECT origin, type, count(*) AS pending, count(DISTINCT other_ref) AS missing,
       min(other_ref) AS example
FROM pending GROUP BY origin, type ORDER BY pending DESC, origin, type
"""


def quality(snapshot: Path) -> pa.Table:
    """How good each property of each label is, in the vocabulary's order.

    `snapshot` is the file that Store.snapshot returns. Only open records count, labels without any
    are left out, and so are identifiers and what loading derives. Columns: label, property, rows,
    filled (share of rows with a value, 0 to 1), flawed (rows whose value is doubtful), reason (the
    commonest code of graphcrm.standards; NULL where nothing is flawed). A value that is flawed is
    filled. Raises StoreError where the file is no snapshot.
    """
    with _opened(snapshot) as work:
        fields: list[dict[str, str | int]] = []
        flaws = ["SELECT NULL AS label, NULL AS flaw WHERE false"]
        for node in VOCABULARY.nodes.values():
            if not node.shared:
                fields += _fields(work, node, len(fields))
                if any(p.name == "flaws" for p in node.properties):
                    flaws.append(_flaws(node))
        work.register("field", pa.Table.from_pylist(fields, schema=_COUNTS))
        work.execute(
            "CREATE TEMP TABLE flaw AS SELECT label, split_part(flaw, ':', 1) AS property, "
            "substr(flaw, strpos(flaw, ':') + 1) AS reason FROM "
            f"({' UNION ALL '.join(flaws)})"
        )
        return work.sql(_QUALITY).to_arrow_table()


def pending_references(snapshot: Path) -> pa.Table:
    """The references whose target is in no file, by the column that makes them, the most first.

    Columns: origin (`table.column`), type (of the edges that wait), pending (references), missing
    (different ids that they name), example (one of these). Raises StoreError as `quality` does.
    """
    with _opened(snapshot) as work:
        return work.sql(_PENDING).to_arrow_table()


def _opened(snapshot: Path) -> duckdb.DuckDBPyConnection:
    try:
        work = engine(snapshot, read_only=True)
    except duckdb.Error as error:
        raise StoreError(f"{snapshot}: can't be read as a snapshot ({error})") from error
    try:
        work.execute("SELECT state FROM snapshot").fetchall()
    except duckdb.Error as error:
        work.close()
        raise StoreError(f"{snapshot}: is no snapshot of a graph ({error})") from error
    return work


def _fields(
    work: duckdb.DuckDBPyConnection, node: NodeType, place: int
) -> list[dict[str, str | int]]:
    """How many values each property of a label has; nothing for a label without open rows."""
    names = [p.name for p in node.properties if not p.traits.derived]
    counts = ", ".join(f'count("{name}")' for name in names)
    row = work.execute(
        f'SELECT count(*), {counts} FROM "{node.table}" WHERE deleted_on IS NULL'
    ).fetchall()[0]
    if row[0] == 0:
        return []
    counted = enumerate(zip(names, row[1:], strict=True), place)
    return [
        {"place": n, "label": node.label, "property": name, "rows": row[0], "present": count}
        for n, (name, count) in counted
    ]


def _flaws(node: NodeType) -> str:
    return (
        f"SELECT '{node.label}', unnest(string_split(flaws, ';')) FROM \"{node.table}\" "
        "WHERE flaws IS NOT NULL AND deleted_on IS NULL"
    )
