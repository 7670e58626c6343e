"""Vectorised validation: the rows that are right, and those that are refused with the reason.

The rules are the vocabulary's own; `tests/loaders/test_check.py` proves that they agree with
validating each row through pydantic.
"""

from dataclasses import dataclass

import duckdb

from graphcrm.model import Property, Table
from graphcrm.store.duck import has_table, number
from graphcrm.store.staging import own_id
from graphcrm_loaders.columns import Incoming, Layout, typed_reason
from graphcrm_loaders.raw import REJECTED, RawTable

CHECKED = "checked"
"""DuckDB table of all rows that can be read: `n`, `at_line`, `id`, `source`, columns, `bad`."""

REFUSED = "refused"
"""DuckDB table (line, column_name, value, reason, detail, node_id, record)."""


_STANDARDS_VERSION = 1
"""To be raised when standards change, so that rows loaded before are standardised anew."""


@dataclass(frozen=True)
class Checked:
    """How many rows were read and how many of them were refused (broken rows count as both)."""

    rows: int
    refused: int


def check(
    work: duckdb.DuckDBPyConnection, raw: RawTable, layout: Layout, table: Table, source: str | None
) -> Checked:
    """Fill the tables `checked` and `refused` from a raw table."""
    work.execute(f"DROP TABLE IF EXISTS {REJECTED}")
    named = _source(layout, source)
    values = ", ".join(f"{_value(c)} AS {_quoted(c.property)}" for c in layout.incoming)
    extra = ", extra" if layout.extra else ""
    identity = ""
    if table.node:
        parts = [f"{_quoted_name(name)}::VARCHAR" for name in table.node.id_fields]
        joined = parts[0] if len(parts) == 1 else f"concat_ws('|', {', '.join(parts)})"
        identity = f", {own_id(joined, named)} AS graph_id, {_fingerprint(layout)} AS fingerprint"
    bad = " OR ".join(f"{_reason(c)} IS NOT NULL" for c in layout.incoming)
    work.execute(
        f"CREATE OR REPLACE TABLE {CHECKED} AS SELECT n, n + {raw.first_line - 1} AS at_line, "
        f"{values}, {named} AS graph_source{identity}{extra}, ({bad}) AS bad "
        f"FROM ({_trimmed(raw, layout)}) t"
    )
    rows = number(work, f"SELECT count(*) FROM {CHECKED}")
    numbered = raw.after_scan(rows)
    if numbered:
        work.execute(
            f"UPDATE {CHECKED} AS c SET at_line = l.line FROM {numbered} l WHERE l.n = c.n"
        )
    _keep_refused(work, raw, layout, table)
    broken = _add_broken(work)
    refused = number(work, f"SELECT count(DISTINCT line) FROM {REFUSED}")
    return Checked(rows + broken, refused)


def _fingerprint(layout: Layout) -> str:
    """SQL for a number that is the same for a row of the same columns and values.

    Rows that a graph holds under the same fingerprint need no further look. DuckDB's hash may
    differ from version to version: then every row is looked at once more, nothing worse.
    """
    names = [c.property.name for c in layout.incoming]
    values = ", ".join(_value(c) for c in layout.incoming)
    extra = ", extra" if layout.extra else ""
    described = f"{_STANDARDS_VERSION} {' '.join(names)}".replace("'", "''")
    return f"(hash('{described}', {values}{extra}) >> 1)::BIGINT"


def _trimmed(raw: RawTable, layout: Layout) -> str:
    columns = ", ".join(
        f"{c.sql if c.typed else _trim(c.sql)} AS {_quoted(c.property)}" for c in layout.incoming
    )
    extra = f", {layout.extra} AS extra" if layout.extra else ""
    return f"SELECT row_number() OVER () AS n, {columns}{extra} FROM {raw.relation} w"


def _trim(sql: str) -> str:
    return f"nullif(trim({sql}, ' ' || chr(9) || chr(10) || chr(13)), '')"


