"""The search text as the full-text index has it, and queries of that index.

The index parts texts at spaces only. SQLite's parts them at everything that is no letter or digit,
and takes accents away; so that both find the same, a text is followed by its form after that.
"""

import unicodedata
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.model import NodeType
from graphcrm.store.search import documents, name_tokens
from graphcrm.store.sought import Sought, query_of

_BATCH = 200_000
_MARK = " \x01 "
"""Stands between a search text and its plainer form."""

_LONGEST = 200
"""So many characters of a word's beginning are looked for: the index takes up to a thousand."""


def tokens_table(work: duckdb.DuckDBPyConnection, node: NodeType, rows: str, into: str) -> bool:
    """Make the DuckDB table `into` (key, tokens) for rows of a label; False: it is not searched."""
    found = documents(node, rows, work.sql(rows).columns)
    if found is None:
        return False
    reader = work.sql(found).to_arrow_reader(_BATCH)
    schema = pa.schema([("key", pa.int64()), ("tokens", pa.string())])

    def made() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            tokens = name_tokens(batch.column("name"), batch.column("numbers"))
            yield pa.RecordBatch.from_arrays([batch.column("key"), _indexed(tokens)], schema=schema)

    table = pa.Table.from_batches(made(), schema)
    work.register("tokens_read", table)
    try:
        work.execute(f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT * FROM tokens_read")
    finally:
        work.unregister("tokens_read")
    return True


def _indexed(tokens: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(pc.utf8_normalize(tokens, "NFKD"), r"\p{Mn}", "")
    plain = pc.replace_substring_regex(plain, r"[^\p{L}\p{N} ]+", " ")
    both = pc.binary_join_element_wise(tokens, plain, _MARK)
    return pc.if_else(pc.equal(tokens, plain), tokens, both)


def own_tokens(indexed: str) -> str:
    """The search text that was indexed, without its plainer form."""
    return indexed.partition(_MARK)[0]


def _plain(token: str) -> list[str]:
    folded = "".join(
        c for c in unicodedata.normalize("NFKD", token) if unicodedata.category(c) != "Mn"
    )
    return "".join(c if c.isalnum() else " " for c in folded).split()


def full_text_query(sought: Sought) -> str | None:
    """The index's query for what is sought: words as beginnings; None if empty."""
    return query_of(sought, _term)


def _term(token: str, whole: bool) -> str:
    *parts, last = _plain(token) or [token]
    return " AND ".join([*parts, last[:_LONGEST] if whole else f"{last[:_LONGEST]}*"])


def fits(sought: Sought, indexed: str) -> bool:
    """Whether a candidate has the parts of each word side by side, and long ones whole."""
    plain = " " + indexed.rpartition(_MARK)[2]
    return all(
        any(all(_stands(token, plain) for token in way) for way in word.ways)
        for word in sought.words
    )


def _stands(token: str, plain: str) -> bool:
    parts = _plain(token)
    if len(parts) > 1 or len("".join(parts)) > _LONGEST:
        return f" {' '.join(parts)}" in plain
    return True  # the index itself has found it
