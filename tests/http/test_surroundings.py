"""Neighbourhoods, degrees and paths over HTTP: nothing outside is named, nor what lies behind."""

from __future__ import annotations

import io
from itertools import pairwise
from typing import Any

import httpx
import networkx as nx
import pytest

from graphcrm.ledger import audit
from tests.http.conftest import Service


def _asked(id: str, **more: Any) -> dict[str, Any]:
    return {"label": "Person", "id": id, **more}


def _ways(one: str, other: str) -> dict[str, Any]:
    return {"from_label": "Person", "from_id": one, "to_label": "Person", "to_id": other}


def _found(client: httpx.Client, path: str, asked: dict[str, Any]) -> dict[str, Any]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize("path", ["/v1/neighbourhood", "/v1/degrees", "/v1/paths"])
def test_it_asks_who_it_is_and_whether_they_may(service: Service, path: str) -> None:
    inside, beyond = service.inside, service.beyond

    def asked(id: str) -> dict[str, Any]:
        return _ways(inside, id) if "paths" in path else _asked(id)

    with service.anonymous() as nobody, service.client("reader", service.branch) as reader:
        assert nobody.get(path, params=asked(beyond)).status_code == 401
        assert reader.get(path, params=asked(inside)).status_code == 200
        outside, absent = (reader.get(path, params=asked(id)) for id in (beyond, "none"))
        assert (outside.status_code, absent.status_code) == (404, 404)
        assert outside.json()["detail"].replace(beyond, "none") == absent.json()["detail"]
    with service.backend.state.reading() as connection:
        (entry,) = audit.page(connection, limit=1)
    assert (entry.outcome, entry.action) == ("refused", f"GET {path}")


def test_no_way_leads_through_what_lies_outside(service: Service) -> None:
    with service.client("reader", service.branch) as mine, service.client("reader") as all_:
        asked = _asked(service.inside, hops=3, limit=2000)
        limited, whole = (_found(client, "/v1/neighbourhood", asked) for client in (mine, all_))
        branches = tuple(sorted(_below(service, service.branch)))
    named = [(n["label"], n["id"]) for n in limited["nodes"]]
    inside = {node for node in named if node[0] != "Outside"}
    with service.backend.store() as store:
        assert store.visible(list(inside), branches) == inside
    assert inside < {(n["label"], n["id"]) for n in whole["nodes"]}
    stubs = [n for n in limited["nodes"] if n["label"] == "Outside"]
    assert stubs
    assert all(n.keys() == {"label", "id", "hop"} for n in stubs)
    ends = [[(e[end]["label"], e[end]["id"]) for end in ("start", "end")] for e in limited["edges"]]
    assert {node for pair in ends for node in pair} <= set(named)
    for number in range(len(stubs)):
        assert sum(("Outside", str(number + 1)) in pair for pair in ends) == 1


def _below(service: Service, branch: str) -> set[str]:
    with service.backend.store() as store:
        return store.branches_below([branch])


def test_a_neighbourhood_is_as_large_as_it_is_asked_for(service: Service) -> None:
    with service.client("reader") as reader:
        small = _found(reader, "/v1/neighbourhood", _asked(service.inside, hops=3, limit=5))
        assert (len(small["nodes"]), small["complete"]) == (5, False)
        assert small["nodes"][0]["hop"] == 0
        holds = _found(
            reader, "/v1/neighbourhood", _asked(service.inside, types="HOLDS , SOLD", hops=1)
        )
        assert {edge["type"] for edge in holds["edges"]} == {"HOLDS"}
        degrees = _found(reader, "/v1/degrees", _asked(service.inside))["items"]
        held = [d for d in degrees if (d["edge"], d["outward"]) == ("HOLDS", True)]
        assert [d["count"] for d in held] == [sum(n["hop"] == 1 for n in holds["nodes"])]
        assert not any(d["outside"] for d in degrees)


