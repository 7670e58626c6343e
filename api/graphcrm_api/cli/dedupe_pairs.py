"""The pairs behind the clusters as a table: lines, probability, weight, evidence in words."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duck import engine
from graphcrm_api.cli.dedupe_found import UNTOLD, Found
from graphcrm_api.cli.dedupe_words import level_words
from graphcrm_api.cli.language import text

_BATCH = 100_000


def pairs_table(found: Found) -> pa.Table:
    """The pairs that are likely or in one cluster, the surest first.

    `left_line` and `right_line` are lines of the file (rows of a sheet or of Parquet), the weight
    is in bits, and `evidence` says how each field agrees and how much that weighs, most first.
    """
    pairs = found.result.pairs
    left, right = (pairs.column(name).to_numpy() for name in ("left", "right"))
    told = [
        chunk
        for start in range(0, pairs.num_rows, _BATCH)
        for chunk in _evidence(found, np.arange(start, min(start + _BATCH, pairs.num_rows)))
    ]
    return pa.table(
        {
            "left_line": found.given.lines[left],
            "right_line": found.given.lines[right],
            "probability": pc.round(pairs.column("probability"), 6),
            "match_weight": pc.round(pairs.column("weight"), 2),
            "same_cluster": pairs.column("same"),
            "left_cluster": found.ids[left],
            "right_cluster": found.ids[right],
            "evidence": pa.chunked_array(told, pa.string()),
        }
    )


def _evidence(found: Found, places: npt.NDArray[np.int64]) -> list[pa.Array]:
    """What each of these pairs agrees and disagrees in, in words."""
    evidence = found.result.evidence(places)
    known = [level for level in pc.unique(evidence["level"]).to_pylist() if level not in UNTOLD]
    levels = {"level": known, "words": [level_words(level) for level in known]}
    entry = text("dedupe_evidence_entry", column="{}", level="{}", weight="{}")
    with engine() as work:
        work.register("evidence", evidence)
        work.register("wanted", pa.table({"pair": places}))
        work.register("levels", pa.table(levels, pa.schema(dict.fromkeys(levels, pa.string()))))
        table: pa.Table = work.sql(
            "SELECT string_agg(format(?, e.\"column\", l.words, printf('%+.1f', e.weight)), ? "
            'ORDER BY abs(e.weight) DESC, e."column") FILTER (l.words IS NOT NULL) AS told '
            "FROM wanted w LEFT JOIN evidence e USING (pair) LEFT JOIN levels l USING (level) "
            "GROUP BY w.pair ORDER BY w.pair",
            params=[entry, text("dedupe_evidence_joint")],
        ).to_arrow_table()
    return list(table.column("told").chunks)
