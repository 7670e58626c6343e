"""The Python client and the command line over a service: the same answers as on the graph."""

from __future__ import annotations

import datetime as dt
import inspect
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import graphcrm
from graphcrm import Client, Graph, StoreError, UnknownNodeError, UnknownQuestionError, UsageError
from graphcrm.client import RemoteDuplicates
from graphcrm.duplicates.customers import Duplicates, customers_of
from graphcrm.ledger import audit, keys
from graphcrm.orphans import find_orphans
from graphcrm.referrals import chains, loops, tree
from graphcrm.settings import Settings
from graphcrm.store import questions
from graphcrm.store.paging import Condition
from graphcrm_api.http.backend import Backend
from tests.cli.conftest import cli_book, cli_graph, plain_environment, run  # noqa: F401
from tests.cli.test_cli_customers import found_graph  # noqa: F401
from tests.http.conftest import Service, people_of, serving

Row = dict[str, Any]

# What a service keeps to itself of a record: how it came into the graph.
_INTERNAL = {"at_line", "path", "load", "name_key", "extra"}
_CALL = "ring back"


@dataclass(frozen=True)
class Both:
    """A graph, and the service that keeps it."""

    graph: Graph
    service: Service
    folder: Path

    def client(self, role: str, branch: str | None = None, purpose: str | None = None) -> Client:
        """A client with a new key."""
        return Client(self.service.url, self.service.key(role, branch), purpose=purpose)


