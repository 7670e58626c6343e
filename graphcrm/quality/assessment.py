"""All that is known of the quality of a graph's data, in one pass over its snapshot."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY
from graphcrm.quality.breakdown import GROUPS, Group, count_groups, grouped
from graphcrm.quality.conformity import mark_forms
from graphcrm.quality.defaults import mark_defaults, suspicious_defaults
from graphcrm.quality.fields import fields_of, references, register
from graphcrm.quality.marks import make_marks, mark_flaws, mark_references
from graphcrm.quality.opening import opened

_FIELDS = """
WITH counted AS (
    SELECT field, problem, detail, count(*) AS n FROM mark GROUP BY field, problem, detail
),
summed AS (
    SELECT field, sum(n) FILTER (problem = 'invalid') AS invalid,
           sum(n) FILTER (problem = 'suspicious') AS suspicious,
           sum(n) FILTER (problem = 'form') AS nonconforming,
           first(detail ORDER BY n DESC, detail) FILTER (problem = 'invalid') AS reason,
           first(detail ORDER BY n DESC, detail) FILTER (problem = 'form') AS form
    FROM counted GROUP BY field
)
SELECT f.label, f.property, f.expected, f.rows, f.present::DOUBLE / f.rows AS filled,
       coalesce(s.invalid, 0)::BIGINT AS invalid, s.reason,
       coalesce(s.suspicious, 0)::BIGINT AS suspicious,
       coalesce(s.nonconforming, 0)::BIGINT AS nonconforming, s.form,
       (f.present - coalesce(s.invalid, 0) - coalesce(s.suspicious, 0))::DOUBLE / f.rows AS sound
FROM field f LEFT JOIN summed s ON s.field = f.field ORDER BY f.field
"""


@dataclass(frozen=True)
class Assessment:
    """The quality of the data, as tables.

    - fields: label, property, expected (whether a complete record has it), rows, filled (share of
      the rows), invalid, reason (the commonest code of `graphcrm.standards`), suspicious,
      nonconforming, form (what is most often odd about those), sound (share of the rows with a
      value that is neither invalid nor suspicious).
    - totals, and groups by source, branch, agent, month: see `breakdown.grouped`.
    - defaults: see `defaults.suspicious_defaults`.
    - references: see `pending_references`.
    - label: the only label that was measured, None for all.
    """

    fields: pa.Table
    totals: pa.Table
    groups: dict[Group, pa.Table]
    defaults: pa.Table
    references: pa.Table
    label: str | None = None


def assess(snapshot: Path, label: str | None = None) -> Assessment:
    """Measure the open records of all labels, or of one.

    `snapshot` is the file that Store.snapshot returns. A value has one problem at most: it is
    suspicious (a default), else invalid (a flaw by the standards), else not in form. Raises
    StoreError where the file is no snapshot, UsageError for a label that has no records of its own.
    """
    nodes = {n.label: n for n in VOCABULARY.nodes.values() if n.recorded}
    if label is not None and label not in nodes:
        raise UsageError(f"{label!r} is no label with records; there are {', '.join(nodes)}")
    with opened(snapshot) as work:
        fields = fields_of(work, [nodes[label]] if label else nodes.values())
        register(work, fields)
        make_marks(work)
        mark_defaults(work, fields)
        mark_flaws(work, fields)
        mark_forms(work, fields)
        mark_references(work)
        count_groups(work, fields)
        return Assessment(
            fields=work.sql(_FIELDS).to_arrow_table(),
            totals=grouped(work, "all"),
            groups={by: grouped(work, by) for by in GROUPS},
            defaults=suspicious_defaults(work, fields),
            references=_references(work, label),
            label=label,
        )


def _references(work: duckdb.DuckDBPyConnection, label: str | None) -> pa.Table:
    """The references that lead nowhere; with a label, those its own tables make."""
    found = references(work)
    if label is None:
        return found
    tables = {t.name for t in VOCABULARY.tables.values() if t.node and t.node.label == label}
    own = [origin.split(".")[0] in tables for origin in found["origin"].to_pylist()]
    return found.filter(pa.array(own, pa.bool_()))
