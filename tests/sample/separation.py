"""How well one column alone tells planted rows from honest ones."""

from __future__ import annotations

import duckdb
import numpy as np
from numpy.typing import NDArray

_BUCKETS = 16
_FEW = 40
_PRIOR = 20.0


def aucs(engine: duckdb.DuckDBPyConnection, rows: str) -> dict[str, float]:
    """The area under the ROC curve of every column of a query but `planted`, the 0 or 1 to guess.

    A column is cut into buckets: its few values, or else ranges of its rank (numbers, days) and of
    how often each value occurs (ids, text); empty is a bucket of its own. A row is scored by the
    share of planted rows in its bucket, counted on the other half of the rows: those with the other
    parity of a column `fold`, so that a group of planted rows is guessed from other groups alone;
    without such a column the halves are drawn.
    """
    engine.execute(
        "CREATE OR REPLACE TEMP TABLE guessed AS"
        f" SELECT *, row_number() OVER () AS row_place FROM ({rows})"
    )
    kinds = {name: kind for name, kind, *_ in engine.execute("DESCRIBE guessed").fetchall()}
    planted = _column(engine, "planted::INT").astype(np.bool_)
    half = np.random.default_rng(1).permutation(len(planted)) % 2 == 0
    if "fold" in kinds:
        half = _column(engine, "fold % 2") == 0
    found = {}
    for name, kind in kinds.items():
        if name in ("planted", "fold"):
            continue
        values = engine.execute(f'SELECT count(DISTINCT "{name}") FROM guessed').fetchone()
        assert values is not None
        readings = [f'dense_rank() OVER (ORDER BY "{name}")']
        if values[0] > _FEW:
            readings = [_frequency(name)]
            if not kind.startswith("VARCHAR"):
                readings.append(_ranks(name))
        found[name] = max(auc(_column(engine, reading), planted, half) for reading in readings)
    return found


def auc(bucket: NDArray[np.int64], planted: NDArray[np.bool_], half: NDArray[np.bool_]) -> float:
    """The area under the curve of a guess by bucket, each half of the rows guessed by the other."""
    score = np.zeros(len(bucket))
    for one, other in ((half, ~half), (~half, half)):
        rows = np.bincount(bucket[one], minlength=bucket.max() + 1)
        hits = np.bincount(bucket[one], planted[one], minlength=bucket.max() + 1)
        score[other] = ((hits + _PRIOR * planted[one].mean()) / (rows + _PRIOR))[bucket[other]]
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    hits_all, misses = planted.sum(), (~planted).sum()
    return float((rank[planted].sum() - hits_all * (hits_all + 1) / 2) / (hits_all * misses))


def _ranks(name: str) -> str:
    """SQL of the sixteenth in which a value lies; 0 where it is empty."""
    rank = f'percent_rank() OVER (ORDER BY "{name}")'
    return f'CASE WHEN "{name}" IS NULL THEN 0 ELSE 1 + floor({_BUCKETS - 0.001} * {rank})::INT END'


def _frequency(name: str) -> str:
    """SQL of how often a value occurs, on a logarithmic scale; 0 where it is empty."""
    often = f'floor(2 * log2(count(*) OVER (PARTITION BY "{name}")))'
    return f'CASE WHEN "{name}" IS NULL THEN 0 ELSE 1 + least({often}, 40)::INT END'


def _column(engine: duckdb.DuckDBPyConnection, what: str) -> NDArray[np.int64]:
    found = engine.execute(f"SELECT {what} AS x FROM guessed ORDER BY row_place").fetchnumpy()["x"]
    return np.asarray(found, np.int64)