@pytest.fixture(scope="module")
def both(found_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:  # noqa: F811
    folder = tmp_path_factory.mktemp("client")
    path, inside = folder / "own.graph", folder / "in"
    inside.mkdir()
    with graphcrm.connect(found_graph) as found:
        found.backup(path)
    with closing(sqlite3.connect(folder / "core.db")) as database:
        database.executescript(
            "CREATE TABLE persons (id TEXT, name TEXT, sex TEXT);"
            "INSERT INTO persons VALUES ('D1', '赵一', 'F');"
        )
    settings = Settings(
        graph=str(path),
        rate_limit=10_000,
        lookup_limit=10_000,
        load_folders=[inside],
        load_databases={"core": f"sqlite:///{folder / 'core.db'}"},
    )
    with closing(Backend(str(path), settings)) as backend:
        with backend.state.writing() as connection:
            keys.create(connection, name="first", roles=["reader"], branches=None, expires_on=None,
                        by="test")  # fmt: skip
        with serving(backend) as url, graphcrm.connect(path) as graph:
            yield Both(graph, Service(url, backend, *people_of(graph.store)), folder)


@pytest.fixture(scope="module")
def whole(both: Both) -> Iterator[Client]:
    """Who sees everything, unmasked."""
    with both.client("steward", purpose=_CALL) as client:
        yield client


def test_who_one_is_and_which_nodes_have_an_id(both: Both) -> None:
    """The endpoints that clients need beside those of the subjects."""
    service = both.service
    limited = service.client("service", service.branch, purpose=_CALL)
    paths = ("/v1/me", "/v1/nodes?id={0}", "/v1/history?label=Person&id={0}")
    with service.anonymous() as nobody, limited as clerk:
        for path in paths:
            assert nobody.get(path.format(service.inside)).status_code == 401
            assert clerk.get(path.format(service.inside)).status_code == 200
        for path in paths[1:]:
            beyond, absent = (clerk.get(path.format(id)) for id in (service.beyond, "none"))
            assert (beyond.status_code, absent.status_code) == (404, 404)
            told = beyond.json()["detail"].replace(service.beyond, "none")
            assert told == absent.json()["detail"]
            assert clerk.get(path.format("%00")).status_code in (404, 422)
        me = clerk.get("/v1/me").json()
        assert (me["roles"], me["branches"]) == (["service"], [service.branch])
        assert me["unmasked"]
        assert {"pii", "contacts:write"} < set(me["scopes"])
        found = clerk.get("/v1/nodes", params={"id": service.inside}).json()
        assert found == {"items": [{"label": "Person", "id": service.inside}]}
    with service.backend.state.reading() as connection:
        noted = audit.page(connection, limit=1, action="GET /v1/nodes")
    assert [(entry.outcome, entry.via[:4]) for entry in noted] == [("refused", "key:")]


def _told(record: Mapping[str, Any]) -> Row:
    return {n: v for n, v in record.items() if v is not None and n not in _INTERNAL}


def _drawn(graph: Any) -> tuple[list[Any], list[str], Row]:
    edges = [json.dumps([*e[:2], _told(e[2])], sort_keys=True) for e in graph.edges(data=True)]
    return [(n, _told(d)) for n, d in graph.nodes(data=True)], sorted(edges), graph.graph


def _parameters(both: Both, name: str) -> Row:
    given = {"label": "Person", "id": both.service.inside}
    return {p.name: given[p.name] for p in questions()[name].parameters if p.default is None}


@pytest.mark.parametrize("name", [name for name, asked in questions().items() if asked.public])
def test_questions_have_the_same_answers(both: Both, whole: Client, name: str) -> None:
    given = _parameters(both, name)
    answer = both.graph.query(name, **given)
    assert whole.query(name, **given).equals(answer)
    with both.client("steward", purpose=_CALL) as client:  # without the right to whole lists
        store: Any = client.store
        store.me = store.me.model_copy(update={"scopes": store.me.scopes - {"export:read"}})
        assert client.query(name, **given).equals(answer)


def test_customers_and_nodes_are_the_same(both: Both, whole: Client) -> None:
    graph, inside = both.graph, both.service.inside
    several = customers_of(graph.store)["customer_id"][0].as_py()
    ids = [inside, several, graph.store.page("Institution", limit=1)[0]["id"]]
    for id in ids:
        mine, theirs = whole.customer(id), graph.customer(id)
        expected = theirs.model_dump() | {"record": _told(theirs.record), "outside": []}
        assert mine.model_dump() == expected
        assert set(whole.node(id)) == set(graph.node(id))
        assert _told(whole.node(id)) == _told(graph.node(id))
        assert whole.locate(id) == graph.locate(id)
        assert whole.store.degrees(*whole.locate(id)) == graph.store.degrees(*graph.locate(id))
        for leave_out in (("Premium",), (), ("HOLDS", "Premium")):
            around = whole.neighbourhood(id, 2, 60, leave_out)
            assert _drawn(around) == _drawn(graph.neighbourhood(id, 2, 60, leave_out))
    start, end = ("Person", inside), list(graph.neighbourhood(inside, 3))[-1]
    ways = [store.paths(start, end) for store in (whole.store, graph.store)]
    assert _drawn(ways[0])[1:] == _drawn(ways[1])[1:]
    name = graph.node(inside)["name"]
    for text in (name, inside, name[:1], "nobody at all", " "):
        assert whole.search(text, 7) == graph.search(text, 7)


def test_lists_are_the_same(both: Both, whole: Client) -> None:
    graph = both.graph
    for label, asked in (
        ("Person", {}),
        ("Policy", {"columns": ["status", "id"], "where": {"status": "in_force"}}),
        (
            "Policy",
            {"where": {"status": Condition("in", ("lapsed", "surrendered"))}},
        ),
    ):
        tables = [pa.Table.from_batches(s.scan(label, **asked)) for s in (whole.store, graph.store)]
        assert tables[0].equals(tables[1])
    orders: list[Row] = [{"sort": "premium", "descending": True}, {}]
    for order in orders:
        pages = [store.page("Policy", limit=9, **order) for store in (whole.store, graph.store)]
        assert [_told(row) for row in pages[0]] == [_told(row) for row in pages[1]]
    for ask in (find_orphans, chains, loops):
        assert ask(whole.store).equals(ask(graph.store))
    root = chains(graph.store).to_pylist()[0]
    node = root["root_label"], root["root_id"]
    assert tree(whole.store, *node).equals(tree(graph.store, *node))
    assert whole.duplicates.customers().equals(customers_of(graph.store))
    one, other = customers_of(graph.store)["id"].to_pylist()[:2]
    assert whole.duplicates.explain(one, other) == graph.duplicates.explain(one, other)
    known = {"name": graph.node(one)["name"], "birth_date": graph.node(one)["birth_date"]}
    found = whole.duplicates.search(known)
    assert found == graph.duplicates.search(known)
    assert (found != [], found.elsewhere) == (True, [])
    mine, theirs = whole.status(), graph.status()
    assert mine.model_dump(exclude={"url", "loads"}) == theirs.model_dump(exclude={"url", "loads"})
    assert [load["load"] for load in mine.loads] == [load["load"] for load in theirs.loads]
    mine, theirs = whole.quarantine(), graph.quarantine()
    assert mine.drop_columns(["file"]).equals(theirs.drop_columns(["file"]))
    with both.client("reader") as reader:
        (line,) = [load for load in reader.status().loads if load["load"] == 1]
        files = theirs_of(graph)["files"]
        assert line["report"]["files"][0]["rows"] == sum(file["rows"] for file in files)


def test_verbs_are_the_same_on_a_graph_and_on_a_service(both: Both, whole: Client) -> None:
    """What was written for one works on the other: names, parameters, types, answers."""
    graph, inside = both.graph, both.service.inside
    root = chains(graph.store).to_pylist()[0]
    end = ("Person", root["root_id"])
    one, other = customers_of(graph.store)["id"].to_pylist()[:2]
    asked: list[Callable[[Any], Any]] = [
        lambda g: g.orphans.find(),
        lambda g: g.orphans.customers(leave_days=30),
        lambda g: g.orphans.summary(dt.date(2026, 6, 30), unauthorised=True),
        lambda g: g.referrals.chains(),
        lambda g: g.referrals.loops(),
        lambda g: g.referrals.tree(root["root_id"], root["root_label"]),
        lambda g: g.duplicates.customers(),
        lambda g: g.duplicates.explain(one, other),
    ]
    for ask in asked:
        mine, theirs = ask(whole), ask(graph)
        assert (type(mine), mine) == (type(theirs), theirs)
    mine, theirs = whole.paths(inside, end), graph.paths(inside, end)
    assert _drawn(mine)[1:] == _drawn(theirs)[1:]
    with both.client("steward", purpose=_CALL) as client:
        assert client.unmasked
        assert "pii" in client.scopes
    for here, there in ((Graph, Client), (Duplicates, RemoteDuplicates)):
        for name in (name for name in vars(here) if not name.startswith("_")):
            verbs = [inspect.getattr_static(kind, name, None) for kind in (here, there)]
            assert verbs[1] is not None, f"{there.__name__}.{name}"
            if inspect.isfunction(verbs[0]) and name != "find":
                known = [inspect.signature(verb).parameters for verb in verbs]
                assert list(known[0]) == list(known[1]), f"{there.__name__}.{name}"


def theirs_of(graph: Graph) -> Row:
    """The report of the first load."""
    report: Row = graph.status().loads[-1]["report"]
    return report


def test_others_see_their_branches_and_masks(both: Both) -> None:
    service, name = both.service, both.graph.node(both.service.inside)["name"]
    with both.client("reader") as reader, both.client("service", service.branch) as clerk:
        for client in (reader, clerk):
            assert client.node(service.inside)["name"] == f"{name[0]}*"
        assert reader.customer(service.beyond, "Person").outside == []
        assert "ties" in {part for id in _persons(both, 40) for part in _outside(clerk, id)}
        mine = find_orphans(clerk.store)
        assert 0 < mine.num_rows < find_orphans(both.graph.store).num_rows
        for ask in (clerk.node, clerk.customer, clerk.history, clerk.neighbourhood):
            with pytest.raises(UnknownNodeError, match=service.beyond):
                ask(service.beyond)
        beyond = both.graph.node(service.beyond)
        known = {n: beyond.get(n) for n in ("name", "birth_date", "phone")}
        (elsewhere, *_) = clerk.duplicates.search(known).elsewhere
        assert (elsewhere.band, elsewhere.name) == ("sure", f"{beyond['name'][0]}*")
        assert elsewhere.branch is not None
        assert both.graph.node(elsewhere.branch.id, "Department")["name"] == elsewhere.branch.name
        with pytest.raises(StoreError, match="how much there is concerns the whole company"):
            clerk.status()
    with both.client("steward", service.branch, _CALL) as steward:
        assert loops(steward.store).num_rows <= loops(both.graph.store).num_rows
        with pytest.raises(StoreError, match="premiums of referred customers"):
            chains(steward.store)


def _persons(both: Both, number: int) -> list[str]:
    below = sorted(both.graph.store.branches_below([both.service.branch]))
    return [row["id"] for row in both.graph.store.page("Person", limit=number, branches=below)]


def _outside(client: Client, id: str) -> list[str]:
    return client.customer(id, "Person").outside


def test_what_only_the_graph_itself_can_do_is_said(
    both: Both, whole: Client, tmp_path: Path
) -> None:
    store = whole.store
    refused: list[tuple[str, Callable[[], object]]] = [
        ("no snapshot", whole.snapshot),
        ("no backup", lambda: whole.backup(tmp_path / "b.graph")),
        ("analyses are done where the graph is", whole.duplicates.find),
        ("analyses are done where the graph is", lambda: store.derive({}, {})),
        ("analyses are done where the graph is", lambda: store.kept("x")),
        ("does not list pairs", whole.duplicates.samenesses),
        ("shows its decisions in the graph itself", lambda: store.project([])),
        ("limits to branches by who asks", lambda: store.visible([], ["D1"])),
        ("one node at a time", lambda: whole.neighbourhood(both.service.beyond.split() * 2)),
        (
            "can't leave out Product",
            lambda: whole.neighbourhood(both.service.inside, 1, 9, ("Product",)),
        ),
        ("from page to page", lambda: store.page("Person", after=(None, "x"))),
    ]
    for words, ask in refused:
        with pytest.raises(StoreError, match=words):
            ask()
    for wrong in (
        lambda: whole.neighbourhood(both.service.inside, 9),
        lambda: whole.customer(both.graph.store.page("Policy", limit=1)[0]["id"]),
        lambda: whole.query("orphan_policies", as_of="soon"),
        lambda: whole.query("referrals", colour="red"),
        lambda: store.page("Nobody"),
        lambda: whole.search("\ud800"),
        lambda: whole.duplicates.search({"colour": "red"}),
        lambda: whole.load("postgresql://u:secret@host/core"),
    ):
        with pytest.raises(UsageError) as told:
            wrong()
        assert "secret" not in str(told.value)
    for name in ("no_such_question", "customer_branches"):
        with pytest.raises(UnknownQuestionError, match=name):
            whole.query(name, **({"label": "Person", "id": "x"} if "customer" in name else {}))
    for id in ("nobody", "..", "a/b?c#d", "", "\x00"):
        assert store.node("Person", id) is None
        with pytest.raises(UnknownNodeError):
            whole.locate(id)


def test_files_are_sent_and_what_is_there_is_named(both: Both, tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "notes.txt").write_text("for the auditors", encoding="utf-8")
    (book / "persons.deduped.csv").write_text("id,name,cluster_id\nN1,王一,1\n", encoding="utf-8")
    (book / "policies.csv").write_text(
        "id,product_code,holder_id,premium,issued_on,status\nN9,X,N1,100,2026-01-02,in_force\n",
        encoding="utf-8",
    )
    (book / "persons.csv").write_text("id,name,sex\nN1,王一,F\nN2,王二,Q\n", encoding="utf-8")
    (both.folder / "in" / "persons.csv").write_text("id,name\nN1,王大一\n", encoding="utf-8")
    heard: list[Any] = []
    with both.client("admin") as admin:
        rehearsed = admin.load(book / "persons.csv", dry_run=True, listen=heard.append)
        assert (rehearsed.load, rehearsed.files[0].rows, rehearsed.refused) == (0, 1, 1)
        with pytest.raises(UnknownNodeError):
            admin.locate("N1")
        report = admin.load(book, source="new", as_of=dt.date(2026, 6, 30))
        assert [f.refused for f in report.files] == [1, 0]
        assert report.passed_over == [str(book / "persons.deduped.csv")]
        assert [f.table for f in report.files] == ["persons", "policies"]
        assert admin.load(["service:persons.csv", "database:core"], source="new").failed == []
        assert admin.locate("new:D1") == ("Person", "new:D1")
        (earlier,) = admin.history("new:N1")
        (kept,) = both.graph.history("new:N1")
        assert earlier["replaced_by_load"] == kept["replaced_by_load"]
        assert earlier["name"] == "王*"
        assert heard[-1].done == heard[-1].total == 100
        cats = _file(tmp_path / "cats.csv", "id\n1\n")
        with pytest.raises(StoreError, match="'cats' is not a table"):
            admin.load(cats)
        (failed,) = admin.load([cats, book / "persons.csv"], source="new").failed
        assert "'cats' is not a table" in str(failed.error)
        for wrong, error in (
            (tmp_path / "none.csv", graphcrm.SourceError),
            (_file(tmp_path / "empty.csv", ""), UsageError),
            ("service:../core.db", UsageError),
            ("database:other", UsageError),
        ):
            with pytest.raises(error):
                admin.load([wrong])


def _file(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_command_line_says_the_same(
    both: Both,
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service, graph = both.service, both.graph
    key = _file(both.folder / "key", service.key("steward") + "\n")
    monkeypatch.setenv("GRAPHCRM_KEY_FILE", str(key))
    monkeypatch.setenv("GRAPHCRM_PURPOSE", "回电 2026-07-01")
    root = chains(graph.store)["root_id"][0].as_py()
    one, other = customers_of(graph.store)["id"].to_pylist()[:2]
    for line in (
        "search 王", "query referrals", "orphans list --as-of 2026-06-30", "referrals list",
        "referrals list --loops", f"referrals tree {root}", "duplicates list", "quarantine list",
        f"duplicates explain {one} {other}",
    ):  # fmt: skip
        here = run(*line.split(), "--json", "--graph", service.backend.address)
        there = run(*line.split(), "--json", "--graph", service.url)
        assert (there.code, there.err) == (0, ""), line
        assert _without_files(there.data) == _without_files(here.data), line
    for line in ("status", f"customer {service.inside}", f"duplicates explain {one} {other}"):
        shown = run(*line.split(), "--graph", service.url)
        assert (shown.code, shown.fits()) == (0, True), shown.err
    drawn = run("explore", service.inside, "--out", "x.html", "--graph", service.url)
    assert (drawn.code, Path("x.html").exists()) == (0, True)
    for line in (
        "duplicates find", "duplicates list --pairs", "quality", "backup x.graph", "keys list",
        "audit list", "serve", "load --resume", f"copy --from {service.url} --to x.graph",
    ):  # fmt: skip
        where = [] if line.startswith("copy") else ["--graph", service.url]
        refused = run(*line.split(), *where, "--lang", "zh")
        assert refused.code in (1, 2), line
        assert "地址" in refused.err, line
        assert "Traceback" not in refused.err
    assert not Path("x.graph").exists()


def _without_files(rows: Any) -> Any:
    if isinstance(rows, list):
        return [{n: v for n, v in row.items() if n != "file"} for row in rows]
    return rows


def test_a_contact_is_recorded_and_a_load_sent_by_commands(
    both: Both,
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = both.service
    monkeypatch.setenv("GRAPHCRM_GRAPH", service.url)
    monkeypatch.setenv("GRAPHCRM_KEY", service.key("service", service.branch))
    add = ("contact", "add", service.inside, "--channel", "phone", "--direction", "in", "--json")
    told = run(*add).data
    assert both.graph.node(told["id"])["channel"] == "phone"
    assert told["by"].startswith("key:")
    correct = ("contact", "correct", told["id"], "--reason", "misheard", "--outcome", "reached")
    corrected = run(*correct, "--json").data
    assert (corrected["id"], corrected["decision"]) == (told["id"], told["decision"] + 1)
    assert both.graph.node(told["id"])["outcome"] == "reached"
    again = run(*correct)
    assert (again.code, "nothing differs" in again.err) == (2, True)
    elsewhere = run("duplicates", "search", "--name", both.graph.node(service.beyond)["name"],
                    "--phone", both.graph.node(service.beyond)["phone"])  # fmt: skip
    assert "In another branch" in elsewhere.err
    refused = run("load", _file(Path("persons.csv"), "id,name\nM1,李一\n"))
    assert (refused.code, "this needs the scope loads:write" in refused.err) == (1, True)
    monkeypatch.setenv("GRAPHCRM_KEY", service.key("admin"))
    loaded = run("load", "persons.csv", "--json")
    assert (loaded.code, loaded.data["files"][0]["new"]) == (0, 1), loaded.err
    assert run("customer", "M1", "--json").data["record"]["name"] == "李*"


def test_what_is_hidden_and_who_is_unknown_is_said(
    both: Both,
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One line, beside the answer, that says how it is seen."""
    service, clerk = both.service, both.client("service", both.service.branch)
    monkeypatch.setenv("GRAPHCRM_GRAPH", service.url)
    with clerk:
        partly = next(id for id in _persons(both, 40) if "ties" in _outside(clerk, id))
    ask = ("customer", partly, "--json")
    monkeypatch.setenv("GRAPHCRM_KEY", service.key("reader", service.branch))
    reader = run(*ask)
    assert (reader.code, len(reader.err.split("scope pii"))) == (0, 2)
    monkeypatch.setenv("GRAPHCRM_KEY", service.key("service", service.branch))
    masked = run(*ask)
    assert masked.data["record"]["name"].endswith("*")
    assert "GRAPHCRM_PURPOSE" in masked.err
    assert "脱敏" in run(*ask, "--lang", "zh").err
    recorded = run("contact", "add", partly, "--channel", "phone", "--direction", "in")
    assert (recorded.code, recorded.err) == (0, "")
    refused = run(*ask, "--whole")
    assert (refused.code, "set as GRAPHCRM_PURPOSE" in refused.out) == (1, True)
    monkeypatch.setenv("GRAPHCRM_PURPOSE", _CALL)
    seen, whole = run(*ask), run(*ask, "--whole")
    assert (seen.err, whole.err) == ("", "")
    assert (bool(seen.data["outside"]), whole.data["outside"]) == (True, [])
    assert len(whole.data["ties"]) >= len(seen.data["ties"])
    assert f"customer {partly} --whole" in run("customer", partly).out
    here = run("customer", partly, "--whole", "--json", "--graph", service.backend.address)
    assert _told(here.data["record"]) == whole.data["record"]
    monkeypatch.setenv("GRAPHCRM_KEY", "gcrm_wrong")
    for lang in ("en", "zh"):
        unknown = run("search", "x", "--lang", lang)
        assert (unknown.code, "GRAPHCRM_KEY_FILE" in unknown.err) == (1, True)
        assert ("your key belongs" in unknown.err) == (lang == "en")
