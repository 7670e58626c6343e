"""What a caller sees of the graph: only their branches', and personal data masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graphcrm.model import VOCABULARY
from graphcrm.store import Question, Store
from graphcrm.store.paging import Node
from graphcrm_api.http.privacy.limits import Limited, label_of, within
from graphcrm_api.http.privacy.masks import form_of, masked, masked_column, title_of

_INTERNAL = frozenset({"at_line", "path", "load", "file", "name_key", "extra"})
_OPEN = frozenset({"label", "id", "hop", "type", "source", "deleted_on", "at", "replaced_by_load"})


@dataclass(frozen=True)
class Sight:
    """The graph in a store as somebody may see it.

    `branches` None is the whole company; `unmasked` shows personal data as they are.
    """

    store: Store
    branches: Sequence[str] | None
    unmasked: bool

    def visible(self, nodes: Iterable[Node]) -> set[Node]:
        """Those of some nodes that lie in the branches."""
        wanted = list(dict.fromkeys(nodes))
        if self.branches is None or not wanted:
            return set(wanted)
        return self.store.visible(wanted, self.branches)

    def nodes(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Records of nodes, each with its `label`, as they may be shown: what is known of them."""
        shown = [
            {
                name: value
                for name, value in record.items()
                if value is not None and not _is_internal(str(record["label"]), name)
            }
            for record in records
        ]
        if self.unmasked:
            for record, whole in zip(shown, records, strict=True):
                if whole.get("extra"):
                    record["extra"] = whole["extra"]
            return shown
        self._mask(shown, [str(record["label"]) for record in shown])
        return shown

    def edges(self, records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Properties of edges, each with its `type`, as they may be shown."""
        shown = [{k: v for k, v in record.items() if v is not None} for record in records]
        if not self.unmasked:
            self._mask(shown, [str(record["type"]) for record in shown])
        return shown

    def answer(self, question: Question, table: pa.Table) -> Answer:
        """The rows of a question as they may be shown."""
        limited = self.limited(question, table)
        rows = shown_rows(question, limited.table, unmasked=self.unmasked)
        return Answer(rows, limited.outside)

    def limited(self, question: Question, table: pa.Table) -> Limited:
        """What of an answer lies in the branches, personal data unmasked: to be masked later."""
        if self.branches is None:
            return Limited(table, outside=False)
        return within(question, table, self.visible)

    @staticmethod
    def _mask(records: list[dict[str, Any]], types: Sequence[str]) -> None:
        names = dict.fromkeys(name for record in records for name in record)
        for name in names:
            if name not in _OPEN:
                _mask_column(records, name, [_form(type_, name) for type_ in types])


@dataclass(frozen=True)
class Answer:
    """Rows as they may be shown, and whether some lie outside of the branches."""

    rows: list[dict[str, Any]]
    outside: bool


def shown_batch(label: str, batch: pa.RecordBatch, *, unmasked: bool) -> pa.RecordBatch:
    """A batch of nodes of a label as it may be shown."""
    if unmasked:
        return batch
    columns = [
        batch.column(n)
        if (form := _form(label, name)) is None
        else masked_column(form, batch.column(n))
        for n, name in enumerate(batch.schema.names)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def shown_rows(question: Question, table: pa.Table, *, unmasked: bool) -> list[dict[str, Any]]:
    """Rows of a question that lie in the branches (see `Sight.limited`), as they may be shown."""
    rows: list[dict[str, Any]] = table.to_pylist()
    if unmasked:
        return rows
    for column in question.columns:
        if column.of is None or column.of == "company" or column.of.endswith(".id"):
            continue
        _mask_column(rows, column.name, [_form_of_column(column.of, row) for row in rows])
    return rows


def _is_internal(label: str, name: str) -> bool:
    """Whether it says where a record came from; a product has a `line` of its own."""
    return name in _INTERNAL or (name == "line" and label != "Product")


def _mask_column(records: list[dict[str, Any]], name: str, forms: Sequence[str | None]) -> None:
    """Mask one column of records in place, each value in its form."""
    for record, form in zip(records, forms, strict=True):
        if form is not None and record.get(name) is not None:
            record[name] = masked(form, str(record[name]))


def _form(type_: str, name: str) -> str | None:
    return None if name in _OPEN else form_of(type_, name)


def _form_of_column(of: str, row: Mapping[str, Any]) -> str | None:
    if of == "personal":
        return "hidden"
    label, name = label_of(of, row), of.partition(".")[2]
    if label not in VOCABULARY.nodes:
        return "hidden"
    return form_of(label, title_of(label) if name == "title" else name)
