"""What the graph keeps of a finding beside its results: the model, and which finding it was."""

from __future__ import annotations

from pathlib import Path

from graphcrm.duplicates.engine.frozen import Frozen, frozen_of
from graphcrm.errors import UsageError
from graphcrm.store import Store

MODEL = "duplicates.model"
"""The name under which the graph keeps the model."""

FINDING = "duplicates.finding"
"""The name under which it keeps which finding its customers are of."""


def model_of(store: Store) -> Frozen:
    """The model of the last finding.

    Raises UsageError where customers weren't found yet, or by an earlier release.
    """
    text = store.kept(MODEL)
    if text is None:
        raise not_found()
    try:
        return frozen_of(text)
    except ValueError as error:
        raise UsageError(f"{error}; run: graphcrm duplicates find") from error


def not_found() -> UsageError:
    """Says that customers must be found first."""
    return UsageError(
        "customers have not been found in this graph yet; run: graphcrm duplicates find"
    )


def compared_file(snapshot: Path) -> Path:
    """Where the records lie that a finding compared, beside the snapshot."""
    return snapshot.with_suffix(".compared")
