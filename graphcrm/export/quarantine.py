"""What loads refused as a file that can be mended and loaded again, with the reasons in words."""

import pyarrow as pa

from graphcrm.model import REFUSALS
from graphcrm.store.quarantined import COLUMNS, EXPLANATION, exported_title
from graphcrm.store.sqlite.refused import record_columns
from graphcrm.words import Language, word, word_or
from graphcrm.words.sentences import in_language

_TOLD = ("repeated_id", "not_json", "unknown_code", "broken_quotes", "too_long")
"""Reasons whose detail says something to people."""


def refusal_words(reason: str, detail: str | None, language: Language) -> str:
    """Why a row was refused, in a sentence; without a detail, what it says is left out."""
    known = REFUSALS.get(reason)
    if known is not None:
        words = known.zh if language == "zh" else known.en
    else:
        words = word_or(f"loads.refused_{reason}", language, reason)
    if detail and detail.startswith("leading_zeros:"):
        return words + word("loads.refused_leading_zeros", language, id=detail.partition(":")[2])
    if detail and reason in _TOLD:
        told = in_language(detail, language)
        return word("loads.reason_detail", language, reason=words, detail=told)
    return words


def mendable(table: pa.Table, language: Language) -> pa.Table:
    """The quarantine with the refused rows' own columns beside it, as they stood in the file.

    A column whose name is one of the quarantine's own is called `record_<name>`.
    """
    records = [record_columns(r) for r in table["record"].to_pylist()]
    names = dict.fromkeys(name for record in records for name in record)
    words = [
        refusal_words(reason, detail, language)
        for reason, detail in zip(
            table["reason"].to_pylist(), table["detail"].to_pylist(), strict=True
        )
    ]
    wide = table.drop_columns(["record"]).append_column(EXPLANATION, pa.array(words, pa.string()))
    had = [" ".join(record) or None for record in records]
    wide = wide.append_column(COLUMNS, pa.array(had, pa.string()))
    for name in names:
        values = [None if r.get(name) is None else str(r[name]) for r in records]
        wide = wide.append_column(exported_title(name), pa.array(values, pa.string()))
    return wide
