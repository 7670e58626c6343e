"""Errors: one clear line, the right exit code, no traceback, JSON where it was asked for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphcrm import connect

Run = Callable[..., Any]

READING = [
    ("status",),
    ("status", "--quality"),
    ("duplicates", "find"),
    ("duplicates", "list"),
    ("duplicates", "explain", "P1", "P2"),
    ("duplicates", "rules"),
    ("duplicates", "evaluate", "--truth", "truth"),
    ("duplicates", "export", "--out", "x.csv"),
    ("orphans", "list"),
    ("referrals", "list"),
    ("referrals", "tree", "P1"),
    ("customer", "P1"),
    ("search", "x"),
    ("explore", "P1", "--out", "x.html"),
    ("quarantine", "list"),
    ("quarantine", "export", "x.csv"),
    ("query", "referrals"),
    ("backup", "x.graph"),
]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_no_graph(run: Run, plain_environment: Path, command: tuple[str, ...], lang: str) -> None:
    ran = run(*command, "--lang", lang)
    assert ran.code == 2
    assert "graphcrm load" in ran.err
    assert ran.out == ""
    assert ran.fits()
    assert list(plain_environment.iterdir()) == []


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_no_graph_as_json(run: Run, command: tuple[str, ...]) -> None:
    ran = run(*command, "--json")
    assert ran.code == 2
    assert ran.data["type"] == "UsageError"
    assert "graphcrm load" in ran.data["error"]
    assert ran.err == ""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("customer", "nobody"), "nobody"),
        (("customer", "nobody", "--label", "Nothing"), "Nothing"),
        (("explore", "nobody", "--out", "x.html"), "nobody"),
        (("explore", "nobody", "--out", "x.pdf"), ".graphml"),
        (("query", "no_such_question"), "orphan_policies"),
        (("query", "referrals", "--param", "x=1"), "no parameter 'x'"),
        (("query", "orphan_policies", "--param", "as_of"), "key=value"),
        (("query",), "--list"),
        (("orphans", "list", "--as-of", "30.6.2026"), "30.6.2026"),
        (("duplicates", "rules", "--rule", "guess"), "five_fields"),
        (("duplicates", "rules", "--truth", "nowhere"), "nowhere"),
        (("referrals", "tree", "nobody"), "nobody"),
        (("load",), "SOURCE"),
        (("nonsense",), "nonsense"),
        (("status", "--nonsense"), "--nonsense"),
        (("status", "--lang", "fr"), "fr"),
    ],
    ids=str,
)
def test_wrong_use(run: Run, cli_graph: Path, arguments: tuple[str, ...], word: str) -> None:
    graph = () if arguments[0] == "nonsense" else ("--graph", cli_graph)
    ran = run(*arguments, *graph)
    assert ran.code == 2
    assert word in " ".join(ran.err.split())
    assert ran.err.startswith("Error: ")
    assert "Traceback" not in ran.err
    assert ran.out == ""
    machine = run(*arguments, *graph, "--json")
    assert machine.code == 2
    assert machine.err == ""
    assert word in machine.data["error"]


def test_a_file_that_is_no_graph(run: Run, plain_environment: Path) -> None:
    other = plain_environment / "notes.graph"
    other.write_text("not a database at all, but long enough to look like one\n" * 40)
    ran = run("status", "--graph", other)
    assert ran.code == 1
    assert "notes.graph" in ran.err.replace("\n", "")


def test_a_wrong_settings_file(run: Run) -> None:
    Path("graphcrm.toml").write_text("graphs = 1\n", encoding="utf-8")
    ran = run("status")
    assert ran.code == 2
    assert "graphcrm.toml" in ran.err


def test_control_characters_do_not_reach_the_terminal(run: Run, cli_graph: Path) -> None:
    ran = run("search", "\x1b[31mred", "--graph", cli_graph)
    assert "\x1b" not in ran.out


def test_nothing_but_a_line_from_a_real_process(run_apart: Run, cli_graph: Path) -> None:
    ran = run_apart("customer", "nobody", "--graph", cli_graph)
    assert ran.code == 2
    assert ran.err.splitlines()[0] == "Error: Nothing in the graph has the id 'nobody'."
    assert ran.out == ""


def test_a_closed_pipe_is_no_error(run_apart: Run, cli_graph: Path) -> None:
    import subprocess
    import sys

    program = f"{sys.executable} -m graphcrm_api.cli query referrals --limit 0 --graph {cli_graph}"
    done = subprocess.run(
        ["bash", "-c", f"{program} | head -1"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "did you mean core:C5, crm:C5?"), ("zh", "是否指 core:C5, crm:C5？")]
)
def test_an_id_without_its_source_is_hinted_at(
    run: Run, tmp_path: Path, lang: str, words: str
) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nC5,王丽\nC55,李明\n")
    (tmp_path / "agents.csv").write_text("id,name,branch_id,status\nC5,赵强,D1,active\n")
    run("load", "persons.csv", "--source", "core")
    run("load", "persons.csv", "--source", "crm")
    run("load", "agents.csv", "--source", "hr")
    ran = run("customer", "C5", "--label", "person", "--lang", lang)
    assert (ran.code, words in " ".join(ran.err.split())) == (2, True)
    assert "core:C5" not in run("customer", "C", "--lang", lang).err
    assert {hit["id"] for hit in run("search", "C5", "--json").data} >= {"core:C5", "hr:C5"}
    with connect(tmp_path / "graphcrm.graph") as graph, pytest.raises(LookupError, match="hr:C5"):
        graph.node("C5")
