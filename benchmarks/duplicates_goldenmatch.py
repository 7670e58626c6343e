"""GoldenMatch on one of the sets, by its own documentation; started by `duplicates.py`.

Runs in the peers' environment. Of what its documentation (docs-site/goldenmatch: scoring,
blocking, tuning) offers without labels, the best that was found on each set: its probabilistic
auto-configuration, which its makers publish as their best on the public sets, with its
term-frequency adjustment, and blocking by several passes.
"""

import os
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

os.environ["GOLDENMATCH_AUTOCONFIG_MEMORY"] = "0"  # nothing learned from earlier runs

import goldenmatch  # type: ignore[import-not-found]
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from goldenmatch.config.schemas import (  # type: ignore[import-not-found]
    BlockingConfig,
    BlockingKeyConfig,
    GoldenMatchConfig,
    MatchkeyConfig,
    MatchkeyField,
)
from goldenmatch.core.autoconfig import (  # type: ignore[import-not-found]
    auto_configure_probabilistic_df,
)
from goldenmatch.core.blocker import build_blocks  # type: ignore[import-not-found]

from duplicates_answer import Keys, answered, write_answer

_STEPS = (-0.2, -0.15, -0.125, -0.1, -0.075, -0.05, -0.025, 0.025, 0.05, 0.1)
"""Other link thresholds to choose the best from, beside the one it finds by itself."""


def main(name: str, records: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / "model.json"
    model.unlink(missing_ok=True)
    started = time.perf_counter()
    table = pq.read_table(records)
    config = _CONFIGS[name](table)
    config.matchkeys[0].model_path = str(model)
    if name in _TRAINED_ON:
        training = config.model_copy(deep=True)
        training.blocking.passes = _passes(*_TRAINED_ON[name])
        _run(table, training)
    found = _run(table, config)
    first = _clusters(found, table.num_rows)
    answered(time.perf_counter() - started)

    (chosen,) = found.stats["fs_link_thresholds"].values()
    own = chosen["link_threshold"]
    clusters = {f"its own score {own:.3f}": first}
    for step in _STEPS:
        config.matchkeys[0].link_threshold = own + step
        clusters[f"score {own + step:.3f}"] = _clusters(_run(table, config), table.num_rows)
    write_answer(folder, clusters, *_compared(table, config.blocking))


def _run(table: pa.Table, config: Any) -> Any:
    """Its clusters; a model that is there already is used, else learned and kept."""
    return goldenmatch.dedupe_df(table, config=config, confidence_required=False)


def _clusters(found: Any, rows: int) -> Keys:
    """The cluster of each row; what is in none is alone."""
    ids = -1 - np.arange(rows)
    for number, cluster in found.clusters.items():
        ids[list(cluster["members"])] = number
    return ids


def _compared(table: pa.Table, blocking: Any) -> tuple[Keys, Keys]:
    """The pairs of rows that share a block, each once."""
    rows = table.num_rows
    indexed = table.append_column("__row_id__", pa.array(np.arange(rows)))
    pairs: Keys = np.empty(0, np.int64)
    waiting: list[Keys] = []
    for block in build_blocks(indexed, blocking):
        members = np.sort(np.asarray(block.materialize().column("__row_id__").to_list(), np.int64))
        one, other = np.triu_indices(len(members), 1)
        waiting.append(members[one] * rows + members[other])
        if sum(map(len, waiting[-1000:])) > 20_000_000 or len(waiting) >= 100_000:
            pairs, waiting = np.unique(np.concatenate([pairs, *waiting])), []
    pairs = np.unique(np.concatenate([pairs, *waiting]))
    return pairs // rows, pairs % rows


def _public(table: pa.Table) -> Any:
    """The probabilistic auto-configuration, with rare values counting for more."""
    config = auto_configure_probabilistic_df(table)
    for field in config.matchkeys[0].fields:
        field.tf_adjustment = field.scorer != "levenshtein"
    return config


def _historical(table: pa.Table) -> Any:
    """Blocking by the ten rules of Splink's example and by whole values."""
    config = _public(table)
    config.blocking.passes = _passes(
        "first_name:3 surname:4",
        "surname dob",
        "first_name dob",
        "postcode_fake:3 dob",
        "postcode_fake:3 first_name",
        "postcode_fake:3 surname",
        "first_name:2 surname:2 dob:4",
        "first_name birth_place",
        "surname birth_place",
        "occupation birth_place dob:4",
        "full_name",
        "surname",
        "dob",
        "postcode_fake",
    )
    return config


def _insurer(table: pa.Table) -> Any:
    fields = [
        _field("name", "levenshtein", (0.99, 0.6), rare=True),
        _field("pinyin", "jaro_winkler", (0.99, 0.92, 0.8)),
        _field("birth_date", "levenshtein", (0.99, 0.89, 0.79)),
        _field("sex", "exact"),
        _field("id_number", "levenshtein", (0.99, 0.94, 0.88)),
        _field("phone", "exact"),
        _field("phone_2", "exact"),
        _field("email", "exact"),
        _field("account", "exact"),
        _field("address", "levenshtein", (0.99, 0.85, 0.6)),
        _field("occupation", "exact", rare=True),
        _field("employer", "exact", rare=True),
    ]
    passes = _passes(
        "id_number",
        "phone",
        "phone_2",
        "email",
        "account",
        "address",
        "name birth_date",
        "pinyin birth_date",
        "surname birth_date",
        "given birth_date",
        "birth_date region",
        "name region",
        "pinyin region",
        "name birth_date:4",
        "id_number:14",
        "name id_number:13:18",
    )
    return GoldenMatchConfig(
        matchkeys=[MatchkeyConfig(name="person", type="probabilistic", fields=fields)],
        blocking=BlockingConfig(
            strategy="multi_pass",
            keys=passes[:1],
            passes=passes,
            max_block_size=1000,
            skip_oversized=True,
        ),
    )


def _field(column: str, scorer: str, cuts: Iterable[float] = (), *, rare: bool = False) -> Any:
    levels = tuple(cuts)
    graded = {"levels": len(levels) + 1, "level_thresholds": list(levels)} if levels else {}
    return MatchkeyField(field=column, scorer=scorer, tf_adjustment=rare, **graded)


def _passes(*keys: str) -> list[Any]:
    """Blocking passes from columns, each with the characters it is cut to: `dob:4`, `id:13:18`."""
    made = []
    for key in keys:
        parts = [part.split(":") for part in key.split()]
        cut = {
            column: ["substring:" + ":".join(at if len(at) == 2 else ["0", *at])]
            for column, *at in parts
            if at
        }
        made.append(
            BlockingKeyConfig(
                fields=[column for column, *_ in parts], field_transforms=cut, additive=True
            )
        )
    return made


_TRAINED_ON = {"insurer": ("name birth_date", "id_number")}
"""Passes to learn from alone: among all, those who share a phone or address are mostly families."""

_CONFIGS: dict[str, Callable[[pa.Table], Any]] = {
    "historical": _historical,
    "febrl3": _public,
    "febrl4": _public,
    "insurer": _insurer,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
