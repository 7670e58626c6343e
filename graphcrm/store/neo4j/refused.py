"""Reading the quarantine: refused rows, and edges that wait for a node."""

import json

import pyarrow as pa

from graphcrm.store.neo4j.connection import Server
from graphcrm.store.quarantined import QUARANTINE

_ROWS = """
MATCH (r:_Refusal) WHERE r.resolved_by IS NULL
MATCH (f:_File {file: r.file}) MATCH (l:_Load {load: f.load})
RETURN 'row', f.path, l.source, f.table_name, r.line, r.column_name, r.value, r.reason, r.detail,
       f.load, r.record
ORDER BY f.load, f.file, r.line, r.column_name
"""

_EDGES = """
MATCH (w:_Waiting) MATCH (f:_File {file: w.file}) MATCH (l:_Load {load: f.load})
RETURN 'edge', f.path, l.source, f.table_name, w.line, split(w.origin, '.')[1],
       CASE WHEN w.anchor_id IS NULL AND split(w.origin, '.')[0] <> f.table_name
            THEN w.anchor_ref ELSE w.other_ref END,
       'unknown_reference', w.detail, f.load,
       [w.type, w.anchor_label + ' ' + w.anchor_ref, w.other_label + ' ' + w.other_ref,
        w.properties]
ORDER BY f.load, f.file, w.line, w.origin
"""


def read_quarantine(server: Server) -> pa.Table:
    """All refused rows and waiting edges; `record` is the row (or the edge) as JSON."""
    rows = server.read(_ROWS)
    for row in server.read(_EDGES):
        type_, start, end, properties = row[-1]
        edge = {"type": type_, "from": start, "to": end, "properties": json.loads(properties)}
        rows.append([*row[:-1], json.dumps(edge, ensure_ascii=False, separators=(",", ":"))])
    columns = list(zip(*rows, strict=True)) or [()] * len(QUARANTINE)
    arrays = [pa.array(list(c), f.type) for c, f in zip(columns, QUARANTINE, strict=True)]
    return pa.table(arrays, schema=QUARANTINE)
