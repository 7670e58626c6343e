"""Reading ahead of who takes what is read: what they lack yet waits in a temporary file."""

import os
import tempfile
import threading
from collections import deque
from collections.abc import Generator
from contextlib import closing

import pyarrow as pa

Batches = Generator[pa.RecordBatch, None, None]

_IN_MEMORY = 8 << 20
"""Bytes; more than that goes to the disk."""

_PACKED = pa.ipc.IpcWriteOptions(compression="lz4")


def ahead(batches: Batches) -> Batches:
    """The batches, which a thread reads as fast as it goes, however slowly they are taken.

    Use it where reading keeps others waiting. What is raised while reading is raised behind the
    batches that were read. When it is closed, reading ends with the batch at hand.
    """
    with closing(_Spool(batches)) as spool:
        while (batch := spool.next()) is not None:
            yield batch


class _Spool:
    """A thread that reads, and the file between it and who takes; the file has no name."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches
        self._file = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - see `close`
        self._changed = threading.Condition()
        self._places: deque[tuple[int, int]] = deque()
        self._error: BaseException | None = None
        self._over = self._unwanted = False
        self._thread = threading.Thread(target=self._read, name="reading ahead", daemon=True)
        self._thread.start()

    def next(self) -> pa.RecordBatch | None:
        """The batch that was read first and is not taken yet; None at the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._places or self._over)
            if self._places:
                at, size = self._places.popleft()
                self._file.seek(at)
                return _unpacked(self._file.read(size))
        if self._error is not None:
            raise self._error
        return None

    def close(self) -> None:
        """End reading, and let the file go."""
        self._unwanted = True
        self._thread.join()
        self._file.close()

    def _read(self) -> None:
        try:
            with closing(self._batches):
                for batch in self._batches:
                    self._keep(_packed(batch))
                    if self._unwanted:
                        break
        except BaseException as error:
            self._error = error
        finally:
            with self._changed:
                self._over = True
                self._changed.notify()

    def _keep(self, data: pa.Buffer) -> None:
        with self._changed:
            self._places.append((self._file.seek(0, os.SEEK_END), data.size))
            self._file.write(data)
            self._changed.notify()


def _packed(batch: pa.RecordBatch) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=_PACKED) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def _unpacked(data: bytes) -> pa.RecordBatch:
    return pa.ipc.open_stream(data).read_next_batch()
