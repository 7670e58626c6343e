"""Terminals and pipes that can't hold every character, and arguments that are no text."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture
def run_bytes(plain_environment: Path) -> Callable[..., tuple[int, bytes, bytes]]:
    """Run the command line as a process whose streams have an encoding."""

    def running(encoding: str, *arguments: object) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            [sys.executable, "-m", "graphcrm_api.cli", *(os.fsencode(str(a)) for a in arguments)],
            capture_output=True,
            env=os.environ | {"PYTHONIOENCODING": encoding},
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return running


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "gbk"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_encoding_gets_an_answer(
    run_bytes: Run, cli_graph: Path, encoding: str, lang: str
) -> None:
    code, out, err = run_bytes(encoding, "referrals", "list", "--graph", cli_graph, "--lang", lang)
    assert code == 0
    assert err == b""
    words = out.decode(encoding)
    assert " referrals tree P" in words
    assert ("?" in words) is (encoding != "gbk")


def test_a_table_keeps_its_columns_where_characters_are_lost(
    run_bytes: Run, cli_graph: Path
) -> None:
    _, out, _ = run_bytes("ascii", "referrals", "list", "--graph", cli_graph)
    lines = out.decode("ascii").split("\n\n")[1].splitlines()[2:6]
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
def test_json_loses_nothing(run_bytes: Run, cli_graph: Path, encoding: str) -> None:
    asked = ("referrals", "list", "--json", "--graph", cli_graph)
    _, plain, _ = run_bytes("utf-8", *asked)
    code, out, err = run_bytes(encoding, *asked)
    assert (code, err) == (0, b"")
    assert json.loads(plain.decode()) == json.loads(out.decode(encoding))


def test_an_error_reaches_a_narrow_pipe(run_bytes: Run) -> None:
    code, _, err = run_bytes("ascii", "status", "--lang", "zh")
    assert code == 2
    assert b"graphcrm load" in err
    assert b"Traceback" not in err
    code, out, _ = run_bytes("ascii", "status", "--lang", "zh", "--json")
    assert code == 2
    assert "还没有图" in json.loads(out)["error"]


@pytest.mark.skipif(sys.platform == "win32", reason="names of files are always text there")
@pytest.mark.parametrize(
    "arguments",
    [
        ("load", "\udcff.csv"),
        ("status", "--graph", "\udcff.graph"),
        ("search", "\udcff"),
        ("sample", "\udcff"),
    ],
    ids=lambda a: a[0],
)
def test_an_argument_that_is_no_text(run_bytes: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run_bytes("utf-8", *arguments, "--lang", "zh")
    assert (code, out) == (2, b"")
    assert "不是 UTF-8 文本" in err.decode()
    code, out, err = run_bytes("utf-8", *arguments, "--json", "--lang", "en")
    assert (code, err) == (2, b"")
    assert "is not UTF-8 text" in json.loads(out.decode())["error"]
    assert list(Path().iterdir()) == []
