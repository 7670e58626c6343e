"""Splink's model of the sample insurer's persons, in the manner of its own examples.

The columns come standardised (`duplicates_sets.py`). DuckDB compares texts by byte, so Chinese
names are compared by their pinyin and character by character instead.
"""

from collections.abc import Callable
from typing import Any

import duckdb
import splink.comparison_level_library as cll  # type: ignore[import-not-found]
import splink.comparison_library as cl  # type: ignore[import-not-found]
from splink import SettingsCreator, block_on

_ONE_CHARACTER = " OR ".join(
    f"substr(name_l, {place}, 1) = substr(name_r, {place}, 1)" for place in (2, 3)
)


def insurer(
    work: duckdb.DuckDBPyConnection,
) -> tuple[Any, Callable[[Any], None], duckdb.DuckDBPyRelation]:
    """The settings, what trains a linker with them, and the table it is to link."""
    table = work.sql(
        "SELECT *, nullif(list_filter([phone, phone_2], lambda x: x IS NOT NULL), []) AS phones "
        "FROM record"
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        blocking_rules_to_generate_predictions=[
            block_on("id_number"),
            block_on("phones", arrays_to_explode=["phones"]),
            block_on("email"),
            block_on("account"),
            block_on("address"),
            block_on("name", "birth_date"),
            block_on("pinyin", "birth_date"),
            block_on("surname", "birth_date"),
            block_on("given", "birth_date"),
            block_on("birth_date", "region"),
            block_on("name", "region"),
            block_on("pinyin", "region"),
            block_on("name", "substr(birth_date,1,4)"),
            block_on("substr(id_number,1,14)"),
            block_on("substr(id_number,7,12)"),
            block_on("substr(id_number,13,6)", "name"),
        ],
        comparisons=[
            _name(),
            cl.DateOfBirthComparison(
                "birth_date", input_is_string=True, invalid_dates_as_null=True
            ),
            cl.ExactMatch("sex"),
            _id_number(),
            _phones(),
            cl.ExactMatch("email"),
            cl.ExactMatch("account"),
            _address(),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
            cl.ExactMatch("employer").configure(term_frequency_adjustments=True),
        ],
    )
    return settings, _train, table


def _train(linker: Any) -> None:
    linker.training.estimate_probability_two_random_records_match(
        [
            block_on("id_number"),
            block_on("name", "birth_date", "phone"),
            block_on("name", "birth_date", "address"),
        ],
        recall=0.8,
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e7, seed=1)
    for rule in (block_on("name", "birth_date"), block_on("id_number"), block_on("phone")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            rule, estimate_without_term_frequencies=True
        )


def _name() -> Any:
    return cl.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            cll.NullLevel("name"),
            cll.ExactMatchLevel("name", term_frequency_adjustments=True),
            cll.ExactMatchLevel("pinyin"),
            cll.CustomLevel(
                "surname_l = surname_r AND length(name_l) = length(name_r) "
                f"AND length(name_l) IN (3, 4) AND ({_ONE_CHARACTER})",
                "one character differs",
            ),
            cll.JaroWinklerLevel("pinyin", 0.92),
            cll.ExactMatchLevel("given"),
            cll.JaroWinklerLevel("pinyin", 0.8),
            cll.ExactMatchLevel("surname"),
            cll.ElseLevel(),
        ],
    )


def _id_number() -> Any:
    return cl.CustomComparison(
        output_column_name="id_number",
        comparison_levels=[
            cll.NullLevel("id_number"),
            cll.ExactMatchLevel("id_number"),
            *(cll.CustomLevel(_edits("id_number", (6, 6, 6), most)) for most in (1, 2)),
            cll.ElseLevel(),
        ],
    )


def _edits(column: str, parts: tuple[int, ...], most: int) -> str:
    """At most so many edits: looked at only where one of these parts is equal, which is quick."""
    starts = (1 + sum(parts[:place]) for place in range(len(parts)))
    same = " OR ".join(
        f"substr({column}_l, {at}, {size}) = substr({column}_r, {at}, {size})"
        for at, size in zip(starts, parts, strict=True)
    )
    return f"({same}) AND damerau_levenshtein({column}_l, {column}_r) <= {most}"


def _phones() -> Any:
    return cl.CustomComparison(
        output_column_name="phones",
        comparison_levels=[
            cll.NullLevel("phones"),
            cll.ArrayIntersectLevel("phones", min_intersection=1),
            cll.CustomLevel(_edits("phone", (8, 6), 1)),
            cll.ElseLevel(),
        ],
    )


def _address() -> Any:
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("address"),
            cll.ExactMatchLevel("address"),
            cll.ExactMatchLevel("rest"),
            cll.CustomLevel(
                "region_l = region_r AND jaro_winkler_similarity(rest_l, rest_r) >= 0.92",
                "nearly the same place",
            ),
            cll.ExactMatchLevel("region"),
            cll.ElseLevel(),
        ],
    )
