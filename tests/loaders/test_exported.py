"""A quarantine export is mended and loaded as it is: its rows arrive, and are ticked off."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import pytest

import graphcrm
from graphcrm import SourceError, UsageError, connect
from graphcrm.export import write_table
from graphcrm.export.quarantine import mendable

PERSONS = "id,name,sex,birth_date,phone,VIP\nP1,王丽,F,1980-01-01,13800138000,金\n"
BAD = (
    PERSONS + "P2,李明,X,1980-02-30,013800138001,银\nP3,赵强\n,周杰,M,,+86 13800138002,\n"
    "P5,=吴磊,M,1990-13-01,,\n"
)

Mend = dict[tuple[int, str], str]


class Desk:
    """A graph, and somebody who exports what was refused, mends it and loads it."""

    def __init__(self, folder: Path, load: Callable[..., graphcrm.LoadReport]) -> None:
        self.folder, self.graph, self._load = folder, folder / "book.graph", load

    def load(self, name: str, text: str, **plan: Any) -> graphcrm.LoadReport:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return self._load(self.graph, path, **plan)

    def load_file(self, path: Path, **plan: Any) -> graphcrm.LoadReport:
        return self._load(self.graph, path, **plan)

    def listed(self) -> list[tuple[Any, ...]]:
        with connect(self.graph) as graph:
            rows = graph.quarantine().to_pylist()
        return [(r["kind"], Path(r["file"]).name, r["line"], r["column"]) for r in rows]

    def export(self, name: str, mend: Mend) -> Path:
        """Export; `mend` is (line in the refused file, column) -> value, or `*` for all lines."""
        path = self.folder / name
        with connect(self.graph) as graph:
            table = mendable(graph.quarantine(), "en")
        write_table(table, path)
        {".csv": _mend_csv, ".xlsx": _mend_xlsx, ".parquet": _mend_parquet}[path.suffix](path, mend)
        return path

    def node(self, id_: str) -> dict[str, Any]:
        with connect(self.graph) as graph:
            return graph.node(id_)


def _mend_csv(path: Path, mend: Mend) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row |= {column: new for (line, column), new in mend.items() if int(row["line"]) == line}
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _mend_xlsx(path: Path, mend: Mend) -> None:
    workbook = openpyxl.load_workbook(path)
    head, *rows = workbook.active.iter_rows()
    places = {cell.value: n for n, cell in enumerate(head)}
    for row in rows:
        for (line, column), new in mend.items():
            if row[places["line"]].value == line:
                row[places[column]].value = new
    workbook.save(path)


def _mend_parquet(path: Path, mend: Mend) -> None:
    rows = pq.read_table(path)
    values = rows.to_pylist()
    for row in values:
        row |= {column: new for (line, column), new in mend.items() if row["line"] == line}
    pq.write_table(rows.from_pylist(values, schema=rows.schema), path)


@pytest.fixture
def desk(tmp_path: Path, load_apart: Callable[..., graphcrm.LoadReport]) -> Desk:
    return Desk(tmp_path, load_apart)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_mended_rows_arrive_and_are_ticked_off(desk: Desk, ending: str) -> None:
    desk.load("in/persons.csv", BAD)
    assert len(desk.listed()) == 5
    mend = {
        (3, "sex"): "M", (3, "birth_date"): "1980-02-28", (4, "id"): "P3", (4, "name"): "赵强",
        (5, "id"): "P4", (6, "birth_date"): "1990-12-01",
    }  # fmt: skip
    report = desk.load_file(desk.export(f"refused.{ending}", mend))
    assert report.failed == []
    assert (sum(f.rows for f in report.files), report.refused) == (4, 0)
    assert desk.listed() == []
    second, fifth = desk.node("P2"), desk.node("P5")
    assert (second["sex"], second["birth_date"], second["phone"]) == (
        "M", "1980-02-28", "013800138001"
    )  # fmt: skip
    assert (second["extra"], fifth["name"]) == ('{"VIP":"银"}', "=吴磊")
    assert (desk.node("P4")["name"], desk.node("P4")["extra"]) == ("周杰", None)


def test_what_was_not_mended_stays_listed_once(desk: Desk) -> None:
    desk.load("in/persons.csv", BAD)
    path = desk.export("refused.csv", {(3, "sex"): "M"})
    for _ in range(2):
        assert desk.load_file(path).refused == 3
        assert sorted(desk.listed(), key=str) == [
            ("row", "persons.csv", 3, "birth_date"), ("row", "persons.csv", 4, None),
            ("row", "persons.csv", 5, "id"), ("row", "persons.csv", 6, "birth_date"),
        ]  # fmt: skip


def test_a_row_that_was_mended_wrongly_can_be_exported_and_mended_again(desk: Desk) -> None:
    desk.load("in/persons.csv", BAD, source="core")
    desk.load_file(desk.export("first.csv", {(3, "sex"): "M", (6, "birth_date"): "soon"}))
    with connect(desk.graph) as graph:
        rows = graph.quarantine().to_pylist()
    faults = {(r["line"], r["column"]): (r["value"], r["source"]) for r in rows}
    assert faults[6, "birth_date"] == ("soon", "core")
    mend = {(3, "birth_date"): "1980-02-28", (6, "birth_date"): "1990-12-01", (4, "id"): "P3"}
    desk.load_file(desk.export("second.csv", mend | {(4, "name"): "赵强", (5, "id"): "P4"}))
    assert desk.listed() == []
    assert desk.node("core:P5")["birth_date"] == "1990-12-01"


def test_an_export_whose_refusals_are_void_stands_for_itself(desk: Desk) -> None:
    desk.load("in/persons.csv", PERSONS + "P2,李明,X,,,\n")
    path = desk.export("refused.csv", {(2, "sex"): "?"})
    desk.load("in/persons.csv", PERSONS + "P2,李明,M,,,\n")
    assert desk.load_file(path).refused == 1
    assert desk.listed() == [("row", "refused.csv", 2, "sex")]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_titles_may_stand_above_the_columns(desk: Desk, ending: str) -> None:
    desk.load("in/persons.csv", PERSONS + "P2,李明,X,,,\n")
    path = desk.export(f"refused.{ending}", {(3, "sex"): "M"})
    if ending == "xlsx":
        workbook = openpyxl.load_workbook(path)
        workbook.active.insert_rows(1, 2)
        workbook.active["A1"] = "请于周五前更正"
        workbook.save(path)
    else:
        rows = _lines(path)
        title = ["请于周五前更正", *[""] * (len(rows[0]) - 1)]
        _write(path, [title, *rows])
    assert desk.load_file(path).failed == []
    assert (desk.listed(), desk.node("P2")["sex"]) == ([], "M")


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_an_emptied_column_clears_and_one_that_was_not_there_does_not(
    desk: Desk, ending: str
) -> None:
    desk.load("old/persons.csv", PERSONS.replace("P1", "P2"))
    desk.load("in/persons.csv", "id,name,sex,phone\nP2,王丽,X,13800138001\n")
    path = desk.export(f"refused.{ending}", {(2, "sex"): "F", (2, "phone"): ""})
    assert desk.load_file(path).failed == []
    node = desk.node("P2")
    assert (node["phone"], node["birth_date"], node["extra"]) == (
        None, "1980-01-01", '{"VIP":"金"}'
    )  # fmt: skip


def test_each_fault_may_be_mended_in_its_own_line(desk: Desk) -> None:
    desk.load("in/persons.csv", BAD)
    path = desk.export("refused.csv", {})
    text = path.read_text(encoding="utf-8")
    assert text.count("P2,李明,X") == 2
    first, second = [line for line in text.splitlines() if "P2,李明" in line]
    assert ",birth_date," in first
    mended = first.replace("李明,X,1980-02-30", "李明,X,1980-02-28")
    text = text.replace(first, mended).replace(second, second.replace("李明,X", "李明,M"))
    path.write_text(text, encoding="utf-8")
    desk.load_file(path)
    assert (desk.node("P2")["sex"], desk.node("P2")["birth_date"]) == ("M", "1980-02-28")


def test_the_source_of_the_load_counts(desk: Desk) -> None:
    desk.load("in/persons.csv", PERSONS + "P2,李明,X,,,\n", source="core")
    report = desk.load_file(desk.export("refused.csv", {(3, "sex"): "M"}))
    assert (report.files[0].new, desk.listed()) == (1, [])
    assert desk.node("core:P2")["source"] == "core"


def test_tables_and_files_of_one_export_stay_apart(desk: Desk) -> None:
    """A column that one file had is not cleared for the rows of another that lacked it."""
    desk.load("in/persons.csv", PERSONS + "P2,李明,M,,13800138001,\n")
    desk.load("a/persons.csv", "id,name,sex\nP1,王丽,X\n")
    desk.load("b/persons.csv", "id,name,birth_date,phone\nP2,李明,soon,13800138009\n")
    desk.load("in/products.csv", "code,name,line\nT1,定期寿险,lfe\n")
    policy = (
        "id,product_code,holder_id,premium,issued_on,status\nL1,T9,P1,100,2020-01-01,in_force\n"
    )
    desk.load("in/policies.csv", policy)
    path = desk.export("refused.csv", {(2, "sex"): "M", (2, "record_line"): "life"})
    _mend_csv(path, {(2, "birth_date"): "1985-05-05"})
    report = desk.load_file(path)
    assert [(f.table, f.rows, f.refused) for f in report.files] == [
        ("persons", 1, 0), ("persons", 1, 0), ("products", 1, 0)
    ]  # fmt: skip
    assert [kind for kind, *_ in desk.listed()] == ["edge"]
    first, second = desk.node("P1"), desk.node("P2")
    assert (first["phone"], second["phone"]) == ("13800138000", "13800138009")
    assert desk.node("T1")["line"] == "life"


def test_an_export_is_not_the_whole_of_a_table(desk: Desk) -> None:
    desk.load("in/persons.csv", BAD)
    with pytest.raises(UsageError, match="never the whole of a table"):
        desk.load_file(desk.export("refused.csv", {}), complete=True)


def test_an_export_without_rows_and_a_broken_one(desk: Desk) -> None:
    desk.load("in/persons.csv", PERSONS + "P3,赵强\n")
    path = desk.export("refused.csv", {})
    with pytest.raises(SourceError, match="holds no row that could be loaded"):
        desk.load_file(path)
    with path.open("a", encoding="utf-8") as file:
        file.write("row,x\n")
    with pytest.raises(SourceError, match=r"refused\.csv: line 3 can't be read as a row"):
        desk.load_file(path)


def test_in_a_folder_only_tables_are_read(desk: Desk) -> None:
    desk.load("in/persons.csv", BAD)
    desk.export("in/refused.csv", {(3, "sex"): "M"})
    assert [f.table for f in desk.load_file(desk.folder / "in").files] == ["persons"]
    named_after_a_table = desk.export("persons.csv", {(3, "sex"): "M", (3, "birth_date"): ""})
    assert desk.load_file(named_after_a_table).files[0].new == 1


def _lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)


def test_a_repeated_id_stays_refused_until_it_is_another(desk: Desk) -> None:
    desk.load("persons.csv", "id,name,sex\nP6,张六,M\nP6,张六六,M\n", source="core")
    unmended = desk.export("refused.csv", {})
    with pytest.raises(SourceError, match="still have these ids"):
        desk.load_file(unmended)
    assert desk.node("core:P6")["name"] == "张六"
    assert [(line, column) for _, _, line, column in desk.listed()] == [(3, "id")]
    desk.load_file(desk.export("refused.csv", {(3, "id"): "P7"}))
    assert desk.node("core:P7")["name"] == "张六六"
    assert desk.listed() == []


@pytest.mark.parametrize("column", ["kind", "source", "table", "line", "sex"])
def test_an_export_that_lost_a_column_is_refused(desk: Desk, column: str) -> None:
    desk.load("persons.csv", "id,name,sex\nP2,李明,X\n", source="core")
    path = desk.export("refused.csv", {(2, "sex"): "M"})
    lines = _lines(path)
    place = lines[0].index(column)
    _write(path, [line[:place] + line[place + 1 :] for line in lines])
    with pytest.raises(SourceError):
        desk.load_file(path)
    assert len(desk.listed()) == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [(c, "") for c in ("kind", "file", "table", "line", "load")]
    + [(c, "personen") for c in ("kind", "table", "line", "load")],
)
def test_a_row_that_was_added_to_an_export_is_named(desk: Desk, column: str, value: str) -> None:
    desk.load("persons.csv", "id,name,sex\nP2,李明,X\n")
    path = desk.export("refused.csv", {(2, "sex"): "M"})
    lines = _lines(path)
    added = [value if title == column else cell for title, cell in zip(*lines, strict=True)]
    _write(path, [*lines, added])
    with pytest.raises(SourceError, match=f"line 3, column {column}: '{value}' is not"):
        desk.load_file(path)
