"""Which files a load reads, and which table each of them holds."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import python_calamine

from graphcrm.errors import SourceError
from graphcrm.model import VOCABULARY
from graphcrm_loaders.mapping import FileMapping, Mapping

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
    """One table to load: its file (and sheet), its format, and how its columns are named."""

    path: Path
    format: str
    table: str
    sheet: str | None = None
    mapping: FileMapping | None = None

    @property
    def title(self) -> str:
        """How reports name it."""
        return f"{self.path}[{self.sheet}]" if self.sheet else str(self.path)


@dataclass(frozen=True)
class Discovered:
    """The tables found, in load order, and the files that can't be loaded, with the reason."""

    tables: tuple[SourceTable, ...]
    problems: tuple[tuple[str, str], ...]


def discover(sources: Iterable[Path], mapping: Mapping | None) -> Discovered:
    """Find the tables in folders and files.

    In a folder, files that are no table are passed over (a folder may hold notes); a file that is
    named but is no table is a problem. Raises SourceError where nothing is left to load.
    """
    tables: list[SourceTable] = []
    problems: list[tuple[str, str]] = []
    for source in sources:
        if not source.exists():
            problems.append((str(source), "there is no such file or folder"))
        elif source.is_dir() and source.suffix.lower() not in FORMATS:
            found: list[SourceTable] = []
            wrong: list[tuple[str, str]] = []
            for path in sorted(source.iterdir()):
                if path.suffix.lower() in FORMATS and not path.name.startswith(_PASSED_OVER):
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
    order = {name: n for n, name in enumerate(VOCABULARY.load_order)}
    tables.sort(key=lambda t: order[t.table])
    return Discovered(tuple(tables), tuple(problems))


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
    mapped = mapping.for_file(path.name, None) if mapping else None
    table = mapped.table if mapped else path.name.split(".")[0].lower()
    if table not in VOCABULARY.tables:
        if named:
            problems.append((str(path), _unknown(table)))
        return []
    return [SourceTable(path, format_, table, None, mapped)]


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
    for name in names:
        mapped = mapping.for_file(path.name, name) if mapping else None
        table = mapped.table if mapped else name.strip().lower()
        if table not in VOCABULARY.tables and len(names) == 1:
            table = path.stem.lower()
        if table in VOCABULARY.tables:
            found.append(SourceTable(path, "excel", table, name, mapped))
    if not found and named:
        problems.append((str(path), f"no sheet is named after a table ({', '.join(names)})"))
    return found


def _unknown(table: str) -> str:
    known = ", ".join(VOCABULARY.tables)
    return (
        f"{table!r} is not a table of the interchange format; a mapping says what it is ({known})"
    )
