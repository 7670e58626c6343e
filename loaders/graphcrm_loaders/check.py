"""Vectorised validation: the rows that are right, and those that are refused with the reason.

The rules are the vocabulary's own; `tests/loaders/test_check.py` proves that they agree with
validating each row through pydantic.
"""

from dataclasses import dataclass

import duckdb

from graphcrm.duck import has_table, number
from graphcrm.model import Table
from graphcrm.store.staging import row_key
from graphcrm_loaders.columns import Incoming, Layout
from graphcrm_loaders.raw import REJECTED, RawTable
from graphcrm_loaders.rows import counted_rows

CHECKED = "checked"
"""DuckDB table of all rows that can be read: `n`, `at_line`, columns, `graph_source`, `bad`; where
rows are nodes, `graph_id` and `fingerprint` too."""

REFUSED = "refused"
"""DuckDB table (line, column_name, value, reason, detail, node_id, record)."""

_REPEATED = "repeated"

_STANDARDS_VERSION = 2
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
    named = _source(layout, source)
    values = ", ".join(f'{_value(c)} AS "{c.property.name}"' for c in layout.incoming)
    extra = ", t.extra" if layout.extra else ""
    identity = ""
    if table.node:
        key = row_key(table, layout.names, "t", named)
        identity = f", {key} AS graph_id, {_fingerprint(layout)} AS fingerprint"
    bad = " OR ".join(f"{_reason(c)} IS NOT NULL" for c in layout.incoming)
    work.execute(
        f"CREATE OR REPLACE TABLE {CHECKED} AS SELECT t.n, t.n + {raw.first_line - 1} AS at_line, "
        f"{values}, {named} AS graph_source{identity}{extra}, ({bad}) AS bad "
        f"FROM ({counted_rows(_trimmed(raw.relation, layout), layout, table)}) t"
    )
    rows = number(work, f"SELECT count(*) FROM {CHECKED}")
    some = layout.once or layout.only_with is not None
    numbered = raw.after_scan(
        number(work, f"SELECT count(*) FROM {raw.relation} w") if some else rows
    )
    if numbered:
        work.execute(
            f"UPDATE {CHECKED} AS c SET at_line = l.line FROM {numbered} l WHERE l.n = c.n"
        )
    _keep_refused(work, raw, layout, table, named)
    broken = _add_broken(work, raw, layout, table, named)
    refused = number(work, f"SELECT count(DISTINCT line) FROM {REFUSED}")
    return Checked(rows + broken, refused)


def _fingerprint(layout: Layout) -> str:
    """SQL for a number that is the same for a row of the same columns and values.

    Rows that a graph holds under the same fingerprint need no further look. DuckDB's hash may
    differ from version to version: then every row is looked at once more, nothing worse.
    """
    values = ", ".join(_value(c) for c in layout.incoming)
    extra = ", t.extra" if layout.extra else ""
    names = [*layout.names, *layout.extra_names]
    described = f"{_STANDARDS_VERSION} {' '.join(names)}".replace("'", "''")
    return f"(hash('{described}', {values}{extra}) >> 1)::BIGINT"


def _trimmed(relation: str, layout: Layout) -> str:
    columns = ", ".join(
        f'{c.sql if c.typed else c.property.kind.sql_clean(c.sql)} AS "{c.property.name}"'
        for c in layout.incoming
    )
    extra = f", {layout.extra} AS extra" if layout.extra else ""
    return f"SELECT row_number() OVER () AS n, {columns}{extra} FROM {relation} w"


def named_rows(raw: RawTable, layout: Layout, table: Table) -> str:
    """SQL for `graph_id` and `name` of the rows that name no source."""
    rows = counted_rows(_trimmed(raw.relation, layout), layout, table)
    own = "WHERE t.source IS NULL" if "source" in layout.names else ""
    key = row_key(table, layout.names, "t", "NULL::VARCHAR")
    return f"SELECT {key} AS graph_id, t.name FROM ({rows}) t {own}"


def _column(column: Incoming) -> str:
    return f't."{column.property.name}"'


def _value(column: Incoming) -> str:
    name = _column(column)
    return name if column.typed else column.property.kind.sql_value(name)


def _reason(column: Incoming) -> str:
    """SQL for the refusal code of a column, NULL where its value is right."""
    name, prop = _column(column), column.property
    kind = prop.kind
    reason = kind.sql_typed_refusal(name) if column.typed else kind.sql_refusal(name)
    if prop.required:
        return f"CASE WHEN {name} IS NULL THEN 'missing' ELSE {reason} END"
    return f"({reason})"


