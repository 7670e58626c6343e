"""The commands of docs/loading.md, run in order as they stand there, on what each task is about."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sqlite3
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from graphcrm_api.cli import main

_PAGE = (Path(__file__).parents[1] / "docs" / "loading.md").read_text(encoding="utf-8")
_ADDRESS = "postgresql://reader@db.example/core"


def _tasks() -> dict[str, str]:
    parts = re.split(r"^## (.+)$", _PAGE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def _core(folder: Path) -> None:
    """The database of the page as a SQLite file, its mapping as it is printed."""
    with sqlite3.connect(folder / "core.db") as database:
        database.execute(
            "CREATE TABLE t_customer "
            "(cust_no, cust_name, birthday, sex_cd, mobile, updated_at timestamp)"
        )
        database.execute(
            "INSERT INTO t_customer VALUES "
            "('C1', '王丽', '1980-01-02', 2, '13800138001', '2026-01-01 10:00:00')"
        )
    mapping = _blocks(_tasks()["A core system's database"], "yaml")[0]
    (folder / "core.yaml").write_text(mapping.replace("crm.t_customer", "t_customer"))
    (folder / "core.password").write_text("secret\n")


def _refused(folder: Path) -> None:
    """A graph with a refused row."""
    (folder / "persons.csv").write_text("id,name,sex\nP1,王丽,F\nP2,李明,?\n", encoding="utf-8")
    assert _run("graphcrm load persons.csv", folder).returncode == 1


def _mend(folder: Path) -> None:
    """What the clerk does between the export and the retry."""
    book = openpyxl.load_workbook(folder / "refused.xlsx")
    sheet = book.active
    assert sheet is not None
    titles = [cell.value for cell in sheet[1]]
    sheet.cell(row=2, column=titles.index("sex") + 1, value="M")
    book.save(folder / "refused.xlsx")


def _list(folder: Path) -> None:
    """A spreadsheet as people make them: title, total, codes and dates of its own."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["保单清单"])
    sheet.append(["保单号", "险种名称", "投保人姓名", "性别", "手机", "保费", "签单日期", "状态"])
    sheet.append(["B1", "终身寿险", "王丽", "女", "13800138001", "1,200.00", "2026/1/5", "有效"])
    sheet.append(["B2", "综合意外险", "李明", "男", "13800138002", "300.00", "2026/2/15", "失效"])
    sheet.append(["B3", "终身寿险", "王丽", "女", "13800138001", "900.00", "2026/3/5", "有效"])
    sheet.append(["合计", "", "", "", "", "2,400.00"])
    book.save(folder / "list.xlsx")


_PREPARED: dict[str, Callable[[Path], None]] = {
    "An unknown spreadsheet": _list,
    "A core system's database": _core,
    "Daily deltas": _core,
    "Mending what was refused": _refused,
    "Data quality": _refused,
}
_MAY_FIND = {"graphcrm quarantine list"}
"""Commands that end with 1 because there is something to find."""


@dataclass(frozen=True)
class _Ran:
    returncode: int
    stdout: str
    stderr: str


def _run(line: str, folder: Path) -> _Ran:
    """Run a line in this process, with the folder as the one to work in."""
    command, _, target = line.replace(_ADDRESS, f"sqlite:///{folder}/core.db").partition(" > ")
    words = shlex.split(command)
    assert words[0] == "graphcrm", line
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(folder), redirect_stdout(out), redirect_stderr(err):
        code = main(words[1:])
    if target:
        (folder / target).write_text(out.getvalue(), encoding="utf-8")
    return _Ran(code, out.getvalue(), err.getvalue())


@pytest.mark.parametrize("task", _tasks())
def test_the_commands_of_each_task_work(task: str, tmp_path: Path) -> None:
    _PREPARED[task](tmp_path)
    lines = [line for block in _blocks(_tasks()[task], "sh") for line in block.splitlines()]
    for line in lines:
        if line.startswith("export "):
            continue
        if line.startswith("graphcrm quarantine retry"):
            _mend(tmp_path)
        ran = _run(line, tmp_path)
        assert ran.returncode == 0 or line in _MAY_FIND, (line, ran.stdout, ran.stderr)
    assert lines
