"""The state of the graph over HTTP."""

from __future__ import annotations

from tests.http.conftest import Service


def test_counts_are_the_whole_companys(service: Service) -> None:
    with (
        service.anonymous() as nobody,
        service.client("reader") as whole,
        service.client("reader", service.branch) as limited,
    ):
        assert nobody.get("/v1/status").status_code == 401
        found, less = whole.get("/v1/status").json(), limited.get("/v1/status").json()
    with service.backend.store() as store:
        status = store.status()
    assert (found["nodes"], found["edges"]) == (status.nodes, status.edges)
    assert found["loads"][0]["rows"] == sum(
        file["rows"] for file in status.loads[0]["report"]["files"]
    )
    company = {"nodes", "edges", "refused", "pending", "loads"}
    assert {name for name, value in less.items() if value is None} == company
    for name in ("change", "loaded_at", "unfinished"):
        assert less[name] == found[name]
    assert found["loaded_at"] == status.loads[0]["finished_at"].replace("+00:00", "Z")
    assert "/" not in str(found["loads"])
