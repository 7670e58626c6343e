"""Standardised values beside the raw ones: comparing keys, identifiers, and what is doubtful."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.model import Property, Table
from graphcrm.standards import (
    standardise_accounts,
    standardise_addresses,
    standardise_documents,
    standardise_emails,
    standardise_organisation_names,
    standardise_person_names,
    standardise_phones,
    standardise_usccs,
)

STANDARDS = "standards"
"""DuckDB table, row by row beside `checked`: derived properties, and for each identifier column
`c` its `c__value`, and `c__kind` or `c__region_code` where its node has them; `flaws`; `damage`."""

_BATCH = 100_000
_PREFECTURE_DIGITS = 4

Columns = dict[str, pa.Array]
Standard = Callable[[pa.Array, pa.Array | None], pa.StructArray]


@dataclass(frozen=True)
class _Form:
    """How an identifier is standardised, and which field of the result is which.

    `standard` takes the values and, where the column has a type field, their types.
    """

    standard: Standard
    value: str
    other: tuple[str, str] | None = None


def _documents(values: pa.Array, types: pa.Array | None) -> pa.StructArray:
    return standardise_documents(values, types if types is not None else _nulls(len(values)))


_FORMS: dict[str, _Form] = {
    "Phone": _Form(lambda values, _: standardise_phones(values), "e164", ("kind", "kind")),
    "Email": _Form(lambda values, _: standardise_emails(values), "address"),
    "Address": _Form(
        lambda values, _: standardise_addresses(values), "standard", ("region_code", "region_code")
    ),
    "Account": _Form(lambda values, _: standardise_accounts(values), "number"),
    "Document": _Form(_documents, "number", ("kind", "type")),
}
_USCC = _Form(lambda values, _: standardise_usccs(values), "number")


def standardise(
    work: duckdb.DuckDBPyConnection,
    table: Table,
    present: set[str],
    rows: int,
    through: Callable[[float], None],
) -> tuple[str, ...]:
    """Fill the table `standards` from `checked`; returns the derived properties it holds.

    `through` hears which share of the `rows` is done, after each batch.
    """
    links = [p for p in table.links if p.link and p.link.shared and p.name in present]
    wanted = [p.name for p in links if p.link and p.link.to != ("Line",)]
    types = [p.link.type_field for p in links if p.link and p.link.type_field]
    wanted += [n for n in ("name", *types, "region_code") if n in present and table.node]
    if not table.node or table.node.label not in ("Person", "Institution"):
        wanted = [n for n in wanted if n != "name"]
    if not wanted:
        work.execute(f"DROP TABLE IF EXISTS {STANDARDS}")
        return ()
    selected = ", ".join(f'"{name}"' for name in wanted)
    aside = work.cursor()  # reading goes on while the results are written
    reader = aside.sql(f"SELECT {selected} FROM checked").to_arrow_reader(_BATCH)
    first, derived = None, tuple[str, ...]()

    def batches(first: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
        done = 0
        for batch in chain([first], (_standardise_batch(table, links, b)[0] for b in reader)):
            done += len(batch)
            through(min(done / max(rows, 1), 1.0))
            yield batch

    for batch in reader:
        first, derived = _standardise_batch(table, links, batch)
        break
    if first is None:
        empty = pa.record_batch([pa.array([], f.type) for f in reader.schema], schema=reader.schema)
        first, derived = _standardise_batch(table, links, empty)
    work.register("batches", pa.RecordBatchReader.from_batches(first.schema, batches(first)))
    work.execute(f"CREATE OR REPLACE TEMP TABLE {STANDARDS} AS SELECT * FROM batches")
    work.unregister("batches")
    aside.close()
    return derived


def _standardise_batch(
    table: Table, links: list[Property], batch: pa.RecordBatch
) -> tuple[pa.RecordBatch, tuple[str, ...]]:
    columns: Columns = dict(zip(batch.schema.names, batch.columns, strict=True))
    out: Columns = {}
    flaws: Columns = {}
    derived: list[str] = []
    damage = _nulls(len(batch))
    if "name" in columns:
        derived += _name_columns(table, columns, out, flaws)
    for column in links:
        assert column.link is not None
        label = column.link.to[0]
        if label == "Line":
            continue
        form = _USCC if column.name == "uscc" else _FORMS[label]
        types = columns.get(column.link.type_field) if column.link.type_field else None
        result = form.standard(columns[column.name], types)
        out[f"{column.name}__value"] = result.field(form.value)
        if form.other:
            out[f"{column.name}__{form.other[0]}"] = result.field(form.other[1])
        flaws[column.name] = _flaw(column.name, result.field("reason"))
        if label == "Document":
            damage = _rounded(result.field("reason"), damage)
            if form is _USCC:
                out[f"{column.name}__kind"] = _constant("uscc", len(batch))
    if table.node and table.node.label == "Institution" and "core_region" in derived:
        out["core_region"] = _core_region(columns, out)
    if table.node and "flaws" in table.node.model_fields:
        out["flaws"] = _joined([flaws[name] for name in sorted(flaws)], len(batch))
        derived.append("flaws")
    out["damage"] = damage
    return pa.RecordBatch.from_pydict(out), tuple(derived)


def _name_columns(table: Table, columns: Columns, out: Columns, flaws: Columns) -> tuple[str, ...]:
    assert table.node is not None
    if table.node.label == "Person":
        names = standardise_person_names(columns["name"])
        out["name_key"] = names.field("standard")
        flaws["name"] = _flaw("name", names.field("reason"))
        return ("name_key",)
    names = standardise_organisation_names(columns["name"])
    out["name_key"] = names.field("standard")
    out["core_name"] = names.field("core")
    out["core_region"] = names.field("region_code")
    flaws["name"] = _flaw("name", names.field("reason"))
    return ("name_key", "core_name", "core_region")


def _core_region(columns: Columns, out: Columns) -> pa.Array:
    """The prefecture: of the name, else of the stated code, else of the address."""
    candidates = [out["core_region"]]
    if "region_code" in columns:
        candidates.append(columns["region_code"])
    if "address__region_code" in out:
        candidates.append(out["address__region_code"])
    return pc.utf8_slice_codeunits(pc.coalesce(*candidates), 0, _PREFECTURE_DIGITS)


def _rounded(reasons: pa.Array, damage: pa.Array) -> pa.Array:
    """`excel_rounded` where the number both looks as a spreadsheet leaves it and is not sound."""
    rounded = pc.fill_null(pc.equal(reasons, "rounded"), False)
    return pc.if_else(rounded, "excel_rounded", damage)


def _flaw(name: str, reasons: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(f"{name}:", reasons, "")


def _joined(flaws: list[pa.Array], length: int) -> pa.Array:
    if not flaws:
        return _nulls(length)
    filled = [pc.fill_null(flaw, "") for flaw in flaws]
    joined = pc.utf8_trim(
        pc.replace_substring_regex(pc.binary_join_element_wise(*filled, ";"), ";+", ";"), ";"
    )
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)


def _nulls(length: int) -> pa.Array:
    return pa.nulls(length, pa.string())


def _constant(value: str, length: int) -> pa.Array:
    return pa.repeat(pa.scalar(value), length)
