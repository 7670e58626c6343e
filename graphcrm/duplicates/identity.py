"""The ids of customers: clusters change between findings, their ids as little as can be.

Whoever noted down a customer's id, or linked to it, must find the same customer under it later.
"""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from graphcrm.duck import engine, number

STABLE = pa.schema([("label", pa.string()), ("id", pa.string()), ("customer_id", pa.string())])
"""Each record and its customer."""

_LENGTH = 10
"""Characters of an id: 50 bits, so that among a million customers hardly any two are alike."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
"""Base32 (RFC 4648) in lower case: it can be read aloud and double-clicked."""

_RECORD = """
CREATE TABLE record AS
SELECT label, id, cluster, row_number() OVER (ORDER BY label, id) AS n FROM clusters
"""

# What an earlier customer and a cluster share, the largest share first: one order for merges,
# where one cluster has several, and for splits, where one customer is in several.
_SHARE = """
CREATE TABLE share AS
SELECT cluster, customer_id,
       row_number() OVER (ORDER BY count(*) DESC, customer_id, min(n)) AS place
FROM record JOIN before USING (label, id) GROUP BY cluster, customer_id
"""

_BEST = """
CREATE OR REPLACE TABLE best AS
SELECT cluster, customer_id
FROM share
JOIN (SELECT cluster, min(place) AS place FROM share GROUP BY cluster) USING (cluster, place)
JOIN (SELECT customer_id, min(place) AS place FROM share GROUP BY customer_id)
    USING (customer_id, place)
"""

_REST = """
CREATE OR REPLACE TABLE share AS
SELECT s.* FROM share s ANTI JOIN best b ON b.cluster = s.cluster
ANTI JOIN best c ON c.customer_id = s.customer_id
"""

_NAMELESS = """
CREATE TABLE nameless AS
SELECT r.cluster, r.label, r.id, r.n FROM record r
JOIN (SELECT cluster, min(n) AS n FROM record GROUP BY cluster) USING (n)
ANTI JOIN named m ON m.cluster = r.cluster
"""

_ANSWER = """
SELECT label, id, customer_id FROM record JOIN named USING (cluster) ORDER BY n
"""


def stable_ids(
    clusters: pa.Table,
    before: pa.Table | None = None,
    taken: Callable[[pa.Array], pa.Array] | None = None,
) -> pa.Table:
    """The customer id of each record, in the order of label and id (`STABLE`).

    `clusters` (label, id, cluster) holds each record once, `before` (label, id, customer_id) what
    an earlier call answered; None: nothing. Numbers of clusters mean nothing beyond the call.

    A cluster that did not change keeps its id, and so does one that grew or shrank. Where several
    became one, the id of that with most records in it stays (of equals the smallest id). Where one
    became several, the part with most records keeps it (of equals the one with the smallest
    record). No id is given to two clusters, or anew to another one. A new id is made of the
    smallest record of its cluster. The order of rows does not matter.

    Where `before` is of these records alone, `taken` tells which ids of some others have.
    """
    with engine() as work:
        work.register("clusters", clusters)
        work.register("before", before if before is not None else STABLE.empty_table())
        work.execute(_RECORD)
        work.execute(_SHARE)
        work.execute("CREATE TABLE named (cluster BIGINT, customer_id VARCHAR)")
        _keep(work)
        _invent(work, taken)
        return work.sql(_ANSWER).to_arrow_table().cast(STABLE)


def _keep(work: duckdb.DuckDBPyConnection) -> None:
    """Give earlier ids to clusters: those pairs that are each other's best, and so on."""
    while number(work, "SELECT count(*) FROM share"):
        work.execute(_BEST)
        work.execute("INSERT INTO named SELECT * FROM best")
        work.execute(_REST)


def _invent(work: duckdb.DuckDBPyConnection, taken: Callable[[pa.Array], pa.Array] | None) -> None:
    """Give new ids to the others; whoever meets an id that is taken tries the next."""
    work.execute(_NAMELESS)
    work.execute("CREATE TABLE taken AS SELECT DISTINCT customer_id FROM before")
    attempt = 0
    while number(work, "SELECT count(*) FROM nameless"):
        work.execute(
            "CREATE OR REPLACE TABLE tried AS "
            f"SELECT cluster, {_hashed(attempt)} AS customer_id, n FROM nameless"
        )
        if taken is not None:
            tried = work.sql("SELECT customer_id FROM tried").to_arrow_table()
            others = taken(tried["customer_id"].combine_chunks())
            work.register("others", pa.table({"customer_id": others}))
            work.execute("INSERT INTO taken SELECT customer_id FROM others")
        work.execute(
            "CREATE OR REPLACE TABLE best AS SELECT cluster, customer_id FROM tried "
            "ANTI JOIN taken USING (customer_id) "
            "QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY n) = 1"
        )
        work.execute("INSERT INTO named SELECT * FROM best")
        work.execute("INSERT INTO taken SELECT customer_id FROM best")
        work.execute(
            "CREATE OR REPLACE TABLE nameless AS SELECT l.* FROM nameless l "
            "ANTI JOIN best USING (cluster)"
        )
        attempt += 1


def _hashed(attempt: int) -> str:
    """SQL for the id that a record's label and id make at an attempt, from 0 on."""
    digits = f"('0x' || left(sha256('{attempt}:' || label || ':' || id), 13))::UBIGINT"
    letters = " || ".join(
        f"substr('{_ALPHABET}', ((({digits}) >> {5 * place}) & 31)::INTEGER + 1, 1)"
        for place in range(_LENGTH)
    )
    return f"'C-' || {letters}"
