"""How good the rules are, measured in pairs against a known truth."""

from pathlib import Path

import duckdb
import pyarrow as pa

from graphcrm.duck import engine
from graphcrm.duplicates.finding import register_found
from graphcrm.duplicates.truth import read_truth
from graphcrm.errors import UsageError

_EXPANDED = 200
_ONE_ENTITY = 2_000

_MEMBERS = """
CREATE TEMP TABLE member AS
WITH coded AS (
    SELECT f.rule, f."group" AS grp, e.entity,
           dense_rank() OVER (ORDER BY f.label, f.id) AS node
    FROM found f LEFT JOIN entity e ON e.label = f.label AND e.id = f.id
)
SELECT *, count(*) OVER (PARTITION BY rule, grp) <= $most AS small,
       count(*) OVER (PARTITION BY rule, grp, entity) <= greatest($most, $few) AS few
FROM coded
"""

# Pairs of small groups one by one; of large groups only those of one entity, which are few.
_PAIRS = """
CREATE TEMP TABLE pair AS
SELECT DISTINCT a.rule, a.node AS low, b.node AS high, a.entity = b.entity AS correct, true AS seen
FROM member a JOIN member b ON b.rule = a.rule AND b.grp = a.grp AND b.node > a.node
WHERE a.small AND a.entity IS NOT NULL AND b.entity IS NOT NULL
UNION
SELECT DISTINCT a.rule, a.node, b.node, true, false
FROM member a JOIN member b
    ON b.rule = a.rule AND b.grp = a.grp AND b.entity = a.entity AND b.node > a.node
WHERE NOT a.small AND a.few
"""

# Groups: what large groups add without being expanded, and what the truth says nothing about.
_RESULT = """
WITH sized AS (
    SELECT rule, grp, bool_and(small) AS small, count(*) AS n, count(entity) AS judged
    FROM member GROUP BY rule, grp
),
per_group AS (
    SELECT rule, count(*) FILTER (NOT small) AS large_groups,
           sum(judged * (judged - 1) // 2) FILTER (NOT small) AS pairs,
           sum(n * (n - 1) // 2 - judged * (judged - 1) // 2) AS unjudged
    FROM sized GROUP BY ROLLUP (rule)
),
many AS (
    SELECT rule, sum(n * (n - 1) // 2) AS correct FROM (
        SELECT rule, count(*) AS n FROM member
        WHERE NOT small AND NOT few AND entity IS NOT NULL GROUP BY rule, grp, entity
    ) GROUP BY ROLLUP (rule)
),
one AS (
    SELECT low, high, bool_or(correct) AS correct, bool_or(seen) AS seen,
           count(DISTINCT rule) AS rules
    FROM pair GROUP BY low, high
),
counted AS (
    SELECT p.rule, count(DISTINCT (p.low, p.high)) FILTER (p.seen) AS pairs,
           count(DISTINCT (p.low, p.high)) FILTER (p.correct) AS correct,
           count(DISTINCT (p.low, p.high)) FILTER (p.correct AND o.rules = 1) AS only_here
    FROM pair p JOIN one o USING (low, high) GROUP BY p.rule
    UNION ALL
    SELECT NULL, count(*) FILTER (seen), count(*) FILTER (correct), NULL FROM one
),
truth AS (
    SELECT label, sum(n * (n - 1) // 2) AS pairs
    FROM (SELECT label, count(*) AS n FROM entity GROUP BY label, entity) GROUP BY label
),
line AS (
    SELECT a.rule, a.place, t.pairs AS true_pairs
    FROM asked a LEFT JOIN truth t ON t.label = a.label
    UNION ALL
    SELECT NULL, 1000000, sum(pairs) FROM truth WHERE label IN (SELECT label FROM asked)
),
joined AS (
    SELECT l.place, l.rule, l.true_pairs,
           CASE WHEN l.true_pairs IS NOT NULL
                THEN coalesce(c.pairs, 0) + coalesce(g.pairs, 0) END AS pairs_found,
           CASE WHEN l.true_pairs IS NOT NULL
                THEN least(coalesce(c.correct, 0) + coalesce(m.correct, 0), l.true_pairs)
                END AS correct,
           CASE WHEN l.rule IS NOT NULL AND l.true_pairs IS NOT NULL
                THEN coalesce(c.only_here, 0) END AS only_here,
           coalesce(g.unjudged, 0) AS unjudged, coalesce(g.large_groups, 0) AS large_groups
    FROM line l
    LEFT JOIN counted c ON c.rule IS NOT DISTINCT FROM l.rule
    LEFT JOIN per_group g ON g.rule IS NOT DISTINCT FROM l.rule
    LEFT JOIN many m ON m.rule IS NOT DISTINCT FROM l.rule
)
SELECT coalesce(rule, 'all') AS rule, pairs_found::BIGINT AS pairs_found,
       true_pairs::BIGINT AS true_pairs, correct::BIGINT AS correct,
       correct::DOUBLE / nullif(pairs_found, 0) AS precision,
       correct::DOUBLE / nullif(true_pairs, 0) AS recall,
       2 * correct::DOUBLE / nullif(pairs_found + true_pairs, 0) AS f1,
       (pairs_found - correct)::BIGINT AS wrong, (true_pairs - correct)::BIGINT AS missed,
       only_here::BIGINT AS only_here, unjudged::BIGINT AS unjudged,
       large_groups::BIGINT AS large_groups
FROM joined ORDER BY place
"""


