"""What was found, read from the graph: customers with several records, and how good they are."""

from pathlib import Path

import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.duplicates.customers.kept import not_found
from graphcrm.duplicates.truth import read_truth
from graphcrm.store import Say, Store

_SEVERAL = """
SELECT c.id AS customer_id, c.records, p.id, p.name, p.birth_date::VARCHAR AS birth_date,
       i.probability
FROM customer c JOIN is_customer i ON i.dst = c.key JOIN person p ON p.key = i.src
WHERE c.records > 1 AND p.deleted_on IS NULL
ORDER BY c.records DESC, customer_id, p.id
"""

_SAMENESSES = """
SELECT a.id AS "left", b.id AS "right", a.name AS left_name, b.name AS right_name,
       s.probability, s.match_weight, s.evidence
FROM same_as s JOIN person a ON a.key = s.src JOIN person b ON b.key = s.dst
WHERE a.deleted_on IS NULL AND b.deleted_on IS NULL
ORDER BY s.match_weight DESC, "left", "right"
"""

_EXPORT = """
SELECT 'person' AS kind, p.id, c.id AS customer_id, i.probability
FROM is_customer i JOIN person p ON p.key = i.src JOIN customer c ON c.key = i.dst
WHERE p.deleted_on IS NULL ORDER BY p.id
"""

_EARLIER = """
SELECT 'Person' AS label, p.id, c.id AS customer_id
FROM is_customer i JOIN person p ON p.key = i.src JOIN customer c ON c.key = i.dst
"""

_MEMBER = """
CREATE TEMP TABLE member AS
SELECT p.id, i.dst AS cluster, e.entity
FROM is_customer i JOIN person p ON p.key = i.src
JOIN entity e ON e.label = 'Person' AND e.id = p.id
WHERE p.deleted_on IS NULL
"""

_MEASURED = """
WITH shared AS (SELECT cluster, entity, count(*) AS n FROM member GROUP BY ALL),
found AS (SELECT cluster, count(*) AS n FROM member GROUP BY ALL),
truth AS (SELECT entity, count(*) AS n FROM member GROUP BY ALL),
pairs AS (
    SELECT (SELECT sum(n * (n - 1) // 2) FROM found) AS found,
           (SELECT sum(n * (n - 1) // 2) FROM truth) AS really,
           (SELECT sum(n * (n - 1) // 2) FROM shared) AS correct
),
b3 AS (
    SELECT sum(b.n * b.n / f.n) / sum(b.n) AS precision, sum(b.n * b.n / t.n) / sum(b.n) AS recall
    FROM shared b JOIN found f USING (cluster) JOIN truth t USING (entity)
)
SELECT 'pairs' AS measure, found::BIGINT AS found, really::BIGINT AS "true",
       correct::BIGINT AS correct,
       correct / nullif(found, 0) AS precision, correct / nullif(really, 0) AS recall,
       2 * correct / nullif(found + really, 0) AS f1
FROM pairs
UNION ALL
SELECT 'b3', NULL, NULL, NULL, precision, recall, 2 * precision * recall / (precision + recall)
FROM b3
"""

_BY_ERROR = """
WITH pair AS (
    SELECT a.id AS one, b.id AS other, a.cluster = b.cluster AS met
    FROM member a JOIN member b ON b.entity = a.entity AND b.id > a.id
),
told AS (
    SELECT DISTINCT e.kind, p.one, p.other, p.met
    FROM pair p JOIN error e ON e.record_id IN (p.one, p.other)
)
SELECT kind, count(*) AS "true", count(*) FILTER (met) AS correct,
       count(*) FILTER (met) / count(*) AS recall
FROM told GROUP BY kind ORDER BY recall, kind
"""


def is_found(snapshot: Path) -> bool:
    """Whether customers were found in the graph of a snapshot."""
    with engine(snapshot, read_only=True) as work:
        rows = work.execute("SELECT count(*) FROM customer").fetchall()
    return bool(rows[0][0])


def customers_of(store: Store, say: Say = lambda text: None) -> pa.Table:
    """The records of customers with several of them, the largest customers first.

    Columns: customer_id, records, id, name, birth_date, probability (that it belongs there). Raises
    UsageError where customers weren't found yet.
    """
    return _asked(store, _SEVERAL, say)


def samenesses(store: Store, say: Say = lambda text: None) -> pa.Table:
    """The pairs of records that are one customer, the surest first, with evidence as JSON.

    Raises UsageError where customers weren't found yet.
    """
    return _asked(store, _SAMENESSES, say)


def exported(store: Store, say: Say = lambda text: None) -> pa.Table:
    """Every record with its customer: kind, id, customer_id, probability.

    Raises UsageError where customers weren't found yet.
    """
    return _asked(store, _EXPORT, say)


def evaluate_customers(
    store: Store, truth: Path, say: Say = lambda text: None
) -> tuple[pa.Table, pa.Table]:
    """How good the customers are against a truth (see `graphcrm.duplicates.evaluate`).

    Two tables. The first has a row for `pairs` (pairwise) and one for `b3` (per record: Bagga and
    Baldwin, 1998) with precision, recall and f1 (0 to 1), and for pairs how many were found, are
    true and are correct. The second says by kind of error, where the folder of the truth has
    errors.csv (record_id, kind), how many of the true pairs with such an error were found.
    Raises UsageError where customers weren't found yet or the truth isn't there, SourceError where
    it can't be read.
    """
    snapshot = _snapshot(store, say)
    with engine() as work:
        read_truth(work, truth)
        work.execute(f"ATTACH '{str(snapshot).replace(chr(39), chr(39) * 2)}' AS g (READ_ONLY)")
        for name in ("customer", "is_customer", "person"):
            work.execute(f"CREATE VIEW {name} AS FROM g.{name}")
        work.execute(_MEMBER)
        whole = work.sql(_MEASURED).to_arrow_table()
        errors = (truth if truth.is_dir() else truth.parent) / "errors.csv"
        if not errors.is_file():
            return whole, pa.table({"kind": pa.array([], pa.string())})
        work.execute(
            "CREATE TEMP TABLE error AS FROM read_csv(?, all_varchar = true)", [str(errors)]
        )
        return whole, work.sql(_BY_ERROR).to_arrow_table()


def earlier_customers(snapshot: Path, ids: pa.Array | None = None) -> pa.Table:
    """Which record, or which of those with these ids, was of which customer.

    Columns: label, id, customer_id.
    """
    with engine(snapshot, read_only=True) as work:
        if ids is None:
            return work.sql(_EARLIER).to_arrow_table()
        work.register("wanted", pa.table({"id": ids}))
        return work.sql(f"{_EARLIER} SEMI JOIN wanted w ON w.id = p.id").to_arrow_table()


def those_taken(snapshot: Path, ids: pa.Array) -> pa.Array:
    """Those of these ids that customers have."""
    with engine(snapshot, read_only=True) as work:
        work.register("wanted", pa.table({"id": ids}))
        found = work.sql("SELECT c.id FROM customer c SEMI JOIN wanted w ON w.id = c.id")
        return found.to_arrow_table()["id"].combine_chunks()


def _asked(store: Store, question: str, say: Say) -> pa.Table:
    with engine(_snapshot(store, say), read_only=True) as work:
        return work.sql(question).to_arrow_table()


def _snapshot(store: Store, say: Say) -> Path:
    snapshot = store.snapshot(say)
    if not is_found(snapshot):
        raise not_found()
    return snapshot
