"""What every list does: a limit on the screen, all of it in a file, and the way on."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.language import text
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    import pyarrow as pa

Rows = TypeVar("Rows", list[Any], "pa.Table")

OUT = "--out FILE"
"""The option by which a list goes to a file as a whole."""

SHOWN = 20
"""Rows on the screen unless a limit is given."""


def command(words: str, graph: str | None) -> str:
    """A command that the user can copy, on the graph that was named for this one."""
    return f"graphcrm {words}" + (f" --graph {shlex.quote(graph)}" if graph else "")


def limited(rows: Rows, limit: int | None, default: int = SHOWN) -> Rows:
    """The rows for the screen; a limit of 0 shows all."""
    number = default if limit is None else limit
    return rows[:number] if number else rows


def say_hidden(output: Output, shown: int, there: int, ways: str = f"--limit N, {OUT}") -> None:
    """How many rows of a list are not on the screen, if any, and how to see them."""
    if shown < there:
        words = text("hidden", hidden=count(there - shown), all=count(there), ways=ways)
        output.line(words, "dim")


def write_file(output: Output, table: "pa.Table", path: Path) -> None:
    """Write a whole list to a file, and say so. Raises UsageError for an unknown kind of file."""
    from graphcrm.export import write_table

    with working(text("writing_file", file=path)):
        write_table(table, path)
    if output.as_json:
        output.data({"file": str(path), "rows": table.num_rows})
    else:
        output.line(text("written", rows=count(table.num_rows), file=path))
