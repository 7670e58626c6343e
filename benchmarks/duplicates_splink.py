"""Splink on one of the sets, by the settings its makers publish; started by `duplicates.py`.

Runs in the peers' environment. Settings, training and threshold of the public sets are those of
the examples deduplicate_50k_synthetic, febrl3 and febrl4 (the detailed model, links between the
two files only) in Splink's documentation, docs/demos/examples/duckdb. What they leave to chance is
seeded.
"""

import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import (
    DuckDBAPI,
    Linker,
    SettingsCreator,
    block_on,
)

from duplicates_answer import answered, write_answer
from duplicates_splink_insurer import insurer

_SEED = 1
_WEIGHTS = [-4, -2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 16, 18, 20, 24, 28]
"""Cuts to choose the best from, in bits of match weight."""

Trained = tuple[Any, float]
"""A linker that is ready to predict, and the probability at which its example clusters."""


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


def _linker(tables: list[Any], settings: Any, work: duckdb.DuckDBPyConnection) -> Any:
    database = DuckDBAPI(connection=work)
    return Linker([database.register(table) for table in tables], settings)


def _historical(work: duckdb.DuckDBPyConnection) -> Trained:
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name,1,3)", "substr(surname,1,4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake,1,3)", "dob"),
            block_on("substr(postcode_fake,1,3)", "first_name"),
            block_on("substr(postcode_fake,1,3)", "surname"),
            block_on("substr(first_name,1,2)", "substr(surname,1,2)", "substr(dob,1,4)"),
        ],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="both_names"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
    )
    table = work.sql("SELECT *, first_name || ' ' || surname AS both_names FROM record")
    linker = _linker([table], settings, work)
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name,1,2)", "surname", "substr(postcode_fake,1,2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=_SEED)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )
    return linker, 0.95


def _febrl3(work: duckdb.DuckDBPyConnection) -> Trained:
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on(column)
            for column in ("soc_sec_id", "given_name", "surname", "date_of_birth", "postcode")
        ],
        comparisons=[
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison(
                "date_of_birth", input_is_string=True, datetime_format="%Y%m%d"
            ),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.ExactMatch("postcode").configure(term_frequency_adjustments=True),
        ],
    )
    linker = _linker([work.table("record")], settings, work)
    crossed = "l.given_name = r.surname AND l.surname = r.given_name"
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("soc_sec_id"),
            block_on("given_name", "surname", "date_of_birth"),
            f"{crossed} AND l.date_of_birth = r.date_of_birth",
        ],
        recall=0.9,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=2)
    for column in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(column))
    return linker, 0.95


def _febrl4(work: duckdb.DuckDBPyConnection) -> Trained:
    settings = SettingsCreator(
        link_type="link_only",
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            "l.given_name = r.surname AND l.surname = r.given_name",
            block_on("date_of_birth"),
            block_on("soc_sec_id"),
            block_on("state", "address_1"),
            block_on("street_number", "address_1"),
            block_on("postcode"),
        ],
        comparisons=[
            cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
            cl.NameComparison("surname").configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison(
                "date_of_birth",
                input_is_string=True,
                datetime_format="%Y%m%d",
                invalid_dates_as_null=True,
            ),
            cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(
                term_frequency_adjustments=True
            ),
        ],
    )
    halves = [work.sql(f"FROM record WHERE unique_id {side} 5000") for side in ("<", ">=")]
    linker = _linker(halves, settings, work)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.8
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=_SEED)
    for column in ("date_of_birth", "postcode"):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(column), estimate_without_term_frequencies=True
        )
    return linker, 0.99


def _insurer(work: duckdb.DuckDBPyConnection) -> Trained:
    settings, train, table = insurer(work)
    linker = _linker([table], settings, work)
    train(linker)
    return linker, 0.95


_MODELS: dict[str, Callable[[duckdb.DuckDBPyConnection], Trained]] = {
    "historical": _historical,
    "febrl3": _febrl3,
    "febrl4": _febrl4,
    "insurer": _insurer,
}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
