"""Which files a load reads, and which table each of them holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from graphcrm.errors import SourceError
from graphcrm.model import VOCABULARY
from graphcrm.store.loads import is_result
from graphcrm_loaders.exported import Origin, is_exported, origins
from graphcrm_loaders.mapping import FileMapping, Mapping, TableMapping

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}


_PASSED_OVER = (".", "~$")
"""Hidden files, and those by which Excel marks a workbook that somebody has open."""


@dataclass(frozen=True)
class SourceTable:
    """One table to load: its file (and sheet), its format, and how its columns are named.

    `origin` marks the rows of a quarantine export that were refused in one file. A table that was
    fetched from a database has a `name`, and maybe a `watermark` (what was read, how far). Of
    several tables in one file, `elsewhere` are the columns that the others take, and one
    `keeps_extra`: those that none takes.
    """

    path: Path
    format: str
    table: str
    sheet: str | None = None
    mapping: TableMapping | None = None
    origin: Origin | None = None
    name: str | None = None
    watermark: tuple[str, str] | None = None
    may_be_empty: bool = False
    elsewhere: frozenset[str] = frozenset()
    keeps_extra: bool = True

    @property
    def title(self) -> str:
        """How reports name it."""
        if self.name is not None:
            return self.name
        return f"{self.path}[{self.sheet}]" if self.sheet else str(self.path)


@dataclass(frozen=True)
class Discovered:
    """The tables found, in load order, and the files that can't be loaded, with the reason."""

    tables: tuple[SourceTable, ...]
    problems: tuple[tuple[str, str], ...]
    passed_over: tuple[str, ...] = ()
    """Files of folders that are results of `dedupe`."""


def discover(sources: Iterable[Path], mapping: Mapping | None) -> Discovered:
    """Find the tables in folders and files.

    In a folder, files that are no table are passed over (a folder may hold notes, and what `dedupe`
    has written beside a list); a file that is named but is no table is a problem. Raises
    SourceError where nothing is left to load.
    """
    tables: list[SourceTable] = []
    problems: list[tuple[str, str]] = []
    passed_over: list[str] = []
    for source in sources:
        if not source.exists():
            problems.append((str(source), "there is no such file or folder"))
        elif source.is_dir() and source.suffix.lower() not in FORMATS:
            found: list[SourceTable] = []
            wrong: list[tuple[str, str]] = []
            for path in sorted(source.iterdir()):
                if path.suffix.lower() not in FORMATS or path.name.startswith(_PASSED_OVER):
                    continue
                if is_result(path):
                    passed_over.append(str(path))
                else:
                    found += _tables(path, mapping, wrong, named=False)
            if not found and not wrong:
                wrong.append(
                    (str(source), "the folder holds no table (CSV, Parquet, Excel, JSON Lines)")
                )
            tables += found
            problems += wrong
        else:
            tables += _tables(source, mapping, problems, named=True)
    if not tables and problems:
        raise SourceError("\n".join(f"{path}: {reason}" for path, reason in problems))
    return Discovered(in_load_order(tables), tuple(problems), tuple(passed_over))


def in_load_order(tables: Iterable[SourceTable]) -> tuple[SourceTable, ...]:
    """The tables so that what is referred to comes first, as far as can be."""
    order = {name: n for n, name in enumerate(VOCABULARY.load_order)}
    return tuple(sorted(tables, key=lambda t: order[t.table]))


def _tables(
    path: Path, mapping: Mapping | None, problems: list[tuple[str, str]], *, named: bool
) -> list[SourceTable]:
    format_ = FORMATS.get(path.suffix.lower())
    if format_ is None:
        known = ", ".join(FORMATS)
        problems.append((str(path), f"not a kind of file that can be read ({known})"))
        return []
    if path.is_dir():
        problems.append((str(path), "is a folder, not a file"))
        return []
    if format_ == "excel":
        return _sheets(path, mapping, problems, named=named)
    mapped = mapping.tables_of(path.name, None) if mapping else []
    if mapped and not is_exported(path, format_):
        return _mapped(path, format_, None, mapped)
    table = path.name.split(".")[0].lower()
    if (named or table in VOCABULARY.tables) and is_exported(path, format_):
        return _exported(path, format_, None, problems)
    if table not in VOCABULARY.tables:
        if named:
            problems.append((str(path), _unknown(table)))
        return []
    return [SourceTable(path, format_, table)]


def _mapped(
    path: Path, form: str, sheet: str | None, mapped: list[FileMapping]
) -> list[SourceTable]:
    """The tables that a mapping makes of one file (and sheet)."""
    taken = [
        frozenset(name for column in entry.columns.values() for name in column.used)
        for entry in mapped
    ]
    return [
        SourceTable(
            path,
            form,
            entry.table,
            sheet,
            entry,
            elsewhere=frozenset().union(*taken[:n], *taken[n + 1 :]),
            keeps_extra=n == 0,
        )
        for n, entry in enumerate(mapped)
    ]


def _sheets(
    path: Path, mapping: Mapping | None, problems: list[tuple[str, str]], *, named: bool
) -> list[SourceTable]:
    """The sheets of a workbook that hold tables: by mapping, by name, or a lone one by the file."""
    try:
        names = python_calamine.CalamineWorkbook.from_path(path).sheet_names
    except Exception as error:  # the reader raises errors of many kinds for a broken file
        problems.append((str(path), f"can't be read as an Excel workbook ({error})"))
        return []
    found: list[SourceTable] = []
    wrong: list[tuple[str, str]] = []
    for name in names:
        mapped = mapping.tables_of(path.name, name) if mapping else []
        if mapped:
            found += _mapped(path, "excel", name, mapped)
            continue
        table = name.strip().lower()
        if table not in VOCABULARY.tables and len(names) == 1:
            table = path.stem.lower()
        if (
            named
            and name.strip().lower() not in VOCABULARY.tables
            and (is_exported(path, "excel", name))
        ):
            found += _exported(path, "excel", name, wrong)
        elif table in VOCABULARY.tables:
            found.append(SourceTable(path, "excel", table, name))
    if not found and named and not wrong:
        wrong.append((str(path), f"no sheet is named after a table ({', '.join(names)})"))
    problems += wrong
    return found


def _exported(
    path: Path, form: str, sheet: str | None, problems: list[tuple[str, str]]
) -> list[SourceTable]:
    """The tables of a quarantine export."""
    try:
        found = origins(path, form, sheet)
    except SourceError as error:
        problems.append((str(path), str(error).removeprefix(f"{path}: ")))
        return []
    return [SourceTable(path, form, table, sheet, None, origin) for table, origin in found]


def _unknown(table: str) -> str:
    known = ", ".join(VOCABULARY.tables)
    return (
        f"{table!r} is not a table of the interchange format; a mapping says what it is ({known})"
    )
