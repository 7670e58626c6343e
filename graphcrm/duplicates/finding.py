"""Finding groups of records that a rule takes for the same customer."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.duplicates.rules import RULES, chosen
from graphcrm.store import Store

FOUND = pa.schema(
    [
        ("rule", pa.string()),
        ("group", pa.int64()),
        ("label", pa.string()),
        ("id", pa.string()),
        ("name", pa.string()),
        ("evidence", pa.string()),
    ]
)
_ASKED = b"rules"

_GROUPS = """
WITH held AS (
    SELECT evidence, list(id ORDER BY id) AS members, count(*) AS size
    FROM answer GROUP BY evidence
),
merged AS (
    SELECT min(evidence) AS first, string_agg(evidence, '; ' ORDER BY evidence) AS evidence,
           max(size) AS size
    FROM held GROUP BY members
),
numbered AS (
    SELECT first, evidence, row_number() OVER (ORDER BY size DESC, first) AS nth FROM merged
)
SELECT ? AS rule, n.nth AS "group", a.label, a.id, a.name, n.evidence
FROM answer a JOIN numbered n ON n.first = a.evidence
ORDER BY n.nth, a.id
"""

_SUMMARY = """
WITH sized AS (SELECT rule, "group", count(*) AS size FROM found GROUP BY rule, "group"),
records AS (SELECT rule, count(DISTINCT label || ':' || id) AS n FROM found GROUP BY rule)
SELECT a.rule, count(s.size)::BIGINT AS groups, coalesce(max(r.n), 0)::BIGINT AS records,
       coalesce(sum(s.size * (s.size - 1) // 2), 0)::BIGINT AS pairs,
       coalesce(max(s.size), 0)::BIGINT AS largest
FROM asked a LEFT JOIN sized s ON s.rule = a.rule LEFT JOIN records r ON r.rule = a.rule
GROUP BY a.rule, a.place ORDER BY a.place
"""


def find_duplicates(store: Store, rules: Iterable[str] | None = None) -> pa.Table:
    """The groups of records that the rules (default: all of RULES) take for the same customer.

    One row per record in a group: rule, group (from 1 in each rule, the largest first), label, id,
    name, evidence (what the group has in common; groups of the same records are one group with all
    their evidence). Records may be in several groups of a rule, as when two share a phone and
    three an address. Closed records are left out. Raises UsageError for an unknown rule.
    """
    wanted = chosen(rules)
    parts = []
    with engine() as work:
        for rule in wanted:
            work.register("answer", store.query(rule.question))
            parts.append(work.sql(_GROUPS, params=[rule.name]).to_arrow_table().cast(FOUND))
    asked = ",".join(rule.name for rule in wanted)
    return pa.concat_tables(parts or [FOUND.empty_table()]).replace_schema_metadata(
        {_ASKED: asked.encode()}
    )


def summary(table: pa.Table) -> pa.Table:
    """How much each rule found: rule, groups, records, pairs, largest (records in a group).

    `table` comes from find_duplicates. `pairs` is the sum of k(k-1)/2 over groups of k records; a
    pair that is in two groups of a rule counts twice.
    """
    with engine() as work:
        register_found(work, table)
        return work.sql(_SUMMARY).to_arrow_table()


def register_found(work: duckdb.DuckDBPyConnection, table: pa.Table) -> None:
    """Register `found`, the table, and `asked` (rule, label, place), the rules it answers."""
    metadata = table.schema.metadata or {}
    names = metadata.get(_ASKED, b"").decode().split(",") if _ASKED in metadata else []
    present = [*names, *sorted(set(table["rule"].to_pylist()) - set(names))]
    asked = {
        "rule": pa.array([name for name in present if name], pa.string()),
        "label": pa.array([RULES[name].label for name in present if name], pa.string()),
        "place": pa.array([i for i, name in enumerate(present) if name], pa.int64()),
    }
    work.register("found", table.cast(FOUND))
    work.register("asked", pa.table(asked))
