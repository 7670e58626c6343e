"""Stands in for `subprocess` where the product starts modules of its own: they are forked instead.

What runs is the same module in a process of its own, with the same streams, folder and environment;
only its imports were done before, by fork_server.py. Tests that start `graphcrm` or the process
that loads themselves do it in the product's own way.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

Stream = int | IO[str] | None


class ForkServer:
    """What the product uses of the module `subprocess`; a context, at whose end the server ends."""

    PIPE = subprocess.PIPE

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket

    def __enter__(self) -> ForkServer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._connection.close()
            self._process.wait()

    def Popen(  # noqa: N802
        self,
        command: list[str],
        *,
        stdin: Stream = subprocess.DEVNULL,
        stdout: Stream,
        stderr: Stream,
        text: bool,
        encoding: str,
    ) -> Forked:
        """Start `python -m module argument …`, asked for in the one way in which the product does.

        Anything else that it asked for would be a TypeError here or fail the assertion.
        """
        assert text
        assert command[:2] == [sys.executable, "-m"]
        asked = {"command": command[2:], "folder": str(Path.cwd()), "environment": {**os.environ}}
        told, tell = os.pipe()
        streams = ((stdin, "w"), (stdout, "r"), (stderr, "r"))
        ends = [_ends(stream, encoding, mode) for stream, mode in streams]
        given = [*(theirs for theirs, _ in ends), tell]
        try:
            with self._turn:
                self._start()
                request = json.dumps(asked).encode()
                socket.send_fds(self._connection, [request], given)
                assert self._connection.recv(1), "fork_server.py has ended"
        finally:
            for descriptor in given:
                os.close(descriptor)
        return Forked(told, *(ours for _, ours in ends))

    def _start(self) -> None:
        if self._process is not None:
            return
        self._connection, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("fork_server.py"), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # no thread survives a fork
            )


def _ends(stream: Stream, encoding: str, mode: str) -> tuple[int, IO[str] | None]:
    """The descriptor to give away, and what is kept if the stream is a pipe."""
    if stream == subprocess.PIPE:
        read, write = os.pipe()
        if mode == "w":
            return read, open(write, "w", encoding=encoding)
        return write, open(read, encoding=encoding)
    if stream == subprocess.DEVNULL:
        return os.open(os.devnull, os.O_RDWR), None
    assert stream is not None
    return os.dup(stream if isinstance(stream, int) else stream.fileno()), None


class Forked:
    """What the product uses of a `subprocess.Popen`."""

    def __init__(
        self, told: int, stdin: IO[str] | None, stdout: IO[str] | None, stderr: IO[str] | None
    ) -> None:
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None
        self._told = os.fdopen(told)
        self._pid = int(self._told.readline())

    def wait(self) -> int:
        if self.returncode is None:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def communicate(self) -> tuple[str, str]:
        """What is left of both outputs; for programs that complain little before they end."""
        out, err = (stream.read() if stream else "" for stream in (self.stdout, self.stderr))
        self.wait()
        return out, err
