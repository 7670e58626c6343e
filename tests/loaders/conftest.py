"""Staging a file for an empty graph: what is read, and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from graphcrm.store import LoadPlan, open_store, open_writer
from graphcrm_loaders.mapping import read_mapping
from graphcrm_loaders.sources import discover
from graphcrm_loaders.stage import stage


@dataclass(frozen=True)
class Staged:
    """What a file gave: its rows as dicts (`at_line` among them), its refusals, both counts."""

    rows: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    read: int
    bad: int

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows]

    @property
    def reasons(self) -> list[tuple[int, str | None, str]]:
        return [(r["line"], r["column_name"], r["reason"]) for r in self.refused]


Stage = Callable[..., Staged]


def _dicts(work: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = work.execute(sql)
    names = [d[0] for d in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="session")
def empty_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "empty.graph"
    open_store(str(path)).close()
    return path


@pytest.fixture
def staged(tmp_path: Path, empty_graph: Path) -> Iterator[Stage]:
    """Stage a table of a file: `staged(path, mapping=None, source=None, name=None)`.

    `name` is the table, which need not be said where the file holds only one.
    """
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    graph = Path(shutil.copy(empty_graph, scratch))
    with (
        duckdb.connect() as work,
        open_writer(str(graph), work, LoadPlan(rehearsal=True), lambda what: None) as writer,
    ):
        work.execute("SET TimeZone = 'UTC'")

        def run(
            path: Path,
            mapping: Path | None = None,
            source: str | None = None,
            name: str | None = None,
        ) -> Staged:
            found = discover([path], read_mapping(mapping) if mapping else None)
            assert found.problems == ()
            (table,) = [t for t in found.tables if name in (None, t.table)]
            file, checked = stage(
                work, table, source, writer, scratch, lambda what, within=0.0: None
            )
            return Staged(
                _dicts(work, f"SELECT * FROM {file.rows} ORDER BY at_line"),
                _dicts(work, f"SELECT * FROM {file.refused} ORDER BY line, column_name"),
                checked.rows,
                checked.refused,
            )

        yield run
