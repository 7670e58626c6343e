"""The first rows of a staged file, right and refused, for people who try a load first."""

import duckdb

from graphcrm.store import Refusal
from graphcrm.store.staging import StagedFile

_RIGHT = 2
_REFUSED = 5


def show_first(
    work: duckdb.DuckDBPyConnection, staged: StagedFile
) -> tuple[list[dict[str, str]], list[Refusal]]:
    """The `examples` and `refusals` of a FileReport; to be asked before the file is written."""
    return _right(work, staged), _refused(work, staged)


def _right(work: duckdb.DuckDBPyConnection, staged: StagedFile) -> list[dict[str, str]]:
    there = {row[0] for row in work.execute(f"DESCRIBE {staged.rows}").fetchall()}
    names = [name for name in dict.fromkeys(("id", *staged.columns)) if name in there]
    texts = ", ".join(f'"{name}"::VARCHAR' for name in names)
    rows = work.execute(
        f"SELECT {texts} FROM {staged.rows} ORDER BY at_line LIMIT {_RIGHT}"
    ).fetchall()
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None}
        for row in rows
    ]


def _refused(work: duckdb.DuckDBPyConnection, staged: StagedFile) -> list[Refusal]:
    rows = work.execute(
        f"SELECT line, column_name, value, reason, detail FROM {staged.refused} "
        f"ORDER BY line, column_name LIMIT {_REFUSED}"
    ).fetchall()
    names = ("line", "column", "value", "reason", "detail")
    return [Refusal(**dict(zip(names, row, strict=True))) for row in rows]
