"""From a file's own columns to those of the interchange format, as SQL."""

from dataclasses import dataclass

from graphcrm.errors import SourceError
from graphcrm.model import Property
from graphcrm.model.cleaning import SQL_BLANKS, sql_clean
from graphcrm_loaders.forms import in_form
from graphcrm_loaders.keyed import keyed_hash
from graphcrm_loaders.mapping import ColumnMapping, FileMapping
from graphcrm_loaders.raw import RawTable
from graphcrm_loaders.sources import SourceTable


@dataclass(frozen=True)
class Incoming:
    """A column that the file brings: its property, and SQL for its value before it is parsed.

    `typed` says that the value has the property's type already (Parquet) and needs no parsing.
    """

    property: Property
    sql: str
    typed: bool


@dataclass(frozen=True)
class Layout:
    """How a file fits its table: the columns it brings, and SQL for the unknown ones as JSON.

    `extra_names` are the unknown ones. `only_with` and `once` say which of the rows count (see
    FileMapping).
    """

    incoming: tuple[Incoming, ...]
    extra: str | None
    extra_names: tuple[str, ...] = ()
    only_with: str | None = None
    once: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that the file brings."""
        return tuple(column.property.name for column in self.incoming)

    def record(self, row: str) -> str:
        """SQL for a row as the quarantine keeps it: its columns and the unknown ones as JSON."""
        pairs = [f"'{name}', {row}.\"{name}\"::VARCHAR" for name in self.names]
        extra = [f"'extra', {row}.extra"] if self.extra else []
        return f"json_object({', '.join(pairs + extra)})::VARCHAR"


def lay_out(
    raw: RawTable, source: SourceTable, properties: tuple[Property, ...], key: bytes = bytes(32)
) -> Layout:
    """Match the file's columns with the table's. Raises SourceError where a required one lacks.

    `key` is the graph's own, for ids that are hashes.
    """
    by_folded = {name.lower(): name for name in raw.columns}
    incoming: list[Incoming] = []
    used: set[str] = set()
    for prop in properties:
        if source.mapping:
            mapped = source.mapping.columns.get(prop.name)
            if mapped is None:
                continue
            names = [_find(raw, source, name) for name in mapped.used]
            used |= set(names)
            incoming.append(Incoming(prop, _mapped_sql(mapped, names, raw, prop, key), False))
        elif prop.name in by_folded:
            name = by_folded[prop.name]
            used.add(name)
            incoming.append(_direct(prop, name, raw.columns[name]))
    _require(raw, source, properties, incoming)
    ignored = set(source.mapping.ignore) if source.mapping else set()
    packed = {"extra"} if raw.packed_extra else set()
    passed_over = used | ignored | packed | source.elsewhere
    unknown = [n for n in raw.columns if n not in passed_over and source.keeps_extra]
    extra = _extra(sorted(unknown), raw.columns) if unknown else None
    mapped_file = source.mapping if isinstance(source.mapping, FileMapping) else None
    return Layout(
        tuple(incoming),
        _with_packed(extra) if packed else extra,
        tuple(sorted(unknown)),
        mapped_file.only_with if mapped_file else None,
        mapped_file.once if mapped_file else False,
    )


def _find(raw: RawTable, source: SourceTable, name: str) -> str:
    if name in raw.columns:
        return name
    alike = [column for column in raw.columns if column.lower() == name.lower()]
    if len(alike) == 1:
        return alike[0]
    there = ", ".join(raw.columns)
    raise SourceError(
        f"{source.title}: the mapping names the column {name!r}, which is not there ({there})"
    )


def _require(
    raw: RawTable,
    source: SourceTable,
    properties: tuple[Property, ...],
    incoming: list[Incoming],
) -> None:
    present = {column.property.name for column in incoming}
    missing = [p.name for p in properties if p.required and p.name not in present]
    if missing:
        there = ", ".join(raw.columns)
        raise SourceError(
            f"{source.title}: the table {source.table} needs the column{'s' * (len(missing) > 1)} "
            f"{', '.join(missing)}; the file has: {there}"
        )


def _direct(prop: Property, name: str, type_: str) -> Incoming:
    column = _quoted(name)
    kind = prop.kind
    if type_ == "VARCHAR":
        return Incoming(prop, column, False)
    if type_ == kind.duckdb or (kind.duckdb == "DOUBLE" and _numeric(type_)):
        return Incoming(prop, f"{column}::{kind.duckdb}", True)
    if type_.startswith("TIMESTAMP") and kind.duckdb == "TIMESTAMP":
        return Incoming(prop, f"{column}::TIMESTAMP", True)
    return Incoming(prop, _as_text(name, type_), False)


def _numeric(type_: str) -> bool:
    integers = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT")
    return type_ in (*integers, "FLOAT", "DOUBLE") or type_.startswith("DECIMAL")


def _whole_number(column: str) -> str:
    """A number that stands where text is due: exact up to 15 digits, visibly damaged beyond."""
    return (
        f"CASE WHEN {column} = floor({column}) AND abs({column}) < 1e15 "
        f"THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    )


def _mapped_sql(
    mapped: ColumnMapping, names: list[str], raw: RawTable, prop: Property, key: bytes
) -> str:
    columns = [_as_text(name, raw.columns[name]) for name in names]
    if mapped.constant is not None:
        value = _text(mapped.constant)
    elif mapped.join is not None:
        value = f"concat_ws({_text(mapped.with_)}, {', '.join(columns)})"
    else:
        value = columns[0]
    if mapped.split is not None:
        value = f"nullif(split_part({value}, {_text(mapped.split)}, {mapped.part}), '')"
    if mapped.codes:
        cases = " ".join(
            f"WHEN {_text(old)} THEN {_text(new)}" for old, new in mapped.codes.items()
        )
        value = f"CASE {trimmed(value)} {cases} ELSE {value} END"
    if mapped.format is not None:
        value = in_form(trimmed(value), mapped.format, prop)
    if mapped.hash:
        value = keyed_hash(f"upper({trimmed(value)})", key)
    return value


def trimmed(sql: str) -> str:
    """SQL for a text without the blanks around it; NULL where nothing is left."""
    return f"nullif(trim({sql}, {SQL_BLANKS}), '')"


def _as_text(name: str, type_: str) -> str:
    """SQL for a column as text, in the form in which a CSV file would give it."""
    column = _quoted(name)
    if type_ == "VARCHAR":
        return column
    if type_ in ("DOUBLE", "FLOAT"):
        return _whole_number(column)
    if type_ == "BOOLEAN":
        return f"CASE {column} WHEN true THEN 'yes' WHEN false THEN 'no' END"
    if type_.endswith("[]"):
        return f"array_to_string({column}, ';')"
    if not type_.startswith("TIMESTAMP"):
        return f"{column}::VARCHAR"
    zone = "Z" if type_.endswith("TIME ZONE") else ""
    moment = f"timezone('UTC', {column})" if zone else f"{column}::TIMESTAMP"
    return (  # databases without a type for dates keep them as midnights
        f"CASE WHEN {moment}::TIME = TIME '00:00' AND '{zone}' = '' THEN {moment}::DATE::VARCHAR "
        f"ELSE {moment}::VARCHAR || '{zone}' END"
    )


def _extra(names: list[str], types: dict[str, str]) -> str:
    """The unknown columns that hold something, as a JSON object; NULL where none does."""
    pairs = ", ".join(f"{_text(name)}, {_kept(name, types[name])}" for name in names)
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::VARCHAR, '{{}}')"


def _kept(name: str, type_: str) -> str:
    return sql_clean(_as_text(name, type_), running=True)


def _with_packed(extra: str | None) -> str:
    """The unknown columns beside those that the column `extra` holds as JSON."""
    merged = f"json_merge_patch(coalesce(w.extra, '{{}}'), coalesce({extra or 'NULL'}, '{{}}'))"
    return f"nullif({merged}::VARCHAR, '{{}}')"


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'w."{escaped}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