def evaluate(table: pa.Table, truth: Path, expand_up_to: int = _EXPANDED) -> pa.Table:
    """How good the answer of find_duplicates is: a row for each rule, then one for `all` together.

    `truth` is a folder with persons and institutions, or one of these files (CSV or Parquet with
    id and entity_id; a department that was entered as an institution has the entity_id of its
    institution). Everything is counted in distinct pairs of records that the truth knows:

    - pairs_found, true_pairs, correct; precision, recall, f1 (0 to 1; NULL where undefined);
    - wrong: found, but not of one entity; missed: of one entity, but not found;
    - only_here: correct pairs that no other rule of the table finds;
    - unjudged: pairs, summed over groups, in which the truth lacks a record;
    - large_groups: groups of more than `expand_up_to` records. Their pairs are counted as k(k-1)/2
      without looking whether another group has them too, so precision is then a lower bound (and,
      where one entity has over 2,000 records in such a group, recall an upper one).

    A rule whose label the truth doesn't cover has NULL in all but the last two. Raises UsageError
    where the truth isn't there or shares no id with the table, SourceError where it can't be read.
    """
    if expand_up_to < 2:
        raise UsageError(f"expand_up_to must be 2 or more, not {expand_up_to}")
    with engine() as work:
        labels = read_truth(work, truth)
        register_found(work, table)
        _check_ids(work, truth, labels)
        work.execute(_MEMBERS, {"most": expand_up_to, "few": _ONE_ENTITY})
        work.execute(_PAIRS)
        return work.sql(_RESULT).to_arrow_table()


def _check_ids(work: duckdb.DuckDBPyConnection, truth: Path, labels: list[str]) -> None:
    """Refuse a truth of other ids: everything would look missed."""
    covered = "FROM found f WHERE f.label IN (SELECT unnest(?))"
    known = "EXISTS (SELECT 1 FROM entity e WHERE e.label = f.label AND e.id = f.id)"
    rows = work.execute(
        f"SELECT count(*), count(*) FILTER ({known}), min(f.id) {covered}", [labels]
    ).fetchall()
    total, matching, example = rows[0]
    if total and not matching:
        theirs = work.execute("SELECT min(id) FROM entity").fetchall()[0][0]
        raise UsageError(
            f"{truth}: has none of the graph's ids (ids there look like {theirs!r}, "
            f"in the graph like {example!r})"
        )
