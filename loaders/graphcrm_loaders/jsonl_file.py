"""Reading JSON Lines: one object a line."""

from pathlib import Path

import duckdb

from graphcrm.errors import SourceError
from graphcrm_loaders.csv_file import checked_names
from graphcrm_loaders.encoding import Step, as_utf8, detect_encoding
from graphcrm_loaders.raw import REJECTED, RawTable, plain_path

_LONGEST_LINE = 1 << 24


def open_jsonl(work: duckdb.DuckDBPyConnection, path: Path, scratch: Path, step: Step) -> RawTable:
    """A JSON Lines file as a raw table.

    Lists of plain values become `;`-separated text, true and false become yes and no, objects stay
    JSON text.
    """
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    text = as_utf8(path, detect_encoding(path), scratch / "utf8.jsonl", step)
    quoted = str(plain_path(text, scratch)).replace("'", "''")
    work.execute(
        "CREATE OR REPLACE TEMP TABLE json_lines AS SELECT row_number() OVER () AS line, "
        "ltrim(content, chr(65279)) AS content "
        f"FROM read_csv('{quoted}', auto_detect = false, header = false, delim = chr(1), "
        "quote = '', escape = '', columns = {'content': 'VARCHAR'}, null_padding = true, "
        f"max_line_size = {_LONGEST_LINE})"
    )
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {REJECTED} AS SELECT line, 'not_json' AS reason, "
        "NULL::VARCHAR AS detail, left(content, 4000) AS record, NULL::VARCHAR[] AS cells "
        "FROM json_lines WHERE trim(coalesce(content, '')) <> '' "
        "AND coalesce(json_type(CASE WHEN json_valid(content) THEN content END), '') <> 'OBJECT'"
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE json_rows AS SELECT line, content FROM json_lines "
        f"WHERE trim(coalesce(content, '')) <> '' AND line NOT IN (SELECT line FROM {REJECTED})"
    )
    work.execute("DROP TABLE json_lines")
    keys = work.execute(
        "SELECT DISTINCT unnest(json_keys(content)) AS key FROM json_rows ORDER BY key"
    ).fetchall()
    names = checked_names(path, [key for (key,) in keys])
    if not names:
        raise SourceError(f"{path}: no line holds a JSON object")
    columns = ", ".join(_column(key, name) for (key,), name in zip(keys, names, strict=True))
    work.execute(
        "CREATE OR REPLACE TEMP TABLE line_of AS "
        "SELECT row_number() OVER (ORDER BY line) AS n, line FROM json_rows"
    )
    relation = f"(SELECT {columns} FROM json_rows ORDER BY line)"
    return RawTable(relation, dict.fromkeys(names, "VARCHAR"), 1, lambda rows: "line_of")


def _column(key: str, name: str) -> str:
    pointer = "/" + key.replace("~", "~0").replace("/", "~1").replace("'", "''")  # RFC 6901
    value = f"content->>'{pointer}'"
    members = f"json_extract_string(json_extract(content, '{pointer}'), '$[*]')"
    return (
        f"CASE json_type(content, '{pointer}') "
        f"WHEN 'ARRAY' THEN array_to_string({members}, ';') "
        f"WHEN 'BOOLEAN' THEN if({value} = 'true', 'yes', 'no') "
        f"ELSE {value} END AS " + '"{}"'.format(name.replace('"', '""'))
    )
