"""What loads refused: the values are those of persons, so only few see them."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from typing import Any

import pyarrow as pa
from pydantic import TypeAdapter

from graphcrm.model import REFUSALS
from graphcrm_api.cli.language import Language, catalogue
from graphcrm_api.cli.quarantine import spread
from graphcrm_api.http.conventions.cursors import after_of, cursor_of
from graphcrm_api.http.conventions.exporting import Export
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import require_whole_company
from graphcrm_api.http.loads.loading import shown_name
from graphcrm_api.http.privacy.masks import HIDDEN

_RESOURCE = "quarantine"
_ASKED = ["quarantine"]
_VALUES = ("value", "detail", "record")
_PLACE = ("kind", "load", "file", "line", "column")
_AFTER = TypeAdapter(tuple[int, str])


def page(caller: Caller, limit: int, cursor: str | None, language: Language) -> dict[str, Any]:
    """A page of refused rows and waiting edges, oldest load first."""
    require_whole_company(caller)
    rows = _read(caller)
    begin = _begin(rows, after_of(_ASKED, cursor, _AFTER))
    shown = rows.slice(begin, limit).to_pylist()
    caller.note_view("view", _RESOURCE, rows=len(shown))
    end = begin + len(shown)
    following = cursor_of(_ASKED, [end, _mark(shown[-1])]) if end < rows.num_rows else None
    return {"items": [_shown(caller, row, language) for row in shown], "next": following}


def export(caller: Caller) -> Export:
    """All of it as a file; with the scope pii and a purpose one that can be mended and loaded."""
    require_whole_company(caller)
    caller.require("export:read")

    def batches() -> Generator[pa.RecordBatch]:
        rows = _read(caller)
        names = pa.array([shown_name(path) for path in rows["file"].to_pylist()], pa.string())
        rows = rows.set_column(rows.schema.get_field_index("file"), "file", names)
        wide = spread(rows) if caller.unmasked else rows.drop_columns(list(_VALUES))
        yield wide.combine_chunks().to_batches()[0] if wide.num_rows else _nothing(wide.schema)

    return Export(_RESOURCE, batches)


def _nothing(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


def _read(caller: Caller) -> pa.Table:
    with caller.store() as store:
        return store.quarantine()


def _begin(rows: pa.Table, after: tuple[int, str] | None) -> int:
    """Where a page begins: behind the row that the page before ended with, wherever it is now."""
    if after is None:
        return 0
    expected, mark = after
    if 0 < expected <= rows.num_rows and _mark(rows.slice(expected - 1, 1).to_pylist()[0]) == mark:
        return expected
    for place, row in enumerate(rows.select(list(_PLACE)).to_pylist()):
        if _mark(row) == mark:
            return place + 1
    raise Problem("gone", "the row that the page before ended with was mended; begin anew")


def _mark(row: dict[str, Any]) -> str:
    place = repr([row[name] for name in _PLACE])
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _shown(caller: Caller, row: dict[str, Any], language: Language) -> dict[str, Any]:
    told = {**row, "file": shown_name(row["file"]), "explanation": _words(row["reason"], language)}
    if not caller.unmasked:
        told |= {name: HIDDEN for name in _VALUES if row[name] is not None}
    return told


def _words(reason: str, language: Language) -> str:
    known = REFUSALS.get(reason)
    if known is not None:
        return known.zh if language == "zh" else known.en
    words = catalogue().get(f"refused_{reason}")
    return words[language] if words else reason
