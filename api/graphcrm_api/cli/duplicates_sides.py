"""Which fields speak most for one customer, and which most against it, in a few words."""

from collections.abc import Iterable

from graphcrm_api.cli.duplicates_fields import field_words
from graphcrm_api.cli.language import text

_MOST_FIELDS = 3
"""So many fields are named that speak for a pair, and as many against it."""

_NOTHING = 0.05
"""What weighs less, in bits, is rounded to nothing and named on neither side."""


def side(weights: Iterable[tuple[str | None, float]], sign: int) -> str:
    """The fields that speak most for (1) or against (-1) one customer, of all with weights."""
    weighed = [(column, w) for column, w in weights if column and w * sign > _NOTHING]
    weighed.sort(key=lambda item: -abs(item[1]))
    return text("list_joint").join(field_words(column) for column, _ in weighed[:_MOST_FIELDS])
