"""How right clusters are, and how many of the true pairs were compared at all."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from duplicates_answer import Keys
from duplicates_sets import true_pairs


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1 of pairs, F1 by B-cubed (Bagga and Baldwin 1998), 0 to 1."""

    precision: float
    recall: float
    f1: float
    b3: float


def scores(clusters: Keys, truth: Keys) -> Scores:
    """How right clusters are; both give a number to each row."""
    width = int(truth.max()) + 1
    cells, together = np.unique(clusters * width + truth, return_counts=True)
    of_cluster, of_entity = np.bincount(clusters), np.bincount(truth)
    right, found, true = pairs_of(together), pairs_of(of_cluster), pairs_of(of_entity)
    precision, recall = right / max(found, 1), right / max(true, 1)
    squares = together.astype(float) ** 2
    clean = float((squares / of_cluster[cells // width]).sum()) / len(truth)
    whole = float((squares / of_entity[cells % width]).sum()) / len(truth)
    return Scores(precision, recall, _harmonic(precision, recall), _harmonic(clean, whole))


def pairs_of(sizes: npt.NDArray[np.integer]) -> int:
    """The pairs within groups of these sizes."""
    wide = sizes.astype(np.int64)
    return int((wide * (wide - 1) // 2).sum())


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def pair_recall(compared: Path, truth: Keys) -> tuple[int, float]:
    """How many pairs were compared, and the share of the true ones among them."""
    left, right = true_pairs(truth)
    rows = len(truth)
    table = pq.read_table(compared)
    keys = table.column("left").to_numpy().astype(np.int64) * rows
    keys += table.column("right").to_numpy()
    return table.num_rows, float(np.isin(left * rows + right, keys).mean())
