"""Reading the quarantine: refused rows, and edges that wait for a node."""

import json
import sqlite3

import pyarrow as pa

from graphcrm.store.quarantined import QUARANTINE

_ROWS = """
SELECT 'row', f.path, l.source, f.table_name, q.line, q.column_name, q.value, q.reason, q.detail,
       f.load, q.record
FROM quarantine q JOIN file f ON f.file = q.file JOIN load l ON l.load = f.load
WHERE q.resolved_by IS NULL ORDER BY f.load, f.file, q.line, q.column_name
"""

_EDGES = """
SELECT 'edge', f.path, l.source, f.table_name, p.line, substr(o.name, instr(o.name, '.') + 1),
       CASE WHEN p.anchor_key IS NULL AND o.name NOT LIKE f.table_name || '.%' THEN p.anchor_ref
            ELSE p.other_ref END,
       'unknown_reference', p.detail, f.load,
       json_object('type', p.type, 'from', p.anchor_label || ' ' || p.anchor_ref,
                   'to', p.other_label || ' ' || p.other_ref, 'properties', json(p.properties))
FROM pending p JOIN file f ON f.file = p.file JOIN origin o ON o.origin = p.origin
JOIN load l ON l.load = f.load
ORDER BY f.load, f.file, p.line, o.name
"""


def read_quarantine(connection: sqlite3.Connection) -> pa.Table:
    """All refused rows and waiting edges; `record` is the row (or the edge) as JSON."""
    rows = connection.execute(_ROWS).fetchall() + connection.execute(_EDGES).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * len(QUARANTINE)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, QUARANTINE, strict=True)]
    return pa.table(arrays, schema=QUARANTINE)


def record_columns(record: str) -> dict[str, str]:
    """The columns of a refused row as they stood in the file; none for unreadable rows."""
    try:
        values = json.loads(record)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}
