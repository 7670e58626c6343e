"""A small insurer, and the ledger beside its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

import graphcrm
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of
from tests.cli.conftest import plain_environment, run
from tests.loading import Load

__all__ = ["plain_environment", "run"]

TABLES = {
    "persons": "id,name,deleted_on\nP1,王丽,\nP2,李明,\nP9,旧客户,2026-01-01",
    "institutions": "id,name\nI1,云大计算机有限公司",
    "departments": "id,name,institution_id\nD1,昆明分公司,I1",
    "agents": "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active",
    "products": "code,name,line\nL1,安康,life",
    "policies": "id,product_code,holder_id,premium,issued_on,status\n"
    "Q1,L1,P1,1000,2020-01-01,in_force",
    "contacts": "id,customer_id,contacted_at,direction,channel,agent_id\n"
    "C1,P1,2026-01-01T10:00:00,out,visit,A1",
}

SAID = {
    "customer_id": "P1", "contacted_at": "2026-06-30T16:05:00+08:00", "direction": "in",
    "channel": "phone", "agent_id": "A1", "policy_id": "Q1", "product_code": "L1",
    "topic": "claim", "satisfaction": 4, "note": " 询问赔款 ",
}  # fmt: skip


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The insurer's files."""
    folder = tmp_path_factory.mktemp("insurer")
    for table, text in TABLES.items():
        (folder / f"{table}.csv").write_text(text + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def graph_file(files: Path, tmp_path: Path, load_apart: Load) -> Path:
    """The insurer's graph."""
    load_apart(tmp_path / "own.graph", files)
    return tmp_path / "own.graph"


OpenLedger = Callable[[Path], tuple[graphcrm.Graph, Ledger]]


@pytest.fixture
def open_ledger() -> Iterator[OpenLedger]:
    """Open a graph with its ledger."""
    with ExitStack() as stack:

        def opened(path: Path) -> tuple[graphcrm.Graph, Ledger]:
            graph = stack.enter_context(graphcrm.connect(path))
            return graph, Ledger(graph.store, stack.enter_context(closing(ledger_of(graph.store))))

        yield opened


@pytest.fixture
def graph_and_ledger(graph_file: Path, open_ledger: OpenLedger) -> tuple[graphcrm.Graph, Ledger]:
    """The insurer's graph with its ledger."""
    return open_ledger(graph_file)
