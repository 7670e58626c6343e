"""Lists of a service: whole ones as Arrow, in pieces, or page by page as JSON."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from graphcrm.errors import GraphCRMError, UnknownNodeError
from graphcrm.store.remote.connection import Service
from graphcrm.store.remote.problems import broken_off

ARROW = "application/vnd.apache.arrow.stream"

_PAGE = 500
_BUFFER = 1 << 16


def batches(
    service: Service,
    path: str,
    params: Mapping[str, Any],
    absent: type[GraphCRMError] = UnknownNodeError,
) -> Iterator[pa.RecordBatch]:
    """A whole list as it comes; StoreError where it breaks off."""
    with service.pieces(path, params, ARROW, absent) as pieces:
        try:
            file = io.BufferedReader(_Pieces(pieces), _BUFFER)
            with pa.ipc.open_stream(pa.PythonFile(file, mode="r")) as reader:
                yield from reader
        except (pa.ArrowException, OSError) as error:
            raise broken_off(service.url, error) from error


def rows(
    service: Service,
    path: str,
    params: Mapping[str, Any],
    absent: type[GraphCRMError] = UnknownNodeError,
) -> Iterator[dict[str, Any]]:
    """A list page by page, to its end."""
    cursor: str | None = None
    while True:
        page = service.get(path, {**params, "limit": _PAGE, "cursor": cursor}, absent)
        yield from page["items"]
        cursor = page["next"]
        if cursor is None:
            return


class _Pieces(io.RawIOBase):
    """What comes in pieces as a file that is read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken
