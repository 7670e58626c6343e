"""Running the command line, and a small graph to run it on."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from graphcrm.sample import write_sample
from graphcrm_api.cli import main
from tests.sharing import made_once

WIDTH = 80
CUSTOMERS = 600


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    def fits(self) -> bool:
        """Whether no line is wider than the terminal; Chinese characters count two.

        Commands to copy are left whole on purpose.
        """
        lines = self.out.splitlines() + self.err.splitlines()
        return all(
            cell_len(line.rstrip()) <= WIDTH for line in lines if not line.startswith("→ graphcrm ")
        )


Run = Callable[..., Ran]


@pytest.fixture
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """80 columns, English, no settings, an empty folder to work in."""
    for name in list(os.environ):
        if name.startswith(("GRAPHCRM_", "LC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(plain_environment: Path) -> Run:
    """Run the command line in this process."""

    def running(*arguments: object) -> Ran:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main([str(a) for a in arguments])
        return Ran(code, out.getvalue(), err.getvalue())

    return running


@pytest.fixture
def run_apart(plain_environment: Path) -> Run:
    """Run the command line as a process of its own."""

    def running(*arguments: object, **environment: str) -> Ran:
        done = subprocess.run(
            [sys.executable, "-m", "graphcrm_api.cli", *(str(a) for a in arguments)],
            capture_output=True,
            encoding="utf-8",
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    return running


@pytest.fixture(scope="session")
def cli_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small insurer, with truth/."""

    def make(folder: Path) -> None:
        write_sample(folder / "data", customers=CUSTOMERS, seed=7)

    return made_once(tmp_path_factory, "cli-book", make) / "data"


@pytest.fixture(scope="session")
def cli_graph(cli_book: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small insurer, loaded."""

    def make(folder: Path) -> None:
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = main(["load", str(cli_book), "--graph", str(folder / "book.graph")])
        assert code == 0, out.getvalue()

    return made_once(tmp_path_factory, "cli-graph", make) / "book.graph"
