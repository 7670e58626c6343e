"""`graphcrm load --suggest-mapping`: a mapping on standard output that can be used at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

Run = Callable[..., Any]

_ROWS = """客户号,姓名,性别,出生日期,手机
C1,王丽,女,1980/1/5,13800138001
C2,李明,男,1979/12/31,13800138002
"""


@pytest.fixture
def customers(plain_environment: Path) -> Path:
    path = plain_environment / "客户.csv"
    path.write_text(_ROWS, encoding="gb18030")
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_three_commands(run: Run, customers: Path, lang: str) -> None:
    ran = run("load", str(customers), "--suggest-mapping", "--lang", lang)
    assert ran.code == 0
    assert yaml.safe_load(ran.out)["files"]["客户.csv"][0]["table"] == "persons"
    mapping = customers.parent / "m.yaml"
    mapping.write_text(ran.out, encoding="utf-8")
    for more in (["--dry-run"], []):
        assert run("load", str(customers), "--mapping", str(mapping), *more).code == 0


def test_nothing_is_made(run: Run, customers: Path) -> None:
    run("load", str(customers), "--suggest-mapping")
    assert [path.name for path in customers.parent.iterdir()] == ["客户.csv"]


def test_as_json(run: Run, customers: Path) -> None:
    ran = run("load", str(customers), "--suggest-mapping", "--json")
    assert set(ran.data) == {"mapping", "doubtful"}
    assert "table: persons" in ran.data["mapping"]


def test_only_for_files(run: Run) -> None:
    ran = run("load", "sqlite:///core.db", "--suggest-mapping")
    assert ran.code == 2
    assert "files and folders" in ran.err