def _value(column: Incoming) -> str:
    name = _quoted(column.property)
    return name if column.typed else column.property.kind.sql_value(name)


def _reason(column: Incoming) -> str:
    """SQL for the refusal code of a column, NULL where its value is right."""
    name, prop = _quoted(column.property), column.property
    rule = typed_reason(prop.kind) if column.typed else None
    reason = (
        rule.format(c=name) if rule else "NULL" if column.typed else prop.kind.sql_refusal(name)
    )
    if prop.required:
        return f"CASE WHEN {name} IS NULL THEN 'missing' ELSE {reason} END"
    return f"({reason})"


def _source(layout: Layout, source: str | None) -> str:
    fallback = "NULL::VARCHAR" if source is None else "'" + source.replace("'", "''") + "'"
    if any(c.property.name == "source" for c in layout.incoming):
        return f"coalesce(source, {fallback})"
    return fallback


def _keep_refused(
    work: duckdb.DuckDBPyConnection, raw: RawTable, layout: Layout, table: Table
) -> None:
    """Read the refused rows a second time, with the values as they stand in the file."""
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {REFUSED} (line BIGINT, column_name VARCHAR, value VARCHAR, "
        "reason VARCHAR, detail VARCHAR, node_id VARCHAR, record VARCHAR)"
    )
    if table.node:
        _refuse_repeated(work)
    if not number(work, f"SELECT count(*) FROM {CHECKED} WHERE bad"):
        return
    reasons = ", ".join(
        f"{{'c': '{c.property.name}', 'v': {_quoted(c.property)}::VARCHAR, 'r': {_reason(c)}}}"
        for c in layout.incoming
    )
    pairs = ", ".join(
        f"'{c.property.name}', {_quoted(c.property)}::VARCHAR" for c in layout.incoming
    )
    extra = ", 'extra', extra" if layout.extra else ""
    node_id = "k.graph_id" if table.node else "NULL"
    work.execute(
        f"INSERT INTO {REFUSED} SELECT at_line, u.c, u.v, u.r, NULL, node_id, record FROM ("
        f"SELECT k.at_line, {node_id} AS node_id, json_object({pairs}{extra})::VARCHAR AS record, "
        f"unnest([{reasons}]) AS u FROM ({_trimmed(raw, layout)}) t "
        f"JOIN {CHECKED} k ON k.n = t.n WHERE k.bad) WHERE u.r IS NOT NULL"
    )


def _refuse_repeated(work: duckdb.DuckDBPyConnection) -> None:
    """Refuse rows whose id an earlier row of the file has."""
    repeated = number(
        work, f"SELECT count(*) - count(DISTINCT graph_id) FROM {CHECKED} WHERE NOT bad"
    )
    if not repeated:
        return
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE repeated AS SELECT * FROM (SELECT at_line, graph_id, "
        "min(at_line) OVER (PARTITION BY graph_id) AS first_line "
        f"FROM {CHECKED} WHERE NOT bad) WHERE at_line <> first_line"
    )
    work.execute(
        f"INSERT INTO {REFUSED} SELECT c.at_line, 'id', c.graph_id, 'repeated_id', "
        "'first in line ' || r.first_line, c.graph_id, to_json(c)::VARCHAR "
        f"FROM {CHECKED} c JOIN repeated r ON r.at_line = c.at_line"
    )
    work.execute(f"DELETE FROM {CHECKED} WHERE at_line IN (SELECT at_line FROM repeated)")


def _add_broken(work: duckdb.DuckDBPyConnection) -> int:
    if not has_table(work, REJECTED):
        return 0
    work.execute(
        f"INSERT INTO {REFUSED} SELECT line, NULL, NULL, reason, detail, NULL, record "
        f"FROM {REJECTED}"
    )
    return number(work, f"SELECT count(*) FROM {REJECTED}")


def _quoted(prop: Property) -> str:
    return f'"{prop.name}"'


def _quoted_name(name: str) -> str:
    return f'"{name}"'
