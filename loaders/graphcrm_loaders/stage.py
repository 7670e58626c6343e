"""Reading, checking and standardising one file, up to where a store takes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import duckdb
import pyarrow as pa

from graphcrm.duck import has_table
from graphcrm.errors import SourceError
from graphcrm.model import VOCABULARY, Property, Table
from graphcrm.store import LoadWriter
from graphcrm.store.staging import StagedFile, row_key
from graphcrm_loaders.check import CHECKED, REFUSED, Checked, check, named_rows
from graphcrm_loaders.columns import Incoming, Layout, lay_out
from graphcrm_loaders.exported import MENDED, mended_rows
from graphcrm_loaders.keyed import keyed_hash
from graphcrm_loaders.mapping import FileMapping
from graphcrm_loaders.opening import open_raw
from graphcrm_loaders.raw import RawTable
from graphcrm_loaders.shape import PLAIN, Shape
from graphcrm_loaders.sources import SourceTable
from graphcrm_loaders.standardise import STANDARDS, standardise

ROWS = "staged_rows"

_STANDARDISING, WRITING = 0.1, 0.65
"""The part of a file's time that is over when these begin; measured on 300,000 persons in CSV."""


class Step(Protocol):
    """Hears what is being done with a file."""

    def __call__(self, what: str, within: float = 0.0) -> None:
        """`within` of it (0 to 1) is through."""


def part_of(step: Step, what: str, begin: float, end: float) -> Callable[[float], None]:
    """Hears the share of one part of the work, which is the file's from `begin` to `end`."""
    return lambda share: step(what, begin + (end - begin) * share)


def stage(
    work: duckdb.DuckDBPyConnection,
    source: SourceTable,
    named: str | None,
    writer: LoadWriter,
    scratch: Path,
    step: Step,
) -> tuple[StagedFile, Checked]:
    """Stage one file. `named` is the source given for the whole load.

    Raises SourceError where it can't be read as a whole; `step` hears what is being done.
    """
    table = VOCABULARY.tables[source.table]
    step("reading")
    with _reading(source):
        raw = _open(work, source, table, scratch, step)
        key = writer.identity_key
        layout = lay_out(raw, source, table.columns, key)
        checked = check(work, raw, layout, table, named)
    if checked.rows == 0 and not source.may_be_empty:
        raise SourceError(
            f"{source.title}: there are no rows below the header; an empty file closes nothing, "
            "also not with --full: what is to be closed is loaded with deleted_on"
        )
    step("comparing", _STANDARDISING)
    writer.skip_known(table, CHECKED)
    layout = _with_other_halves(table, layout, writer)
    through = part_of(step, "standardising", _STANDARDISING, WRITING)
    through(0.0)
    with _reading(source):
        derived = standardise(work, table, set(layout.names), checked.rows, through)
        identifiers = _finish(work, table, layout, derived, key)
    staged = StagedFile(
        connection=work,
        path=source.title,
        table=table,
        rows=ROWS,
        refused=REFUSED,
        columns=layout.names,
        derived=derived,
        has_extra=layout.extra is not None,
        extra_names=layout.extra_names,
        identifiers=identifiers,
        watermark=source.watermark,
        mended=MENDED if source.origin else None,
    )
    return staged, checked


def foresee(
    work: duckdb.DuckDBPyConnection, source: SourceTable, writer: LoadWriter, scratch: Path
) -> None:
    """Ask before a file renames many ids, before anything is written. Raises ConfirmationNeeded.

    A file that can't be read is passed over: `stage` will say so.
    """
    table = VOCABULARY.tables[source.table]
    if not table.node or "name" not in table.node.model_fields:
        return
    with suppress(SourceError), _reading(source):
        raw = _open(work, source, table, scratch, lambda what, within=0.0: None)
        layout = lay_out(raw, source, table.columns, writer.identity_key)
        writer.foresee(table, named_rows(raw, layout, table))


