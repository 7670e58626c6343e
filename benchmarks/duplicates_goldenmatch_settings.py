"""GoldenMatch's settings for each set, by its own documentation (docs-site/goldenmatch).

Of what it offers without labels, the best that was found: on the public sets its probabilistic
auto-configuration, which its makers publish as their best there, with its term-frequency
adjustment (scoring.mdx) and, on the historical persons, blocking by more passes (blocking.mdx); on
the insurer's persons a probabilistic matchkey of its own levels that is learned on narrow blocks
and used on wide ones (`model_path`, scoring.mdx).
"""

from collections.abc import Callable, Iterable
from typing import Any

import pyarrow as pa
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


def _public(table: pa.Table) -> Any:
    """The probabilistic auto-configuration, with rare values counting for more."""
    config = auto_configure_probabilistic_df(table)
    for field in config.matchkeys[0].fields:
        field.tf_adjustment = field.scorer != "levenshtein"
    return config


def _historical(table: pa.Table) -> Any:
    """Blocking by the ten rules of Splink's example and by whole values."""
    config = _public(table)
    config.blocking.passes = passes(
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
    chosen = passes(
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
            keys=chosen[:1],
            passes=chosen,
            max_block_size=1000,
            skip_oversized=True,
        ),
    )


def _field(column: str, scorer: str, cuts: Iterable[float] = (), *, rare: bool = False) -> Any:
    levels = tuple(cuts)
    graded = {"levels": len(levels) + 1, "level_thresholds": list(levels)} if levels else {}
    return MatchkeyField(field=column, scorer=scorer, tf_adjustment=rare, **graded)


def passes(*keys: str) -> list[Any]:
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


TRAINED_ON: dict[str, tuple[str, ...]] = {"insurer": ("name birth_date", "id_number")}
"""Passes to learn from alone: among all, those who share a phone or address are mostly families."""

CONFIGS: dict[str, Callable[[pa.Table], Any]] = {
    "historical": _historical,
    "febrl3": _public,
    "febrl4": _public,
    "insurer": _insurer,
}
"""What makes the configuration for the table of a set."""
