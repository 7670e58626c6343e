"""Small tables of derived types, and a process that writes them and goes on to the next ones."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

import graphcrm
from graphcrm.store import DeriveReport
from graphcrm.store.deriving.request import Derivation

Derive = Callable[..., DeriveReport]
"""`derive(url, nodes, edges, kept, only)`: as `Store.derive`, without a process for each."""


def customers(*rows: tuple[Any, ...]) -> pa.Table:
    """(id, records) as nodes."""
    return pa.table(
        {
            "id": pa.array([id_ for id_, _ in rows], pa.string()),
            "records": pa.array([records for _, records in rows], pa.int64()),
            "member_label": pa.array(["Person"] * len(rows), pa.string()),
        }
    )


def edges(to: str, *rows: tuple[Any, ...]) -> pa.Table:
    """(start, end, probability) as edges from persons."""
    starts, ends, probabilities = list(zip(*rows, strict=True)) or [(), (), ()]
    return pa.table(
        {
            "start_label": pa.array(["Person"] * len(rows), pa.string()),
            "start": pa.array(starts, pa.string()),
            "end_label": pa.array([to] * len(rows), pa.string()),
            "end": pa.array(ends, pa.string()),
            "probability": pa.array(probabilities, pa.float64()),
        }
    )


def only(**ids: str) -> pa.Table:
    """The (label, id) of ids, listed with spaces, by labels."""
    rows = [(label, id_) for label, listed in ids.items() for id_ in listed.split()]
    return pa.table(
        {
            "label": pa.array([label for label, _ in rows], pa.string()),
            "id": pa.array([id_ for _, id_ in rows], pa.string()),
        }
    )


@contextmanager
def deriving_apart() -> Iterator[Derive]:
    """The process."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("derive_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:

        def derive(
            url: str,
            nodes: Mapping[str, pa.Table],
            found: Mapping[str, pa.Table],
            kept: Mapping[str, str | None] | None = None,
            only: pa.Table | None = None,
        ) -> DeriveReport:
            assert process.stdin is not None
            assert process.stdout is not None
            with tempfile.TemporaryDirectory() as folder:
                Derivation(nodes, found, kept or {}, only).write(Path(folder))
                process.stdin.write(json.dumps([url, folder]) + "\n")
                process.stdin.flush()
                answer = json.loads(process.stdout.readline())
            if "error" in answer:
                raise getattr(graphcrm, answer["error"])(answer["text"])
            return DeriveReport.model_validate(answer)

        yield derive
        assert process.stdin is not None
        process.stdin.close()
