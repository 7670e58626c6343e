"""Quarantine exports: refused rows that come back, mended, as rows of their tables.

They are recognised by the columns that tell why each row was refused. Those are taken off, so that
what is left are the rows as they stood in their files; rows that nobody could read and nobody has
written anew, and references that wait, are passed over.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import python_calamine

from graphcrm.duck import engine, has_table, number
from graphcrm.errors import SourceError
from graphcrm.model import VOCABULARY, Table
from graphcrm.store.quarantined import COLUMNS, own_name
from graphcrm.store.staging import row_key
from graphcrm_loaders.opening import open_raw
from graphcrm_loaders.raw import REJECTED, RawTable
from graphcrm_loaders.scratch import scratch_folder
from graphcrm_loaders.shape import Shape

MENDED = "mended"
"""DuckDB table (load, file, line, at_line) of the refusals whose rows a quarantine export brings
again, on its own line `at_line`."""

_SIGNS = ("kind", "file", "source", "table", "line", "column", "value", "reason", "load")
_HEAD = 1 << 16
_TITLES = 20
"""So many lines of an export may be its header, and those above it titles that somebody added."""

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_GUARDED = "^'('*[=+@＝＋－＠-])"
"""What an export puts an apostrophe before (`graphcrm.export.guarded_csv`)."""


@dataclass(frozen=True)
class Origin:
    """Where the rows of a quarantine export were refused: in which file of which load.

    `header_row` is the line of the export's own header.
    """

    file: str
    load: int
    header_row: int = 1


def is_exported(path: Path, form: str, sheet: str | None = None) -> bool:
    """Whether a file (or sheet) is a quarantine export, by the names of its columns."""
    return _header_row(path, form, sheet) is not None


def _header_row(path: Path, form: str, sheet: str | None) -> int | None:
    """The line on which a quarantine export names its columns; None for another file."""
    try:
        if form == "parquet":
            return 1 if set(_SIGNS) <= set(pq.read_schema(path).names) else None
        if form == "excel":
            cells = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_name(str(sheet))
            rows = cells.to_python(skip_empty_area=False, nrows=_TITLES)
            heads = [set(_SIGNS) <= {str(cell).strip() for cell in row} for row in rows]
        else:
            heads = [_names_signs(line, form) for line in _first_lines(path)]
    except (OSError, ValueError, python_calamine.CalamineError):
        return None  # whoever reads it will say what is wrong
    return next((n for n, head in enumerate(heads, start=1) if head), None)


def _first_lines(path: Path) -> list[bytes]:
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_BYTE_ORDER_MARKS):
        head = head.decode("utf-16", "ignore").encode()
    return head.split(b"\n")[:_TITLES]


def _names_signs(line: bytes, form: str) -> bool:
    marks = ('"{}":',) if form == "jsonl" else ("{},", "{};", "{}\t", '"{}"')
    return all(any(mark.format(sign).encode() in line for mark in marks) for sign in _SIGNS)


def origins(path: Path, form: str, sheet: str | None) -> list[tuple[str, Origin]]:
    """The tables and origins of the rows that an export brings. Raises SourceError for none.

    Rows of one origin had the same columns.
    """
    header_row = _header_row(path, form, sheet) or 1
    with scratch_folder() as scratch, engine() as work:
        try:
            shape = Shape(header_row=header_row)
            raw = open_raw(work, path, form, sheet, scratch, shape=shape)
            _keep_text(work, raw, path)
            titles = {name: title for title in raw.columns if (name := own_name(title))}
            own = ", ".join(_quoted(title) for title in titles.values())
            _refuse_spoilt(work, path, titles)
            rows = work.execute(
                'SELECT DISTINCT "table", file, load::BIGINT FROM exported '
                f"WHERE kind = 'row' AND coalesce({own or 'NULL'}, NULL) IS NOT NULL ORDER BY ALL"
            ).fetchall()
        except duckdb.Error as error:
            raise SourceError(f"{path}: {str(error).splitlines()[0]}") from error
    if not rows:
        raise SourceError(f"{path}: this quarantine export holds no row that could be loaded")
    return [(table, Origin(file, load, header_row)) for table, file, load in rows]


def mended_rows(
    work: duckdb.DuckDBPyConnection,
    raw: RawTable,
    path: Path,
    table: str,
    required: tuple[str, ...],
    origin: Origin,
) -> RawTable:
    """The rows of one table and origin in a quarantine export, as a raw table; fills `mended`.

    A row with several faults has a line for each: of every column that was at fault, the cell
    counts that was mended. Raises SourceError where a line can't be read.
    """
    _keep_text(work, raw, path)
    titles = {name: title for title in raw.columns if (name := own_name(title))}
    cells = "".join(
        f", first([{_quoted(title)}] ORDER BY {_quoted(title)} IS NOT DISTINCT FROM "
        f"list_filter(faults, lambda f: f.at = {_text(name)})[1].value, n)[1] AS {_quoted(name)}"
        for name, title in titles.items()
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE mended_rows AS "
        "SELECT min(at_line) AS _at_line, line AS _line, any_value(source) AS _source, "
        f"any_value(file) AS _file, any_value(load) AS _load{cells} "
        "FROM (SELECT *, list({'at': \"column\", 'value': value}) OVER (PARTITION BY line) "
        f"AS faults FROM exported WHERE kind = 'row' AND \"table\" = {_text(table)} "
        f"AND file = {_text(origin.file)} AND load::BIGINT = {origin.load}) "
        "GROUP BY line ORDER BY min(at_line)"
    )
    _pass_over_repeated(work, VOCABULARY.tables[table], titles)
    blank = " AND ".join(f"{_quoted(name)} IS NULL" for name in titles)
    work.execute(f"DELETE FROM mended_rows WHERE {blank}")
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {MENDED} AS SELECT {origin.load}::BIGINT AS load, "
        f"{_text(origin.file)} AS file, _line::BIGINT AS line, _at_line AS at_line FROM mended_rows"
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE line_of AS "
        "SELECT row_number() OVER () AS n, _at_line AS line FROM mended_rows"
    )
    there = {*required, *_told(work, raw, origin)}
    kept = [n for n in titles if n != "source" and (n in there or _filled(work, n))]
    source = "coalesce(source, _source)" if "source" in titles else "_source"
    selected = "".join(f", {_quoted(name)}" for name in kept)
    relation = f"(SELECT {source} AS source{selected} FROM mended_rows)"
    columns = dict.fromkeys(["source", *kept], "VARCHAR")
    return RawTable(relation, columns, 1, lambda rows: "line_of", packed_extra="extra" in kept)


def _pass_over_repeated(
    work: duckdb.DuckDBPyConnection, table: Table, titles: dict[str, str]
) -> None:
    """A row that was refused for its id stays refused while it has that id.

    The row that came in under the id would be overwritten.
    """
    if not table.node or not set(table.node.id_fields) <= set(titles):
        return
    source = "coalesce(m.source, m._source)" if "source" in titles else "m._source"
    work.execute(
        "DELETE FROM mended_rows m USING exported e WHERE e.reason = 'repeated_id' "
        "AND e.line = m._line AND e.file = m._file AND e.load = m._load "
        f"AND e.value = {row_key(table, titles, 'm', source)}"
    )
    if number(work, "SELECT count(*) FROM mended_rows") == 0:
        raise SourceError(
            "its rows were refused because their ids were there already, and still have these ids"
        )


def _refuse_spoilt(work: duckdb.DuckDBPyConnection, path: Path, titles: dict[str, str]) -> None:
    """Raise SourceError where what tells the rows apart was changed: nothing would tell of it."""
    filled = ", ".join(_quoted(title) for title in titles.values())
    known = ", ".join(map(_text, VOCABULARY.tables))
    wrong = {
        "kind": f"coalesce(kind, '') NOT IN ('row', 'edge') AND "
        f"coalesce({filled or 'NULL'}, NULL) IS NOT NULL",
        "file": "kind = 'row' AND file IS NULL",
        "table": f"kind = 'row' AND coalesce(\"table\", '') NOT IN ({known})",
        "line": "kind = 'row' AND try_cast(line AS BIGINT) IS NULL",
        "load": "kind = 'row' AND try_cast(load AS BIGINT) IS NULL",
    }
    found = " UNION ALL ".join(
        f"SELECT at_line, '{column}', \"{column}\" FROM exported WHERE {condition}"
        for column, condition in wrong.items()
    )
    spoilt = work.execute(f"{found} ORDER BY 1 LIMIT 1").fetchall()
    for line, column, value in spoilt:
        raise SourceError(
            f"{path}: line {line}, column {column}: {value or ''!r} is not what the export wrote "
            "there; new rows belong in a file of their own"
        )
    faulty = work.execute(
        'SELECT DISTINCT "column" FROM exported WHERE kind = \'row\' AND "column" IS NOT NULL '
        "AND value IS NOT NULL ORDER BY 1"
    ).fetchall()
    for (column,) in faulty:
        if column not in titles:
            raise SourceError(
                f"{path}: the column {column!r}, in which rows were refused, is not in the export "
                "any more"
            )


def _keep_text(work: duckdb.DuckDBPyConnection, raw: RawTable, path: Path) -> None:
    """Make the table `exported`: the cells as text without export's guards, `n` and `at_line`."""
    cells = ", ".join(
        f"nullif(regexp_replace(trim({_quoted(name)}::VARCHAR, ' ' || chr(9)), "
        f"{_text(_GUARDED)}, '\\1'), '') AS {_quoted(name)}"
        for name in raw.columns
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE exported AS SELECT row_number() OVER () AS n, "
        f"n + {raw.first_line - 1} AS at_line, {cells} FROM {raw.relation}"
    )
    numbered = raw.after_scan(number(work, "SELECT count(*) FROM exported"))
    if numbered:
        work.execute(f"UPDATE exported AS e SET at_line = l.line FROM {numbered} l WHERE l.n = e.n")
    if not has_table(work, REJECTED):
        return
    broken = work.execute(f"SELECT line, reason FROM {REJECTED} ORDER BY line LIMIT 1").fetchall()
    work.execute(f"DROP TABLE {REJECTED}")
    for line, reason in broken:
        raise SourceError(f"{path}: line {line} can't be read as a row ({reason})")


def _told(work: duckdb.DuckDBPyConnection, raw: RawTable, origin: Origin) -> set[str]:
    """The columns that the refused file had, as far as the export tells.

    Without that, one that is blank in all of its rows counts as absent.
    """
    if COLUMNS not in raw.columns:
        return set()
    lists = work.execute(
        f"SELECT DISTINCT {COLUMNS} FROM exported WHERE {COLUMNS} IS NOT NULL "
        f"AND file = {_text(origin.file)} AND load::BIGINT = {origin.load}"
    ).fetchall()
    return {name for (listed,) in lists for name in listed.split()}


def _filled(work: duckdb.DuckDBPyConnection, name: str) -> bool:
    return number(work, f"SELECT count({_quoted(name)}) FROM mended_rows") > 0


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
