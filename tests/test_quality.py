"""The quality of the data, field by field."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.errors import StoreError
from graphcrm.quality import pending_references, quality

GraphOf = Callable[..., graphcrm.Graph]


def test_filled_flawed_and_why(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": """id,name,sex,id_type,id_number,phone,deleted_on
                A,王芳,F,resident_id,11010519491231002X,13800138000,
                B,李强,,resident_id,110105194912310021,138001,
                C,赵六,M,resident_id,110105194912310022,138002,
                D,钱七,M,resident_id,110105194902300022,,
                E,孙八,M,resident_id,110105194912310023,138003,2020-01-01""",
        }
    )
    table = quality(graph.snapshot())
    assert set(table["label"].to_pylist()) == {"Person"}
    fields = {row["property"]: row for row in table.to_pylist()}
    assert {"name_key", "flaws"}.isdisjoint(fields)
    assert {row["rows"] for row in fields.values()} == {4}
    keys = ("filled", "flawed", "reason")
    assert tuple(fields["sex"][key] for key in keys) == (0.75, 0, None)
    assert tuple(fields["id_number"][key] for key in keys) == (1.0, 3, "check_digit")
    assert tuple(fields["phone"][key] for key in keys)[:2] == (0.75, 2)
    assert fields["phone"]["reason"] is not None
    assert tuple(fields["email"][key] for key in keys) == (0.0, 0, None)


def test_references_that_wait(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": "id,name,institution_id\nA,王芳,X1\nB,李强,X1\nC,赵六,X2",
            "relations": "from_id,to_id,kind\nA,Z,spouse\nA,B,spouse",
        }
    )
    assert pending_references(graph.snapshot()).to_pylist() == [
        {"origin": "persons.institution_id", "type": "WORKS_AT", "pending": 3, "missing": 2,
         "example": "X1"},
        {"origin": "relations.to_id", "type": "RELATED_TO", "pending": 1, "missing": 1,
         "example": "Z"},
    ]  # fmt: skip


def test_the_sample(sample_graph: Any) -> None:
    snapshot = sample_graph.graph.snapshot()
    counts = sample_graph.graph.status().nodes
    rows = quality(snapshot).to_pylist()
    for row in rows:
        assert row["rows"] == counts[row["label"]]
        assert 0 <= row["filled"] <= 1
        assert (row["flawed"] == 0) == (row["reason"] is None)
    assert [row["flawed"] > 0 for row in rows if row["property"] == "id_number"] == [True]
    assert sum(pending_references(snapshot)["pending"].to_pylist()) == (
        sample_graph.graph.status().pending
    )


def test_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="snapshot"):
        quality(tmp_path / "none.snapshot")
    (tmp_path / "text.snapshot").write_text("no database")
    with pytest.raises(StoreError, match="snapshot"):
        pending_references(tmp_path / "text.snapshot")
