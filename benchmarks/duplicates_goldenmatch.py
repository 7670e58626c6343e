"""GoldenMatch on one of the sets; started by `duplicates.py` in the peers' environment."""

import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ["GOLDENMATCH_AUTOCONFIG_MEMORY"] = "0"  # nothing learned from earlier runs

import goldenmatch  # type: ignore[import-not-found]
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from goldenmatch.core.blocker import build_blocks  # type: ignore[import-not-found]

from duplicates_answer import Keys, answered, write_answer
from duplicates_goldenmatch_settings import CONFIGS, TRAINED_ON, passes

_LEAST = -0.2
"""So far below the link threshold that it finds by itself is looked for a better one."""

_STEPS = np.arange(_LEAST, 0.1001, 0.025)

_HELD = 20_000_000
"""Pairs that are held before those that are there twice are dropped."""


def main(name: str, records: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.json"
    model.unlink(missing_ok=True)
    started = time.perf_counter()
    table = pq.read_table(records)
    config = CONFIGS[name](table)
    config.matchkeys[0].model_path = str(model)
    if name in TRAINED_ON:
        training = config.model_copy(deep=True)
        training.blocking.passes = passes(*TRAINED_ON[name])
        _run(table, training)
    found = _run(table, config)
    first = _numbers(found.clusters, table.num_rows)
    answered(time.perf_counter() - started)

    (chosen,) = found.stats["fs_link_thresholds"].values()
    own = chosen["link_threshold"]
    clusters = {f"its own score {own:.3f}": first}
    config.matchkeys[0].link_threshold = own + _LEAST
    pairs = _run(table, config).scored_pairs
    for cut in own + _STEPS:
        linked = [pair for pair in pairs if pair[2] >= cut]
        grouped = goldenmatch.build_clusters(linked)
        clusters[f"score {cut:.3f}"] = _numbers(grouped, table.num_rows)
    write_answer(folder, clusters, *_compared(table, config.blocking))


def _run(table: pa.Table, config: Any) -> Any:
    """Its clusters; a model that is there already is used, else learned and kept."""
    return goldenmatch.dedupe_df(table, config=config, confidence_required=False)


def _numbers(clusters: dict[int, Any], rows: int) -> Keys:
    """The cluster of each row; what is in none is alone."""
    ids = -1 - np.arange(rows)
    for number, cluster in clusters.items():
        ids[list(cluster["members"])] = number
    return ids


def _compared(table: pa.Table, blocking: Any) -> tuple[Keys, Keys]:
    """The pairs of rows that share a block, each once."""
    rows = table.num_rows
    indexed = table.append_column("__row_id__", pa.array(np.arange(rows)))
    pairs: Keys = np.empty(0, np.int64)
    waiting: list[Keys] = []
    held = 0
    for block in build_blocks(indexed, blocking):
        members = np.sort(np.asarray(block.materialize().column("__row_id__").to_list(), np.int64))
        one, other = np.triu_indices(len(members), 1)
        waiting.append(members[one] * rows + members[other])
        held += len(one)
        if held > _HELD:
            pairs, waiting, held = np.unique(np.concatenate([pairs, *waiting])), [], 0
    pairs = np.unique(np.concatenate([pairs, *waiting]))
    return pairs // rows, pairs % rows


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
