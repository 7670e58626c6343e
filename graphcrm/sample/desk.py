"""Where the tables are written, one by one and company by company."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from graphcrm.sample.columns import IdSpace
from graphcrm.sample.write import Format, TableFile

Progress = Callable[[str, int, int], None]
"""Called with the file's name, how many parts of files are written, and how many there will be."""


class Desk:
    """Writes the tables one by one, each company's behind the last one's, and counts their rows."""

    def __init__(
        self, directory: Path, form: Format, progress: Progress | None, files: int
    ) -> None:
        """Take the folder, and how often a table will be put in all."""
        self.rows: dict[str, int] = {}
        self._directory, self._form, self._progress = directory, form, progress
        self._files: dict[str, TableFile] = {}
        self._done, self._all = 0, files

    def __enter__(self) -> Desk:
        """Return the desk."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish every file."""
        for file in self._files.values():
            file.close()

    def put(self, name: str, table: pa.Table, ids: IdSpace | None = None, known: int = 0) -> None:
        """Write a table under its name, in the order of its ids where it has ids.

        The first `known` rows stand in the file already, from the first company.
        """
        order = None if ids is None else ids.order()
        if order is not None:
            order = order[order >= known]
        if name not in self._files:
            self._files[name] = TableFile(self._directory / name, self._form)
        self._files[name].write(table, order)
        rows = table.num_rows if order is None else len(order)
        self.rows[name] = self.rows.get(name, 0) + rows
        self._done += 1
        if self._progress is not None:
            self._progress(name, self._done, self._all)
