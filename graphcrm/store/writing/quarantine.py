"""Rows that were refused: kept with the reason until a later load brings them right."""

from graphcrm.store.staging import StagedFile
from graphcrm.store.writing.superseding import OPEN, find_superseded
from graphcrm.store.writing.transaction import Transaction


def write_refused(transaction: Transaction, staged: StagedFile) -> int:
    """Keep the refused rows of a file, and tick off those it brings right; returns rows refused.

    A row that was refused before in the very same form is kept once.
    """
    file, lines = transaction.file, f"SELECT * FROM {staged.refused}"
    if _tick_off(transaction, staged) and staged.mended:
        file, lines = _where_they_stood(transaction, staged)
    refused = transaction.one(f"SELECT count(DISTINCT line) FROM {staged.refused}")
    if refused:
        transaction.keeper.add_refusals(
            "SELECT line, column_name, value, reason, detail, node_id, record "
            f"FROM ({lines}) ORDER BY line, column_name",
            file,
        )
    transaction.work.execute(f"DROP TABLE IF EXISTS {staged.refused}")
    return refused


def _where_they_stood(transaction: Transaction, staged: StagedFile) -> tuple[int, str]:
    """The file, and SQL for the refused rows with the lines, where mended rows first stood.

    Where their refusals are open no more, they stand in the export only.
    """
    same = f"{OPEN} o JOIN {staged.mended} m ON m.load = o.load AND m.file = o.path"
    file = transaction.one(f"SELECT max(o.file) FROM {same}")
    if not file:
        return transaction.file, f"SELECT * FROM {staged.refused}"
    return file, (
        f"SELECT r.* REPLACE (m.line AS line) FROM {staged.refused} r "
        f"JOIN {staged.mended} m ON m.at_line = r.line"
    )


def _tick_off(transaction: Transaction, staged: StagedFile) -> bool:
    """Resolve the refusals that this file supersedes; returns whether any are open."""
    transaction.keeper.fetch_refusals(staged.table.name, OPEN)
    if not transaction.one(f"SELECT count(*) FROM {OPEN}"):
        return False
    if transaction.table("superseded", find_superseded(transaction, staged)):
        transaction.keeper.resolve_refusals("superseded", transaction.load)
    return True
