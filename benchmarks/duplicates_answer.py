"""What every engine of `duplicates.py` hands back, written by its own process."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

CLUSTERS, COMPARED, ANSWERED = "clusters.parquet", "compared.parquet", "answered"

Keys = npt.NDArray[np.int64]


def answered(seconds: float) -> None:
    """Say that the clusters are there: what follows is not measured."""
    print(json.dumps({ANSWERED: seconds}), flush=True)


def write_answer(folder: Path, clusters: dict[str, Any], left: Any, right: Any) -> None:
    """Write the cluster of each row, by the cut that was made, and the pairs of rows compared.

    The first cut is the one that was timed. Pairs may come in either order, but not twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns = {cut: numbered(ids) for cut, ids in clusters.items()}
    pq.write_table(pa.table(columns), folder / CLUSTERS)
    low, high = np.minimum(left, right), np.maximum(left, right)
    pq.write_table(pa.table({"left": low, "right": high}), folder / COMPARED)


def numbered(values: Any) -> Keys:
    """A number for each value, equal values the same, each null another."""
    encoded = pa.array(values).dictionary_encode()
    codes: Keys = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
    unknown = codes < 0
    codes[unknown] = len(encoded.dictionary) + np.arange(int(unknown.sum()))
    return codes
