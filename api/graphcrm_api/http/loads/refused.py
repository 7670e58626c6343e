"""What loads refused: the values are those of persons, so only few see them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pyarrow as pa

from graphcrm.export.quarantine import mendable, refusal_words
from graphcrm.words import Language
from graphcrm_api.http.conventions.exporting import Export
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import require_whole_company
from graphcrm_api.http.loads.loading import shown_name
from graphcrm_api.http.privacy.masks import HIDDEN

_RESOURCE = "quarantine"
_ASKED = ["quarantine"]
_VALUES = ("value", "detail", "record")
_PLACE = ("kind", "load", "file", "line", "column")


def page(caller: Caller, paging: Paging, language: Language) -> dict[str, Any]:
    """A page of refused rows and waiting edges, oldest load first."""
    require_whole_company(caller)
    part, following = paging.by_row(_read(caller), _ASKED, by=_PLACE)
    shown = part.to_pylist()
    caller.note_view("view", _RESOURCE, rows=len(shown))
    return {"items": [_shown(caller, row, language) for row in shown], "next": following}


def export(caller: Caller, language: Language) -> Export:
    """All of it as a file; with the scope pii and a purpose one that can be mended and loaded."""
    require_whole_company(caller)

    def batches() -> Generator[pa.RecordBatch]:
        rows = _read(caller)
        names = pa.array([shown_name(path) for path in rows["file"].to_pylist()], pa.string())
        rows = rows.set_column(rows.schema.get_field_index("file"), "file", names)
        wide = mendable(rows, language) if caller.unmasked else rows.drop_columns(list(_VALUES))
        yield wide.combine_chunks().to_batches()[0] if wide.num_rows else _nothing(wide.schema)

    return Export(_RESOURCE, batches)


def _nothing(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema=schema)


def _read(caller: Caller) -> pa.Table:
    with caller.store() as store:
        return store.quarantine()


def _shown(caller: Caller, row: dict[str, Any], language: Language) -> dict[str, Any]:
    detail = row["detail"] if caller.unmasked else None
    words = refusal_words(row["reason"], detail, language)
    told = {**row, "file": shown_name(row["file"]), "explanation": words}
    if not caller.unmasked:
        told |= {name: HIDDEN for name in _VALUES if row[name] is not None}
    return told
