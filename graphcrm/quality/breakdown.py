"""The same problems by where, when and by whom the records were entered."""

from collections.abc import Iterable, Sequence
from typing import Literal

import duckdb
import pyarrow as pa

from graphcrm.model import VOCABULARY, NodeType
from graphcrm.quality.fields import Field, nodes_of
from graphcrm.quality.marks import FORM, INVALID, LABEL_MASK, REFERENCE, SUSPICIOUS

Group = Literal["source", "branch", "agent", "month"]
GROUPS: tuple[Group, ...] = ("source", "branch", "agent", "month")

_ENTRY = ("branch", "agent", "month")
"""The groups that only records have which tell how they were entered."""

_SCHEMA = (
    "CREATE TEMP TABLE part (label VARCHAR, kind VARCHAR, place BIGINT, month DATE, "
    "records BIGINT, missing BIGINT, invalid BIGINT, suspicious BIGINT, referring BIGINT, "
    "form BIGINT, affected BIGINT)"
)

_BY_RECORD = f"""
CREATE TEMP TABLE problem AS
SELECT key, count(*) FILTER (problem = '{INVALID}')::INTEGER AS invalid,
       count(*) FILTER (problem = '{SUSPICIOUS}')::INTEGER AS suspicious,
       count(*) FILTER (problem = '{REFERENCE}')::INTEGER AS referring,
       count(*) FILTER (problem = '{FORM}')::INTEGER AS form
FROM mark GROUP BY key
"""

_ORIGIN = (
    "CREATE TEMP TABLE origin_name AS SELECT source, replace(replace(replace("
    "min(split_part(id, ':', 1)), '%3A', ':'), '%253A', '%3A'), '%2525', '%25') AS name FROM ({}) "
    "WHERE source IS NOT NULL GROUP BY source"
)
"""A source's name stands in front of its ids, with its own separators escaped."""

_PART = """
INSERT INTO part
SELECT '{label}', {by}, coalesce({keys}), {month}, count(*), sum(missing), sum(invalid),
       sum(suspicious), sum(referring), sum(form),
       count(*) FILTER (missing + invalid + suspicious + referring > 0)
FROM (
    SELECT {columns}, ({missing})::INTEGER AS missing, coalesce(p.invalid, 0) AS invalid,
           coalesce(p.suspicious, 0) AS suspicious, coalesce(p.referring, 0) AS referring,
           coalesce(p.form, 0) AS form
    FROM "{table}" n LEFT JOIN problem p ON p.key = n.key {joins}
    WHERE n.deleted_on IS NULL
)
GROUP BY GROUPING SETS ((), {sets})
"""

_ENTERED = (
    " LEFT JOIN (SELECT src, min(dst) AS dst FROM {edge} WHERE src & {mask} = {number} "
    "GROUP BY src) {alias} ON {alias}.src = n.key"
)
"""Where sources disagree about who entered a record, one answer holds: none counts twice."""

_GROUPED = """
SELECT g.label, {id} AS id, {name} AS name, g.records, g.missing, g.invalid, g.suspicious,
       g.referring AS "references", g.problems, 100.0 * g.problems / g.records AS per_100,
       g.affected, g.affected::DOUBLE / g.records AS share, g.form AS nonconforming
FROM (
    SELECT *, missing + invalid + suspicious + referring AS problems FROM part WHERE kind = '{by}'
) g
JOIN (
    SELECT label, (missing + invalid + suspicious + referring) / records AS usual
    FROM part WHERE kind = 'all'
) t ON t.label = g.label
{join}
ORDER BY (g.problems - g.records * t.usual) / sqrt(g.records * t.usual + 1) DESC,
         g.records DESC, g.label, id
"""


def count_groups(work: duckdb.DuckDBPyConnection, fields: Sequence[Field]) -> None:
    """Count the marks and what is missing by group, in one pass over each label."""
    nodes = nodes_of(fields)
    ids = " UNION ALL ".join(f'SELECT source, id FROM "{node.table}"' for node in nodes)
    work.execute(_ORIGIN.format(ids or "SELECT 0 AS source, '' AS id WHERE false"))
    work.execute(_BY_RECORD)
    work.execute(_SCHEMA)
    for node in nodes:
        _count(work, node, [field for field in fields if field.node is node])


def grouped(work: duckdb.DuckDBPyConnection, by: Group | Literal["all"]) -> pa.Table:
    """The counts of one kind of group, a row for each label and group.

    Columns: label, id (NULL: not stated), name, records, missing (values that a complete record
    has), invalid, suspicious, references (that lead nowhere), problems (these four together),
    per_100 (problems per 100 records), affected (records with a problem), share (of the records),
    nonconforming (values not in form; no problem). First come those whose problems are most clearly
    above the average of their label: by (problems - expected) / sqrt(expected + 1), nearly the
    residual of Pearson's test, by which neither tiny nor merely large groups come first.
    """
    joins = {
        "branch": 'LEFT JOIN "department" d ON d.key = g.place',
        "agent": 'LEFT JOIN "agent" d ON d.key = g.place',
        "source": "LEFT JOIN origin_name d ON d.source = g.place",
    }
    ids = {"source": "d.name", "month": "strftime(g.month, '%Y-%m')", "all": "NULL::VARCHAR"}
    id_ = ids.get(by, "d.id")
    name = "d.name" if by in joins else id_
    return work.sql(
        _GROUPED.format(by=by, id=id_, name=name, join=joins.get(by, ""))
    ).to_arrow_table()


def _count(work: duckdb.DuckDBPyConnection, node: NodeType, fields: Iterable[Field]) -> None:
    entered = _entered(node)
    groups = [g for g in GROUPS if g not in _ENTRY or entered]
    columns = {
        "source": "n.source", "branch": "b.dst AS branch", "agent": "a.dst AS agent",
        "month": "date_trunc('month', n.created_on)::DATE AS month",
    }  # fmt: skip
    joins = "".join(
        _ENTERED.format(edge=edge, alias=alias, mask=LABEL_MASK, number=node.number)
        for edge, alias in (("entered_at", "b"), ("entered_by", "a"))
        if entered
    )
    missing = [f'(n."{f.name}" IS NULL)::INTEGER' for f in fields if f.expected and _may_lack(f)]
    named = " ".join(f"WHEN grouping({g}) = 0 THEN '{g}'" for g in groups)
    work.execute(
        _PART.format(
            label=node.label,
            table=node.table,
            by=f"CASE {named} ELSE 'all' END",
            keys="source, branch, agent" if entered else "source, NULL",
            month="month" if entered else "NULL",
            columns=", ".join(columns[g] for g in groups),
            missing=" + ".join(missing) or "0",
            joins=joins,
            sets=", ".join(f"({g})" for g in groups),
        )
    )


def _may_lack(field: Field) -> bool:
    return field.present < field.rows


def _entered(node: NodeType) -> bool:
    """Whether records of the label tell how they were entered."""
    return node.label in VOCABULARY.edges["ENTERED_AT"].start
