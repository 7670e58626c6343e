"""Files that are broken as a whole: a clear error that names them, and nothing of them loaded."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from graphcrm import ConfirmationNeeded, SourceError, connect
from graphcrm_loaders.sources import discover

ROWS = "id,name,address\n" + "".join(f"P{n},名{n},地址{n}\n" for n in range(2_000))


def _csv(data: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / "persons.csv").write_bytes(data)
        return folder / "persons.csv"

    return write


def _whole_parquet(folder: Path) -> bytes:
    path = folder / "whole.parquet"
    pq.write_table(pa.table({"id": [f"P{n}" for n in range(500)], "name": ["名"] * 500}), path)
    data = path.read_bytes()
    path.unlink()
    return data


def _whole_excel(folder: Path) -> bytes:
    path = folder / "whole.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("persons")
        for n in range(500):
            sheet.write_row(n, 0, [f"P{n}", f"名{n}"])
    data = path.read_bytes()
    path.unlink()
    return data


def _cut(whole: Callable[[Path], bytes], name: str, share: float) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        data = whole(folder)
        (folder / name).write_bytes(data[: int(len(data) * share)])
        return folder / name

    return write


def _folder(folder: Path) -> Path:
    (folder / "persons.csv").mkdir()
    return folder / "persons.csv"


def _text(name: str, text: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        (folder / name).write_text(text, encoding="utf-8")
        return folder / name

    return write


BAD: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty": (_csv(b""), "the file is empty"),
    "header only": (_csv(b"id,name\n"), "no rows below the header"),
    "header without a line end": (_csv(b"id,name"), "no rows below the header"),
    "blank first line": (_csv(b"\nid,name\nP1,x\n"), "line 1 is blank"),
    "cut inside a row": (_csv(ROWS.encode()[:-20]), "line 2001: the file breaks off"),
    "cut inside quotes": (
        _csv(b'id,name,address\nP1,a,b\n"P2","x'), "line 3: the file breaks off"
    ),
    "a quote without an end": (
        _csv(b'id,name\nP1,a\nP2,"b\nP3,c\nP4,d\n'), "line 3: a quote begins there"
    ),
    "cut inside a character": (_csv(ROWS.encode()[:-6]), "line 2001: the byte"),
    "random bytes": (_csv(random.Random(1).randbytes(100_000)), "persons.csv"),
    "gibberish after a good start": (_csv(b"id,name\nP1,x\nP2,\xff\xff\xfe\n"), "line 3"),
    "odd utf-16": (_csv("id,name\nP1,王丽\n".encode("utf-16")[:-1]), "persons.csv"),
    "one endless line": (_csv(b"x" * 5_000_000), "line 1 has over 1,048,576 characters"),
    "NUL characters": (_csv(b"i\x00d,name\nP1,x\n"), "NUL"),
    "a column twice": (_csv(b"id,name,Name\nP1,x,y\n"), "the column 'Name' is there twice"),
    "a required column missing": (_csv(b"id,nom\nP1,x\n"), "needs the column name"),
    "another delimiter": (_csv(b"id|name\nP1|x\n"), "needs the columns id, name"),
    "a folder": (_folder, "is a folder"),
    "cut Parquet": (_cut(_whole_parquet, "persons.parquet", 0.7), "can't be read as Parquet"),
    "Parquet in name only": (_text("persons.parquet", ROWS), "can't be read as Parquet"),
    "cut workbook": (_cut(_whole_excel, "persons.xlsx", 0.7), "Excel workbook"),
    "workbook in name only": (_text("persons.xlsx", ROWS), "Excel workbook"),
    "no JSON at all": (_text("persons.jsonl", "id,name\nP1,x\n"), "no line holds a JSON object"),
    "empty JSON Lines": (_text("persons.jsonl", ""), "the file is empty"),
    "JSON without what is required": (_text("persons.jsonl", '{"id": 1}\n'), "column name"),
}  # fmt: skip


@pytest.mark.parametrize("form", list(BAD))
def test_a_bad_file_is_named_and_leaves_the_others(
    tmp_path: Path, load_apart: Any, form: str
) -> None:
    write, message = BAD[form]
    folder = tmp_path / "in"
    folder.mkdir()
    path = write(folder)
    (folder / "vehicles.csv").write_text("id,plate\nV1,京A12345\n", encoding="utf-8")
    report = load_apart(tmp_path / "book.graph", folder)
    (failed,) = report.failed
    assert str(path) in failed.path
    assert message in (failed.error or "")
    assert str(path) in (failed.error or "") or failed.path == str(path)
    assert "\n" not in (failed.error or "")
    assert "Traceback" not in (failed.error or "")
    with connect(tmp_path / "book.graph") as graph:
        assert graph.status().nodes == {"Vehicle": 1}
        assert graph.status().loads[0]["state"] == "done"
        assert graph.quarantine().num_rows == 0


def test_where_every_file_fails_the_load_failed(tmp_path: Path, load_apart: Any) -> None:
    (tmp_path / "persons.csv").write_bytes(b"")
    (tmp_path / "agents.csv").write_bytes(b"id,name\n")
    for dry_run in (False, True):
        with pytest.raises(SourceError, match=r"agents.csv.*\n.*persons.csv: the file is empty"):
            load_apart(tmp_path / "book.graph", tmp_path, dry_run=dry_run)
    with connect(tmp_path / "book.graph") as graph:
        assert graph.status().nodes == {}
        assert [load["state"] for load in graph.status().loads] == ["failed"]


def test_a_folder_without_tables(tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    (tmp_path / "~$persons.xlsx").write_bytes(b"\x00")
    (tmp_path / ".persons.csv").write_text("id,name\n1,2\n")
    (tmp_path / "truth").mkdir()
    with xlsxwriter.Workbook(tmp_path / "plans.xlsx") as workbook:
        workbook.add_worksheet("a")
        workbook.add_worksheet("b")
    with pytest.raises(SourceError, match="the folder holds no table"):
        discover([tmp_path], None)
    with pytest.raises(SourceError, match="no sheet is named after a table"):
        discover([tmp_path / "plans.xlsx"], None)
    with pytest.raises(SourceError, match="'notes' is not a table"):
        discover([tmp_path / "notes.csv"], None)
    with pytest.raises(SourceError, match="no such file"):
        discover([tmp_path / "persons.csv"], None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, load_apart: Any) -> None:
    (tmp_path / "persons.csv").write_text("id,name\n1,2\n")
    (tmp_path / "persons.csv").chmod(0)
    with pytest.raises(SourceError, match=r"persons.csv"):
        load_apart(tmp_path / "book.graph", tmp_path)


def test_a_very_long_line_in_between_is_one_bad_row(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(f"id,name\nP1,a\nP2,{'x' * 3_000_000}\nP3,c\n", encoding="utf-8")
    read = staged(path)
    assert [(row["id"], row["at_line"]) for row in read.rows] == [("P1", 2), ("P3", 4)]
    assert read.reasons == [(3, None, "line_too_long")]


def test_a_rehearsal_counts_and_writes_nothing(tmp_path: Path, load_apart: Any) -> None:
    (tmp_path / "persons.csv").write_text("id,name,sex\nP1,a,M\nP2,b,X\nP3\n")
    report = load_apart(tmp_path / "book.graph", tmp_path, dry_run=True)
    assert (report.files[0].rows, report.files[0].refused) == (1, 2)
    with connect(tmp_path / "book.graph") as graph:
        assert graph.status().nodes == {}
        assert graph.status().loads == []


@pytest.mark.parametrize("fault", [20, 5_000_000, 9_000_001])
def test_a_fault_in_utf_8_is_not_taken_for_gb18030(staged: Any, tmp_path: Path, fault: int) -> None:
    rows = ["id,name", *(f"P{n},王丽{n}" for n in range(600_000))]
    data = bytearray("\n".join(rows).encode())
    at = data.index("王".encode(), max(fault, 150))
    data[at + 1] = 0x41
    path = tmp_path / "persons.csv"
    path.write_bytes(data)
    line = data[:at].count(b"\n") + 1
    with pytest.raises(SourceError, match=rf"line {line}: the byte 0xE7 fits neither"):
        staged(path)


def test_unknown_columns_are_kept(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(
        'ID,Name,n,bad,extra,at_line,id\'s "odd" column\nP1,王丽,1,2,3,4,5\nP2,李明,,,,,\n',
        encoding="utf-8",
    )
    first, second = staged(path).rows
    assert first["id"] == "P1"
    assert json.loads(first["extra"]) == {
        "n": "1", "bad": "2", "extra": "3", "at_line": "4", 'id\'s "odd" column': "5"
    }  # fmt: skip
    assert second["extra"] is None


def test_an_empty_export_closes_nothing(tmp_path: Path, load_apart: Any) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nP1,a\nP2,b\n")
    (tmp_path / "vehicles.csv").write_text("id,plate\nV1,x\n")
    load_apart(tmp_path / "book.graph", tmp_path)
    (tmp_path / "persons.csv").write_text("id,name\n")
    report = load_apart(tmp_path / "book.graph", tmp_path, complete=True, confirmed=True)
    (failed,) = report.failed
    assert "an empty file closes nothing, also not with --full" in (failed.error or "")
    assert "deleted_on" in (failed.error or "")
    with connect(tmp_path / "book.graph") as graph:
        assert graph.status().nodes == {"Person": 2, "Vehicle": 1}


def test_renaming_is_foreseen_by_all_rows(tmp_path: Path, load_apart: Any) -> None:
    """The ids that another system uses too may stand at the end of a long file."""
    known = "id,name\n" + "".join(f"P{n},甲{n}\n" for n in range(2_000))
    (tmp_path / "persons.csv").write_text(known, encoding="utf-8")
    load_apart(tmp_path / "book.graph", tmp_path)
    fresh = "".join(f"Q{n},乙{n}\n" for n in range(25_000))
    (tmp_path / "persons.csv").write_text(
        "id,name\n" + fresh + known.partition("\n")[2].replace("甲", "丙"), encoding="utf-8"
    )
    (tmp_path / "institutions.csv").write_text("id,name\nI1,甲公司\n", encoding="utf-8")
    with pytest.raises(ConfirmationNeeded, match="2,000 of 2,000"):
        load_apart(tmp_path / "book.graph", tmp_path)
    with connect(tmp_path / "book.graph") as graph:
        assert graph.status().nodes == {"Person": 2_000}
