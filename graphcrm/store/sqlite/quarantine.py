"""Rows that were refused: kept with the reason until a later load brings them right."""

from graphcrm.store.sqlite.superseding import OPEN, find_superseded
from graphcrm.store.sqlite.transaction import Transaction
from graphcrm.store.staging import StagedFile

_OPEN = """
SELECT q.id, q.file, q.line, q.column_name, q.node_id, q.record, f.path, f.load, l.source
FROM quarantine q JOIN file f ON f.file = q.file JOIN load l ON l.load = f.load
WHERE q.resolved_by IS NULL AND f.table_name = '{table}'
"""
_TYPES = {
    "id": "BIGINT", "file": "BIGINT", "line": "BIGINT", "column_name": "VARCHAR",
    "node_id": "VARCHAR", "record": "VARCHAR", "path": "VARCHAR", "load": "BIGINT",
    "source": "VARCHAR",
}  # fmt: skip


def write_refused(transaction: Transaction, staged: StagedFile) -> int:
    """Keep the refused rows of a file, and tick off those it brings right; returns rows refused.

    A row that was refused before in the very same form is kept once.
    """
    work, bulk = transaction.work, transaction.bulk
    _tick_off(transaction, staged)
    refused = transaction.one(f"SELECT count(DISTINCT line) FROM {staged.refused}")
    if refused:
        bulk.ingest(
            "quarantine",
            f"SELECT {transaction.file}::BIGINT AS file, line, column_name, value, reason, detail, "
            f"node_id, record FROM {staged.refused} ORDER BY line, column_name",
        )
    work.execute(f"DROP TABLE IF EXISTS {staged.refused}")
    return refused


def _tick_off(transaction: Transaction, staged: StagedFile) -> None:
    """Resolve the refusals that this file supersedes."""
    bulk, table = transaction.bulk, staged.table.name
    if not bulk.rows("SELECT 1 FROM quarantine WHERE resolved_by IS NULL LIMIT 1"):
        return
    bulk.fetch(OPEN, _OPEN.format(table=table), _TYPES)
    if not transaction.one(f"SELECT count(*) FROM {OPEN}"):
        return
    ((complete,),) = bulk.rows("SELECT complete FROM load WHERE load = ?", transaction.load)
    superseded = find_superseded(transaction, staged, complete=bool(complete))
    if bulk.ingest("superseded", superseded, temporary=True):
        bulk.execute(
            f"UPDATE quarantine SET resolved_by = {transaction.load} "
            "WHERE id IN (SELECT id FROM temp.superseded)"
        )
