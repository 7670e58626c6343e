"""Whole lists as files: CSV, Arrow or Parquet, as the header Accept asks, sent as they are read."""

from __future__ import annotations

import io
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import anyio
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from graphcrm.export import csv_header, csv_lines
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
CSV = "text/csv"
JSON = "application/json"
_ENDINGS = {CSV: "csv", ARROW: "arrows", PARQUET: "parquet"}
_ROW_GROUP = 100_000

_FORMS = {form: {"schema": {"type": "string", "format": "binary"}} for form in _ENDINGS}


def page_or_file_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What `page_or_file` answers with, as OpenAPI describes it."""
    return {200: {"content": _FORMS}, **problems(406, *statuses)}


def page_or_file(
    request: Request,
    caller: Caller,
    name: str,
    *,
    page: Callable[[], dict[str, Any]],
    whole: Callable[[], Export],
) -> Response:
    """A page as JSON; or where Accept asks for it, the whole list (scope `export:read`)."""
    form = wanted_form(request)
    if form == JSON:
        return answer(request, page())
    caller.require("export:read")
    return exported(caller, whole(), form, name)


def wanted_form(request: Request) -> str:
    """The media type that is asked for: that of a page, or of an export. Problem for another."""
    accepted = request.headers.get("Accept", "*/*").lower()
    listed = [part.partition(";")[0].strip() for part in accepted.split(",")]
    for form in listed:
        if form in _ENDINGS or form == JSON:
            return form
    if {"*/*", "application/*"} & set(listed):
        return JSON
    raise Problem("not-acceptable", f"this comes as {', '.join((JSON, *_ENDINGS))}")


@dataclass(frozen=True)
class Export:
    """A whole list to be sent: what the audit log calls it and says of it, and how it is read.

    `batches` begins to read; there must be a first batch.
    """

    resource: str
    batches: Callable[[], Generator[pa.RecordBatch]]
    detail: dict[str, Any] = field(default_factory=dict)


def exported(caller: Caller, export: Export, form: str, name: str) -> StreamingResponse:
    """A list as a file of a form, as far as the settings let it be; else the answer is broken off.

    What is sent is never silently less than what there is: an answer that is broken off lacks its
    end, and clients tell it from a whole one. The reading is ended with the answer, also where the
    client goes away. The audit log has it when it begins, before a byte is sent, and when it ends.
    Problem where too many exports are running.
    """
    sending = _Sending()
    with ExitStack() as reading:
        places = caller.backend.exports
        reading.enter_context(places.place(caller.subject.name, export.resource))
        reading.callback(_note_end, caller, export.resource, sending)
        batches = export.batches()
        limited = _limited(caller, batches, sending)
        sent = _WRITERS[form](limited)
        for source in (batches, limited, sent):
            reading.callback(source.close)
        first = next(sent)  # what is wrong with the list is answered as a problem, not mid-stream
        caller.note("export", export.resource, **export.detail, unmasked=caller.unmasked)
        sending.begun = True

        def parts() -> Iterator[bytes]:
            yield first
            yield from sent

        disposition = f'attachment; filename="{name}.{_ENDINGS[form]}"'
        headers = {"Content-Disposition": disposition}
        return _Export(parts(), reading.pop_all(), sending, form, headers)


@dataclass
class _Sending:
    """How far an export is: `rows` were read for it, of which at most the last are not sent."""

    rows: int = 0
    begun: bool = False
    whole: bool = False


def _note_end(caller: Caller, resource: str, sending: _Sending) -> None:
    if sending.begun:
        caller.note("export ended", resource, rows=sending.rows, complete=sending.whole)


class _Export(StreamingResponse):
    """An answer that ends what it is read from, when it is sent or can't be."""

    def __init__(
        self,
        parts: Iterator[bytes],
        reading: ExitStack,
        sending: _Sending,
        form: str,
        headers: dict[str, str],
    ) -> None:
        super().__init__(parts, media_type=form, headers=headers)
        self._reading, self._sending = reading, sending
        self._gone = False

    async def stream_response(self, send: Send) -> None:
        """Send all of it, and take note that it was taken."""
        await super().stream_response(send)
        self._sending.whole = not self._gone  # to whom has gone, sending does nothing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await receive()
            self._gone = self._gone or message["type"] == "http.disconnect"
            return message

        try:
            await super().__call__(scope, hear, send)
        finally:
            with anyio.CancelScope(shield=True):  # who goes away cancels it
                await run_in_threadpool(self._reading.close)


def _limited(
    caller: Caller, batches: Iterator[pa.RecordBatch], sending: _Sending
) -> Generator[pa.RecordBatch]:
    """The batches, as long as the caller may have them, and there are not too many rows."""
    most = caller.backend.settings.export_limit
    for batch in batches:
        if not caller.backend.stands(caller.subject):
            raise Problem("unauthenticated", "the key or token is not valid any more")
        if sending.rows + batch.num_rows > most:
            raise Problem("invalid", f"an export has at most {most} rows; ask for fewer")
        sending.rows += batch.num_rows
        yield batch


def _csv(batches: Iterator[pa.RecordBatch]) -> Generator[bytes]:
    first = next(batches)
    head = csv_header(first.schema.names)
    yield head + bytes(csv_lines(first)) if first.num_rows else head
    for batch in batches:
        if batch.num_rows:
            yield bytes(csv_lines(batch))


def _arrow(batches: Iterator[pa.RecordBatch]) -> Generator[bytes]:
    first = next(batches)
    drain = _Drain()
    with pa.ipc.new_stream(drain, first.schema) as writer:
        writer.write_batch(first)
        yield drain.taken()
        for batch in batches:
            writer.write_batch(batch)
            yield drain.taken()
    yield drain.taken()


def _parquet(batches: Iterator[pa.RecordBatch]) -> Generator[bytes]:
    """Row groups of many rows: small ones make a file that is large and slow to read."""
    first = next(batches)
    drain = _Drain()
    with pq.ParquetWriter(drain, first.schema, compression="zstd") as writer:
        yield drain.taken()
        held, rows = [first], first.num_rows
        for batch in batches:
            if rows >= _ROW_GROUP:
                writer.write_table(pa.Table.from_batches(held))
                yield drain.taken()
                held, rows = [], 0
            held.append(batch)
            rows += batch.num_rows
        writer.write_table(pa.Table.from_batches(held, first.schema))
    yield drain.taken()


_WRITERS: dict[str, Callable[[Iterator[pa.RecordBatch]], Generator[bytes]]] = {
    CSV: _csv,
    ARROW: _arrow,
    PARQUET: _parquet,
}


class _Drain(io.RawIOBase):
    """A file that only grows, and whose beginning is taken away as it is sent."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        part = bytes(memoryview(data))  # type: ignore[arg-type]
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        """What was written since it was asked last."""
        parts, self._parts = self._parts, []
        return b"".join(parts)