def _detail(column: Incoming) -> str:
    """SQL for what helps to mend a refused value: the codes that are known, the lines it takes."""
    codes = column.property.kind.allowed
    if codes:
        return f"if({_reason(column)} = 'unknown_code', '{', '.join(codes)}', NULL)"
    if column.typed:
        return "NULL::VARCHAR"
    feeds = f"length({_column(column)}) - length(replace({_column(column)}, chr(10), ''))"
    lines = f"'lines ' || k.at_line || ' to ' || (k.at_line + {feeds})"
    return f"CASE WHEN {_reason(column)} = 'too_long' AND {feeds} > 0 THEN {lines} END"


def _source(layout: Layout, source: str | None) -> str:
    fallback = "NULL::VARCHAR" if source is None else "'" + source.replace("'", "''") + "'"
    return f"coalesce(t.source, {fallback})" if "source" in layout.names else fallback


def _keep_refused(
    work: duckdb.DuckDBPyConnection, raw: RawTable, layout: Layout, table: Table, named: str
) -> None:
    """Read the refused rows a second time, with the values as they stand in the file."""
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {REFUSED} (line BIGINT, column_name VARCHAR, value VARCHAR, "
        "reason VARCHAR, detail VARCHAR, node_id VARCHAR, record VARCHAR)"
    )
    some_repeated = table.node is not None and _find_repeated(work)
    if not number(work, f"SELECT count(*) FROM {CHECKED} WHERE bad"):
        return
    reasons = [
        f"{{'c': '{c.property.name}', 'v': {_column(c)}::VARCHAR, 'r': {_reason(c)}, "
        f"'d': {_detail(c)}}}"
        for c in layout.incoming
    ]
    beside = ""
    if some_repeated and table.node:
        reasons.append(
            f"{{'c': '{table.node.id_fields[0]}', 'v': k.graph_id, "
            "'r': if(r.first_line IS NULL, NULL, 'repeated_id'), "
            "'d': 'first in line ' || r.first_line}"
        )
        beside = f"LEFT JOIN {_REPEATED} r ON r.n = t.n"
    work.execute(
        f"INSERT INTO {REFUSED} SELECT at_line, u.c, u.v, u.r, u.d, node_id, record FROM ("
        f"SELECT k.at_line, {row_key(table, layout.names, 't', named)} AS node_id, "
        f"{layout.record('t')} AS record, unnest([{', '.join(reasons)}]) AS u "
        f"FROM ({counted_rows(_trimmed(raw.relation, layout), layout, table)}) t "
        f"JOIN {CHECKED} k ON k.n = t.n {beside} "
        "WHERE k.bad) WHERE u.r IS NOT NULL"
    )


def _find_repeated(work: duckdb.DuckDBPyConnection) -> bool:
    """Mark the rows whose id an earlier right row of the file has; returns whether there are."""
    right = f"FROM {CHECKED} WHERE NOT bad"
    if not number(work, f"SELECT count(*) - count(DISTINCT graph_id) {right}"):
        return False
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {_REPEATED} AS SELECT n, first_line "
        "FROM (SELECT n, at_line, min(at_line) OVER (PARTITION BY graph_id) AS first_line "
        f"{right}) WHERE at_line <> first_line"
    )
    work.execute(f"UPDATE {CHECKED} SET bad = true WHERE n IN (SELECT n FROM {_REPEATED})")
    return True


def _add_broken(
    work: duckdb.DuckDBPyConnection, raw: RawTable, layout: Layout, table: Table, named: str
) -> int:
    """Add the rows that could not be read; their id is a guess from the cells that are there."""
    if not has_table(work, REJECTED):
        return 0
    cells = ", ".join(
        'cells[{}] AS "{}"'.format(n, name.replace('"', '""'))
        for n, name in enumerate(raw.columns, start=1)
    )
    relation = f"(SELECT {cells} FROM {REJECTED})"
    key = f"CASE WHEN b.cells IS NOT NULL THEN {row_key(table, layout.names, 't', named)} END"
    work.execute(
        f"INSERT INTO {REFUSED} SELECT b.line, NULL, NULL, b.reason, b.detail, {key}, b.record "
        f"FROM {REJECTED} b POSITIONAL JOIN ({_trimmed(relation, layout)}) t"
    )
    return number(work, f"SELECT count(*) FROM {REJECTED}")
