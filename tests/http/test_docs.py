"""The lines of docs/api.md, run as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import graphcrm
from tests.http.conftest import Service

_PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_BLOCK = re.compile(r"```sh\n(.*?)```", re.S)
_LINE = re.compile(r"^curl .*?(?<!\\)$", re.M | re.S)


def _lines() -> list[str]:
    text = _PAGE.read_text(encoding="utf-8")
    return [line for block in _BLOCK.findall(text) for line in _LINE.findall(block)]


def test_the_lines_of_the_documentation_do_what_it_says(
    make_service: Callable[..., Service], found_sample: graphcrm.Graph, tmp_path: Path
) -> None:
    if shutil.which("curl") is None:
        assert os.environ.get("CI") != "true", "curl is not installed"
        pytest.skip("curl is not installed")
    own = make_service(of=found_sample)
    (tmp_path / "persons.csv").write_text("id,name\nX1,张三\n", encoding="utf-8")
    environment = os.environ | {
        "URL": own.url, "CUSTOMER": own.inside, "KEY": own.key("service", own.branch),
        "ANALYST": own.key("analyst"), "ADMIN": own.key("admin"), "no_proxy": "*",
    }  # fmt: skip
    lines = _lines()
    assert len(lines) > 20
    for line in lines:
        done = subprocess.run(
            ["bash", "-c", line], env=environment, cwd=tmp_path, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.stdout or "-o " in line, line
