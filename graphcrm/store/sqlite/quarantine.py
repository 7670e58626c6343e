"""Rows that were refused: kept with the reason until a later load brings them right."""

from graphcrm.store.sqlite.transaction import SKIPPED, Transaction
from graphcrm.store.staging import StagedFile, row_key


def write_refused(transaction: Transaction, staged: StagedFile) -> int:
    """Keep the refused rows of a file, and tick off those it brings right; returns rows refused.

    A row that was refused before in the very same form is kept once.
    """
    work, bulk = transaction.work, transaction.bulk
    if bulk.rows("SELECT 1 FROM quarantine WHERE resolved_by IS NULL LIMIT 1"):
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
    """Resolve what is loaded now, or refused once more (the newer refusal takes its place)."""
    if staged.table.node:
        ids = f"SELECT id FROM {staged.rows} UNION ALL SELECT id FROM {SKIPPED}"
    else:
        key = row_key(staged.table, staged.columns, "r", "r.source")
        ids = f"SELECT DISTINCT {key} AS id FROM {staged.rows} r"
    transaction.bulk.ingest(
        "arrived",
        f"SELECT id, NULL::VARCHAR AS record FROM ({ids}) UNION ALL "
        f"SELECT DISTINCT node_id, coalesce(node_id, '') || record FROM {staged.refused}",
        temporary=True,
    )
    transaction.bulk.execute(
        f"UPDATE quarantine SET resolved_by = {transaction.load} WHERE resolved_by IS NULL "
        f"AND file IN (SELECT file FROM file WHERE table_name = '{staged.table.name}') "
        "AND (node_id IN (SELECT id FROM temp.arrived WHERE id IS NOT NULL) "
        "OR coalesce(node_id, '') || record IN "
        "(SELECT record FROM temp.arrived WHERE record IS NOT NULL))"
    )
