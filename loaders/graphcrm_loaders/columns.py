"""From a file's own columns to those of the interchange format, as SQL."""

from dataclasses import dataclass

from graphcrm.errors import SourceError
from graphcrm.model import Kind, Property
from graphcrm.model.kinds import SQL_BLANKS
from graphcrm_loaders.mapping import ColumnMapping
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
    """How a file fits its table: the columns it brings, and SQL for the unknown ones as JSON."""

    incoming: tuple[Incoming, ...]
    extra: str | None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns that the file brings."""
        return tuple(column.property.name for column in self.incoming)


def lay_out(raw: RawTable, source: SourceTable, properties: tuple[Property, ...]) -> Layout:
    """Match the file's columns with the table's. Raises SourceError where a required one lacks."""
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
            incoming.append(Incoming(prop, _mapped_sql(mapped, names, raw, prop), False))
        elif prop.name in by_folded:
            name = by_folded[prop.name]
            used.add(name)
            incoming.append(_direct(prop, name, raw.columns[name]))
    _require(raw, source, properties, incoming)
    ignored = set(source.mapping.ignore) if source.mapping else set()
    unknown = [name for name in raw.columns if name not in used and name not in ignored]
    return Layout(tuple(incoming), _extra(sorted(unknown), raw.columns) if unknown else None)


def _find(raw: RawTable, source: SourceTable, name: str) -> str:
    if name in raw.columns:
        return name
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
    if type_.startswith("TIMESTAMP") and kind.duckdb == "DATE":
        midnight = f"CASE WHEN {column}::TIME = TIME '00:00' THEN {column}::DATE::VARCHAR "
        return Incoming(prop, f"{midnight} ELSE {column}::VARCHAR END", False)
    if type_.endswith("[]"):
        return Incoming(prop, f"array_to_string({column}, ';')", False)
    if type_ in ("DOUBLE", "FLOAT"):
        return Incoming(prop, _whole_number(column), False)
    if type_ == "BOOLEAN":
        return Incoming(prop, f"CASE {column} WHEN true THEN 'yes' WHEN false THEN 'no' END", False)
    return Incoming(prop, f"{column}::VARCHAR", False)


def _numeric(type_: str) -> bool:
    integers = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT")
    return type_ in (*integers, "FLOAT", "DOUBLE") or type_.startswith("DECIMAL")


def _whole_number(column: str) -> str:
    """A number that stands where text is due: exact up to 15 digits, visibly damaged beyond."""
    return (
        f"CASE WHEN {column} = floor({column}) AND abs({column}) < 1e15 "
        f"THEN {column}::BIGINT::VARCHAR ELSE {column}::VARCHAR END"
    )


def _mapped_sql(mapped: ColumnMapping, names: list[str], raw: RawTable, prop: Property) -> str:
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
        form = "%Y-%m-%d" if prop.kind.duckdb == "DATE" else "%Y-%m-%d %H:%M:%S"
        parsed = f"try_strptime({trimmed(value)}, {_text(mapped.format)})"
        value = f"coalesce(strftime({parsed}, '{form}'), {value})"
    return value


def trimmed(sql: str) -> str:
    """SQL for a text without the blanks around it; NULL where nothing is left."""
    return f"nullif(trim({sql}, {SQL_BLANKS}), '')"


def _as_text(name: str, type_: str) -> str:
    column = _quoted(name)
    if type_ in ("DOUBLE", "FLOAT"):
        return _whole_number(column)
    return column if type_ == "VARCHAR" else f"{column}::VARCHAR"


def _extra(names: list[str], types: dict[str, str]) -> str:
    """The unknown columns that hold something, as a JSON object; NULL where none does."""
    pairs = ", ".join(f"{_text(name)}, {trimmed(_as_text(name, types[name]))}" for name in names)
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::VARCHAR, '{{}}')"


def _quoted(name: str) -> str:
    escaped = name.replace('"', '""')
    return f'w."{escaped}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def typed_reason(kind: Kind) -> str | None:
    """SQL that refuses a value which has the right type but lies outside of the rule."""
    if kind.duckdb in ("DATE", "TIMESTAMP"):
        code = "not_a_date" if kind.duckdb == "DATE" else "not_a_timestamp"
        return f"CASE WHEN year({{c}}) NOT BETWEEN 1000 AND 2999 THEN '{code}' END"
    if kind.duckdb == "DOUBLE":
        return "CASE WHEN NOT isfinite({c}) OR abs({c}) >= 1e13 THEN 'not_a_number' END"
    return None
