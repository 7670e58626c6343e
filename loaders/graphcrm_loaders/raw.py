"""A source table as it stands in its file, before anything is checked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

REJECTED = "rejected"
"""DuckDB table (line, reason, detail, record, cells) of rows that could not even be read as rows;
`cells` are their parts as far as they can be told apart, else NULL."""


_PATTERN = frozenset("*?[")


def plain_path(path: Path, scratch: Path) -> Path:
    """A path that the engine takes literally: itself, or a link to it where it looks as a pattern.

    The link lies in `scratch`.
    """
    if not _PATTERN & set(str(path)):
        return path
    link = scratch / f"plain{path.suffix}"
    link.unlink(missing_ok=True)
    link.symlink_to(path.resolve())
    return link


@dataclass(frozen=True)
class RawTable:
    """A file as a DuckDB relation.

    `relation` is SQL for a FROM clause, one row per row of the file, in its order. `columns` are
    its columns with their DuckDB types. `first_line` is the line of the first row, rows following
    one another line by line unless `after_scan` says otherwise: it is called with the number of
    rows read, once the relation was read through, leaves the table `rejected`, and returns the
    name of a table (n, line) where lines differ from row numbers, else None. `packed_extra` says
    that the column `extra` holds the unknown columns as JSON.
    """

    relation: str
    columns: dict[str, str]
    first_line: int
    after_scan: Callable[[int], str | None] = field(default=lambda rows: None)
    packed_extra: bool = False
