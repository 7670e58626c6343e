"""`graphcrm keys` and `graphcrm audit`, in both languages."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

import graphcrm
from graphcrm.ledger import Database, keys
from graphcrm.store.sqlite.connection import open_graph
from graphcrm_api.cli import language, main
from tests.ledger.beside import Place
from tests.ledger.test_chains import decide

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line on the graph a.graph: exit code, output, errors."""
    for name in [n for n in os.environ if n.startswith(("GRAPHCRM_", "LC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(tmp_path)
    graphcrm.connect("a.graph").store.close()

    def running(*arguments: str, graph: str = "a.graph") -> tuple[int, str, str]:
        code = main([*arguments, "--graph", graph])
        language.use("en")
        out, err = capsys.readouterr()
        lines = out.splitlines() if "--json" not in arguments else []
        assert all(cell_len(line.rstrip()) <= 80 for line in lines if not line.startswith("→"))
        return code, out, err

    return running


def data(run: Run, *arguments: str) -> Any:
    code, out, _ = run(*arguments, "--json")
    assert code == 0
    return json.loads(out)


def test_keys_are_made_listed_and_revoked(run: Run, tmp_path: Path) -> None:
    made = ("keys", "create", "--name", "desk", "--role", "service", "--role", "reader")
    (tmp_path / "institutions.csv").write_text("id,name,own\nI1,平安人寿,yes\n", encoding="utf-8")
    (tmp_path / "departments.csv").write_text(
        "id,institution_id,name\nD1,I1,长沙支公司\n", encoding="utf-8"
    )
    with graphcrm.connect("a.graph") as graph:
        graph.load([tmp_path / "institutions.csv", tmp_path / "departments.csv"])
    code, _, err = run(*made, "--branch", "D9")
    assert (code, "D9" in err) == (2, True)
    code, out, _ = run(*made, "--branch", "D1", "--expires", "2999-12-31")
    assert code == 0
    (text,) = re.findall(r"^gcrm_\w{8}_[\w-]{43}$", out, re.MULTILINE)
    assert "!" not in out.replace(text, "")
    with closing(Database(f"sqlite:///{tmp_path}/a.graph.service")) as state:
        with state.reading() as connection:
            key = keys.find(connection, text)
        assert key is not None
        code, out, _ = run(*made)  # the whole company, without an end: both is said
        assert out.count("! ") == 2
        listed = data(run, "keys", "list")
        assert len(listed) == 2
        assert listed[1]["roles"] == ["reader", "service"]
        assert listed[1]["branches"] == ["D1"]
        assert text[14:] not in json.dumps(listed)
        assert "2 of 2 keys work" in run("keys", "list")[1]
        code, out, _ = run("keys", "revoke", text, "--lang", "zh")
        assert (code, f"desk 的密钥 {key.prefix} 已吊销" in out) == (0, True)
        assert text[14:] not in out
        assert data(run, "keys", "revoke", key.prefix)["revoked_at"]
        with state.reading() as connection:
            assert keys.find(connection, text) is None
    assert "共 2 个密钥，其中 1 个有效" in run("keys", "list", "--lang", "zh")[1]
    actions = [row["action"] for row in data(run, "audit", "list")]
    assert actions == ["keys.revoke", "keys.create", "keys.create"]
    code, _, err = run("keys", "revoke", "nobody", "--lang", "zh")
    assert (code, "没有密钥" in err) == (2, True)
    code, _, err = run("keys", "create", "--name", "x", "--role", "boss")
    assert (code, "there is no role 'boss'" in err) == (2, True)
    code, _, err = run("keys", "list", graph="nowhere.graph")
    assert (code, "nowhere.graph" in err) == (2, True)
    assert not Path("nowhere.graph.service").exists()


def test_the_audit_shows_and_checks_both_records(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("audit", "verify")
    assert (code, "Nothing was recorded yet" in out) == (0, True)
    assert not Path("a.graph.service").exists()
    run("keys", "create", "--name", "desk", "--role", "reader")
    path = tmp_path / "a.graph"
    with closing(Database(f"sqlite:///{path}", connect=lambda: open_graph(path))) as ledger:
        for id in ("d1", "d2"):
            with ledger.writing() as connection:
                decide(connection, id)
    rows = data(run, "audit", "list")
    assert [(row["chain"], row["seq"]) for row in rows] == [
        ("decisions", 2),
        ("decisions", 1),
        ("audit", 1),
    ]
    assert [row["action"] for row in data(run, "audit", "list", "--who", "anna")] == ["contact"] * 2
    assert len(data(run, "audit", "list", "--action", "keys.create")) == 1
    today = datetime.now(UTC).date().isoformat()
    assert len(data(run, "audit", "list", "--since", today)) == 3
    assert data(run, "audit", "list", "--since", "2999-01-01") == []
    out = run("audit", "list", "--limit", "2", "--lang", "zh")[1]
    assert "2 条记录" in out
    assert "还有更多记录" in out
    assert "contact" in out
    found = data(run, "audit", "verify")
    assert found["whole"] is True
    heads = [word for chain in found["chains"] for word in ("--head", chain["head"])]
    code, out, _ = run("audit", "verify", *heads)
    assert (code, "Whole:" in out) == (0, True)
    assert " ".join(heads) in out
    Place(f"sqlite:///{path}").run("DELETE FROM ledger_decision WHERE seq = 2", guarded=False)
    assert run("audit", "verify")[0] == 0  # a cut off end shows only beside the noted heads
    code, out, _ = run("audit", "verify", *heads)
    assert (code, "no entry has this head" in out) == (1, True)
    assert heads[3] in out
    assert heads[1] not in out
    Place(f"sqlite:///{path}").run("UPDATE ledger_decision SET reason = 'x'", guarded=False)
    code, out, _ = run("audit", "verify", "--lang", "zh")
    assert (code, "决定记录的第 1 条记录" in out.replace("\n", "")) == (1, True)
    code, out, _ = run("audit", "verify", "--json")
    assert code == 1
    broken = [(chain["chain"], chain["broken"]) for chain in json.loads(out)["chains"]]
    assert broken == [("audit", None), ("decisions", 1)]