@contextmanager
def _reading(source: SourceTable) -> Iterator[None]:
    """Whatever an engine or a reader finds wrong with a file is an error of that file."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(f"{source.title}: {_plain(error)}") from error


def _open(
    work: duckdb.DuckDBPyConnection, source: SourceTable, table: Table, scratch: Path, step: Step
) -> RawTable:
    shape = source.mapping.shape if isinstance(source.mapping, FileMapping) else PLAIN
    if source.origin is not None:
        shape = Shape(header_row=source.origin.header_row)
    raw = open_raw(
        work,
        source.path,
        source.format,
        source.sheet,
        scratch,
        lambda done: step(
            "decoding", _STANDARDISING * done / max(source.path.stat().st_size, done)
        ),
        shape,
    )
    if source.origin is None:
        return raw
    return mended_rows(work, raw, source.path, table.name, table.required, source.origin)


def _with_other_halves(table: Table, layout: Layout, writer: LoadWriter) -> Layout:
    """Add what the graph holds of a number's type, or of a type's number, where a file lacks it.

    The two are one statement: neither can be read without the other.
    """
    for column in table.links:
        pair = {column.name, column.link.type_field} if column.link else set()
        lacking = pair - set(layout.names)
        if None in pair or len(lacking) != 1:
            continue
        other = table.column(str(lacking.pop()))
        writer.add_stored(table, CHECKED, other.name)
        layout = replace(layout, incoming=(*layout.incoming, Incoming(other, other.name, True)))
    return layout


def _finish(
    work: duckdb.DuckDBPyConnection,
    table: Table,
    layout: Layout,
    derived: tuple[str, ...],
    identity_key: bytes,
) -> dict[str, str]:
    """Make the staged rows, and the identifier nodes they refer to; returns label → table."""
    has_standards = has_table(work, STANDARDS)
    links = [c.property for c in layout.incoming if c.property.link and c.property.link.shared]
    ids = "".join(f', {_identity(column, identity_key)} AS "{column.name}__id"' for column in links)
    added = "".join(f', s."{name}"' for name in derived)
    node = ", c.graph_id AS id, c.fingerprint" if table.node else ""
    columns = ", ".join(f'c."{name}"' for name in _kept(table, layout))
    extra = ", c.extra" if layout.extra else ""
    beside = f"POSITIONAL JOIN {STANDARDS} s" if has_standards else ""
    if has_standards:
        _refuse_damaged(work, table, layout, links)
    right = "NOT c.bad" + (" AND s.damage IS NULL" if has_standards else "")
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {ROWS} AS SELECT c.at_line{node}, c.graph_source AS source, "
        f"{columns}{extra}{ids}{added} FROM {CHECKED} c {beside} WHERE {right}"
    )
    if table.edge:
        _refuse_endless(work, table, layout)
    made = _identifier_tables(work, links, identity_key, beside, right)
    for done in (CHECKED, STANDARDS):
        work.execute(f"DROP TABLE IF EXISTS {done}")
    return made


def _refuse_endless(work: duckdb.DuckDBPyConnection, table: Table, layout: Layout) -> None:
    """Refuse edge rows that name no usable other end: they would leave no trace in the graph."""
    present = [p for p in table.links if p.name in layout.names]
    ends = [f"{p.name}__id" if p.link and p.link.shared else p.name for p in present]
    if any(p.required and not (p.link and p.link.shared) for p in present):
        return
    none = " AND ".join(f'"{end}" IS NULL' for end in ends) or "true"
    first = present[0].name if present else table.links[0].name
    value = f'"{present[-1].name}"::VARCHAR' if present else "NULL"
    work.execute(
        f"INSERT INTO {REFUSED} SELECT at_line, '{first}', {value}, 'no_other_end', NULL, "
        f"{row_key(table, layout.names, 'r', 'r.source')}, "
        f"{layout.record('r')} FROM {ROWS} r WHERE {none}"
    )
    work.execute(f"DELETE FROM {ROWS} WHERE {none}")


def _kept(table: Table, layout: Layout) -> list[str]:
    """The columns to keep beside the node's id and the source."""
    own = set(table.node.id_fields) if table.node and len(table.node.id_fields) == 1 else set()
    names = [c.property.name for c in layout.incoming]
    kept = [name for name in names if name not in own and name != "source"]
    return kept or ["n"]


def _label(column: Property) -> str:
    assert column.link is not None
    return column.link.to[0]


def _value(column: Property) -> str:
    if VOCABULARY.nodes[_label(column)].plain:
        return f'c."{column.name}"'
    return f's."{column.name}__value"'


def _identity(column: Property, key: bytes) -> str:
    """SQL for an identifier node's id: HMAC-SHA-256 (RFC 2104) of label and value, 96 bits."""
    if VOCABULARY.nodes[_label(column)].plain:
        return _value(column)
    return keyed_hash(f"'{_label(column)}|' || {_value(column)}", key)


def _identifier_tables(
    work: duckdb.DuckDBPyConnection,
    links: list[Property],
    key: bytes,
    beside: str,
    right: str,
) -> dict[str, str]:
    made: dict[str, str] = {}
    for label in dict.fromkeys(_label(column) for column in links):
        node = VOCABULARY.nodes[label]
        others = [p.name for p in node.properties if p.name != "value"]
        parts = " UNION ALL ".join(
            f"SELECT {_identity(column, key)} AS id, c.at_line AS position, "
            f'{_value(column)} AS "value"'
            + "".join(f', s."{column.name}__{other}" AS "{other}"' for other in others)
            + f" FROM {CHECKED} c {beside} WHERE {right} AND {_value(column)} IS NOT NULL"
            for column in links
            if _label(column) == label
        )
        name = f"staged_{node.table}"
        # arg_min passes over NULL: of what the rows tell of a value, the first known counts
        picked = "".join(f', arg_min("{p.name}", position) AS "{p.name}"' for p in node.properties)
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT id, "
            f"row_number() OVER (ORDER BY min(position), id) AS position{picked} "
            f"FROM ({parts}) GROUP BY id"
        )
        made[label] = name
    return made


def _refuse_damaged(
    work: duckdb.DuckDBPyConnection, table: Table, layout: Layout, links: list[Property]
) -> None:
    """Refuse the rows in which a spreadsheet rounded an identity number."""
    numbers = [column.name for column in links if _label(column) == "Document"]
    if not numbers:
        return
    key = "c.graph_id" if table.node else "NULL"
    work.execute(
        f"INSERT INTO {REFUSED} SELECT c.at_line, '{numbers[0]}', c.\"{numbers[0]}\", s.damage, "
        f"NULL, {key}, {layout.record('c')} "
        f"FROM {CHECKED} c POSITIONAL JOIN {STANDARDS} s "
        "WHERE s.damage IS NOT NULL AND NOT c.bad"
    )


def _plain(error: Exception) -> str:
    """The first sentence of an engine's message, which is written for programmers."""
    return str(error).split("\n", 1)[0]
