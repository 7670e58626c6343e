"""What a list of refused rows and waiting edges tells of each of them."""

import pyarrow as pa

QUARANTINE = pa.schema(
    [
        ("kind", pa.string()),
        ("file", pa.string()),
        ("source", pa.string()),
        ("table", pa.string()),
        ("line", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
        ("detail", pa.string()),
        ("load", pa.int64()),
        ("record", pa.string()),
    ]
)
"""The columns of `Store.quarantine`: `kind` is `row` or `edge`; `source` is the one named for the
whole load; `record` is the row (or the edge) as JSON, or as text where it could not be read."""

EXPLANATION = "explanation"
"""The reason as a sentence, which an exported quarantine has beside those columns."""

COLUMNS = "columns"
"""The columns that a refused row's file had, parted by blanks, which stands there too: a blank cell
of these clears a value, one of any other says nothing."""

_OWN = frozenset((*QUARANTINE.names, EXPLANATION, COLUMNS))
_RECORD = "record_"


def exported_title(name: str) -> str:
    """How an exported quarantine names a column of the refused rows."""
    return f"{_RECORD}{name}" if name in _OWN else name


def own_name(title: str) -> str | None:
    """The column of the refused rows that an exported quarantine names so; None for its own."""
    if title in _OWN:
        return None
    name = title.removeprefix(_RECORD)
    return name if exported_title(name) == title else title
