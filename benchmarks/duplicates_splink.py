"""Splink on one of the sets; started by `duplicates.py` in the peers' environment."""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from duplicates_answer import answered, write_answer
from duplicates_splink_insurer import insurer
from duplicates_splink_public import Trained, febrl3, febrl4, historical, linker_of

_WEIGHTS = [-4, -2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28]
"""Cuts to choose the best from, in bits of match weight."""


def main(name: str, records: Path, folder: Path) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    started = time.perf_counter()
    work = duckdb.connect()
    work.execute(
        "CREATE TABLE record AS SELECT * EXCLUDE file_row_number, file_row_number AS unique_id "
        f"FROM read_parquet('{records}', file_row_number = true)"
    )
    linker, probability = _MODELS[name](work)
    predicted = linker.inference.predict()
    clusters = {
        f"probability {probability}": _clusters(
            linker, predicted, threshold_match_probability=probability
        )
    }
    answered(time.perf_counter() - started)

    for weight in _WEIGHTS:
        cut = _clusters(linker, predicted, threshold_match_weight=weight)
        clusters[f"weight {weight}"] = cut
    pairs = predicted.query_sql(
        "SELECT unique_id_l AS l, unique_id_r AS r FROM {this}"
    ).as_duckdbpyrelation()
    compared = pairs.fetchnumpy()
    write_answer(folder, clusters, compared["l"], compared["r"])


def _clusters(linker: Any, predicted: Any, **cut: float) -> Any:
    """The cluster of each row, in the order of the rows."""
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, **cut)
    ordered = found.query_sql("SELECT cluster_id FROM {this} ORDER BY unique_id")
    return ordered.as_duckdbpyrelation().to_arrow_table().column("cluster_id").combine_chunks()


def _insurer(work: duckdb.DuckDBPyConnection) -> Trained:
    settings, train, table = insurer(work)
    linker = linker_of([table], settings, work)
    train(linker)
    return linker, 0.95


_MODELS: dict[str, Callable[[duckdb.DuckDBPyConnection], Trained]] = {
    "historical": historical,
    "febrl3": febrl3,
    "febrl4": febrl4,
    "insurer": _insurer,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
