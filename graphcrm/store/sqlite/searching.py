"""Keeping the search index in step with the nodes."""

from collections.abc import Iterator

import pyarrow as pa

from graphcrm.model import NodeType
from graphcrm.store.search import SEARCHED, name_tokens
from graphcrm.store.sqlite.schema import quoted
from graphcrm.store.sqlite.transaction import Transaction
from graphcrm.store.staging import StagedFile

_BATCH = 200_000
_SCHEMA = pa.schema([("rowid", pa.int64()), ("tokens", pa.string())])


def index_nodes(
    transaction: Transaction, staged: StagedFile, node: NodeType, some_changed: bool
) -> None:
    """Index the new rows of the file, and the changed ones anew."""
    searched = SEARCHED.get(node.label)
    if searched is None:
        return
    present = {p.name for p in staged.stored}
    columns = [f"r.{quoted(c)}" if c in present else "NULL::VARCHAR" for c in searched]
    _add(
        transaction,
        f"SELECT k.key AS rowid, {_name(columns)} AS name, {_numbers(columns)} AS numbers "
        f"FROM {staged.rows} r POSITIONAL JOIN keyed k WHERE k.is_new",
    )
    if some_changed:
        transaction.bulk.execute("DELETE FROM search WHERE rowid IN (SELECT key FROM temp.changed)")
        transaction.bulk.fetch(
            "reindexed",
            f"SELECT n.* FROM temp.changed c JOIN {quoted(node.table)} n ON n.key = c.key",
            {"key": "BIGINT"} | dict.fromkeys(searched, "VARCHAR"),
        )
        columns = [f"r.{quoted(c)}" for c in searched]
        _add(
            transaction,
            f"SELECT r.key AS rowid, {_name(columns)} AS name, {_numbers(columns)} AS numbers "
            "FROM reindexed r",
        )


def _name(columns: list[str]) -> str:
    """The first two searched properties are the standardised name and the name."""
    key, name = columns[:2]
    whole = f"if(regexp_matches({name}, '[0-9]'), {name}, NULL)"  # keys are without digits
    return f"coalesce(concat_ws(' ', {key}, {whole}), {name})" if key != name else name


def _numbers(columns: list[str]) -> str:
    cleaned = [f"regexp_replace(lower({c}), '[^0-9a-z@._]', '', 'g')" for c in columns[2:]]
    return f"concat_ws(' ', {', '.join(cleaned)})" if cleaned else "''"


def _add(transaction: Transaction, documents: str) -> None:
    reader = transaction.work.sql(documents).to_arrow_reader(_BATCH)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            tokens = name_tokens(batch.column("name"), batch.column("numbers"))
            yield pa.RecordBatch.from_arrays([batch.column("rowid"), tokens], schema=_SCHEMA)

    transaction.bulk.ingest_arrow("search", pa.RecordBatchReader.from_batches(_SCHEMA, batches()))
