"""Values as the formats for people can hold them."""

import pyarrow as pa
import pyarrow.compute as pc


def readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as ISO text, no NaN (JSON has none), no dictionaries; all else as it is."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        zone = "Z" if column.type.tz else ""
        instant = column.cast(pa.timestamp(column.type.unit))
        text = pc.replace_substring_regex(instant.cast(pa.string()), r"\.0+$", "")
        return pc.binary_join_element_wise(text, zone, "")
    if pa.types.is_time(column.type) or pa.types.is_date64(column.type):
        return column.cast(pa.date32() if pa.types.is_date64(column.type) else pa.string())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    return column


def flat(table: pa.Table) -> pa.Table:
    """The table with lists of text joined by `;` and other nested values as JSON."""
    nested = [field for field in table.schema if pa.types.is_nested(field.type)]
    if not nested:
        return table
    from graphcrm.duck import engine

    with engine() as work:
        work.register("answer", table)
        for field in nested:
            name = field.name.replace('"', '""')
            simple = pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type)
            text = f"array_to_string(\"{name}\", ';')" if simple else f'to_json("{name}")::VARCHAR'
            one: pa.Table = work.sql(f"SELECT {text} AS flat FROM answer").to_arrow_table()
            place = table.column_names.index(field.name)
            table = table.set_column(place, field.name, one.column("flat"))
    return table


def is_text(type_: pa.DataType) -> bool:
    """Whether a column holds text (or nothing at all)."""
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_)
    )