def test_personal_data_are_shown_with_the_scope_and_a_purpose_alone(service: Service) -> None:
    asked = _asked(service.inside, hops=1)
    with (
        service.client("reader", purpose="call") as reader,
        service.client("service", purpose="call") as clerk,
    ):
        masked, shown = (_found(c, "/v1/neighbourhood", asked)["nodes"] for c in (reader, clerk))
    with service.backend.state.reading() as connection:
        (entry,) = audit.page(connection, limit=1)
    assert (entry.action, entry.resource) == ("view", f"Person:{service.inside}")
    assert masked[0]["name"] == shown[0]["name"][0] + "*"
    for label in ("Phone", "Document"):
        values = [[n["value"] for n in nodes if n["label"] == label] for nodes in (masked, shown)]
        assert len(values[0]) == len(values[1])
        assert not set(values[0]) & set(values[1])
        assert all("*" in value for value in values[0])
        assert not any("*" in value for value in values[1])


def test_a_neighbourhood_for_graph_tools(service: Service) -> None:
    asked = _asked(service.inside)
    with service.client("reader", service.branch) as reader:
        found = _found(reader, "/v1/neighbourhood", asked)
        for form, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
            headers = {"Accept": f"application/{form}+xml"}
            answer = reader.get("/v1/neighbourhood", params=asked, headers=headers)
            assert answer.headers["Content-Type"] == headers["Accept"]
            drawn = read(io.BytesIO(answer.content))
            assert (len(drawn), drawn.size()) == (len(found["nodes"]), len(found["edges"]))
            name = next(n["name"] for n in found["nodes"] if n["hop"] == 0)
            assert drawn.nodes[f"Person:{service.inside}"]["name"] == name
        refused = reader.get("/v1/neighbourhood", params=asked, headers={"Accept": "text/csv"})
        assert refused.status_code == 406


def test_paths_lead_through_the_branches_alone(service: Service) -> None:
    branches = tuple(sorted(_below(service, service.branch)))
    with service.backend.store() as store:
        persons = [("Person", row["id"]) for row in store.page("Person", limit=500)]
        mine = sorted(store.visible(persons, branches))[:12]
    lengths = set[int]()
    with service.client("reader", service.branch) as reader:
        for (_, one), (_, other) in zip(mine[:6], mine[6:], strict=True):
            found = _found(reader, "/v1/paths", _ways(one, other) | {"limit": 3})
            for way in found["paths"]:
                nodes = [(n["label"], n["id"]) for n in way["nodes"]]
                assert (nodes[0], nodes[-1]) == (("Person", one), ("Person", other))
                with service.backend.store() as store:
                    assert store.visible(nodes, branches) == set(nodes)
                pairs = {frozenset(pair) for pair in pairwise(nodes)}
                joined = {
                    frozenset((e[end]["label"], e[end]["id"]) for end in ("start", "end"))
                    for e in way["edges"]
                }
                assert joined == pairs
                lengths.add(len(nodes))
        assert max(lengths) > 2
        one, other = mine[0][1], mine[6][1]
        assert len(_found(reader, "/v1/paths", _ways(one, one))["paths"]) == 1
        none = _found(reader, "/v1/paths", _ways(one, other) | {"hops": 1})
        assert none == {"paths": [], "complete": True}


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/v1/neighbourhood", {"hops": 4}),
        ("/v1/neighbourhood", {"limit": 2001}),
        ("/v1/neighbourhood", {"label": "Nobody"}),
        ("/v1/neighbourhood", {"types": "HOLDS,NOTHING"}),
        ("/v1/degrees", {"id": ""}),
        ("/v1/degrees", {"id": "x" * 501}),
    ],
)
def test_what_can_not_be_asked_is_refused(
    service: Service, path: str, wrong: dict[str, Any]
) -> None:
    with service.client("reader") as reader:
        assert reader.get(path, params=_asked(service.inside) | wrong).status_code == 422
        for id_ in ("\x00", "%ed%a0%80", "'; --", "😀"):
            assert reader.get(path, params=_asked(id_)).status_code == 404
