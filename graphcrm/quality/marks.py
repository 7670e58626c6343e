"""The table of what is wrong: one row for each value, or reference, that has a problem."""

from collections.abc import Iterable

import duckdb

from graphcrm.model import LABEL_BITS
from graphcrm.quality.fields import Field, flaws_of, nodes_of

SUSPICIOUS, INVALID, FORM, REFERENCE = "suspicious", "invalid", "form", "reference"
"""What a value can be marked as; at most one of them, the first that holds."""

NO_FIELD = -1
"""The field of a reference that leads nowhere: references are no fields of the graph."""

LABEL_MASK = (1 << LABEL_BITS) - 1

_MARK = "CREATE TEMP TABLE mark (key BIGINT, field INTEGER, problem VARCHAR, detail VARCHAR)"

_FLAWS = """
INSERT INTO mark
SELECT q.key, f.field, CASE q.reason WHEN 'placeholder' THEN '{suspicious}' ELSE '{invalid}' END,
       q.reason
FROM (
    SELECT key, label, split_part(flaw, ':', 1) AS property,
           substr(flaw, strpos(flaw, ':') + 1) AS reason
    FROM ({flaws})
) q
JOIN field f ON f.label = q.label AND f.property = q.property
WHERE NOT EXISTS (SELECT 1 FROM mark m WHERE m.key = q.key AND m.field = f.field)
"""


def make_marks(work: duckdb.DuckDBPyConnection) -> None:
    """Make the empty table `mark`: key, field, problem, detail (a code that says more)."""
    work.execute(_MARK)


def mark_flaws(work: duckdb.DuckDBPyConnection, fields: Iterable[Field]) -> None:
    """Mark the values that the standards found doubtful when they were loaded."""
    listed = [sql for node in nodes_of(fields) if (sql := flaws_of(node))]
    if listed:
        flaws = " UNION ALL ".join(listed)
        work.execute(_FLAWS.format(suspicious=SUSPICIOUS, invalid=INVALID, flaws=flaws))


def mark_references(work: duckdb.DuckDBPyConnection) -> None:
    """Mark the records with references whose target is in no file, once for each."""
    work.execute(
        f"INSERT INTO mark SELECT anchor_key, {NO_FIELD}, '{REFERENCE}', origin FROM pending "
        "WHERE anchor_key IS NOT NULL"
    )
