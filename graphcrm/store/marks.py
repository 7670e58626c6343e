"""What tells, at the cost of one small read, whether a graph is still as it was."""

from typing import NamedTuple


class Marks(NamedTuple):
    """Texts without a meaning of their own; what is equal to an earlier one has not changed since.

    `state` changes with every write, `loaded` with what loads bring, and not with decisions, such
    as a recorded contact, or with what analyses find.
    """

    state: str
    loaded: str
