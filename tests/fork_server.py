"""A process that has imported all that a load needs, and starts each load by forking itself.

Importing and preparing take a second, more than most of the tests' loads. forked.py speaks to it: a
request is a JSON object and the descriptors of four streams: input, output, errors, and one on
which go the process's id, as soon as it runs, and its exit code, negative where a signal ended it.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import socket
import sys
import tempfile
import traceback
from typing import Any

import pyarrow as pa

from graphcrm import standards

IMPORTED = (
    "graphcrm_loaders.worker", "graphcrm_loaders.database", "graphcrm.store.sqlite.snapshot",
    "graphcrm.store.sqlite.keeper", "graphcrm.store.writing.writer",
    "adbc_driver_postgresql.dbapi", "pg8000",
)  # fmt: skip


def serve(connection: socket.socket) -> None:
    """Fork for each request until the connection is closed."""
    running = 0
    while True:
        request, streams, _, _ = socket.recv_fds(connection, 1 << 20, 4)
        if not request:
            return
        if os.fork() == 0:
            connection.close()
            os._exit(_watch(json.loads(request), streams))
        for stream in streams:
            os.close(stream)
        connection.send(b".")
        running += 1
        while running and os.waitpid(-1, os.WNOHANG) != (0, 0):
            running -= 1


def _watch(asked: dict[str, Any], streams: list[int]) -> int:
    """Run the module in a process, tell its id and then how it ended."""
    told = streams.pop()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        os._exit(_become(asked, streams))
    for stream in streams:
        os.close(stream)
    os.write(told, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(told, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    return 0


def _become(asked: dict[str, Any], streams: list[int]) -> int:
    """Be what `python -m module argument …` would be; returns the exit code."""
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
        os.close(stream)
    module, *arguments = asked["command"]
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    tempfile.tempdir = None
    sys.argv[1:] = arguments
    code: object = 0
    try:
        sys.modules.pop(module)  # so that it is executed as if it were the first time
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0


def _prepare() -> None:
    """Import, and let the standards make the tables that each process makes once."""
    for name in IMPORTED:
        with contextlib.suppress(ImportError):  # a load will tell of it, if it needs it
            importlib.import_module(name)
    for standardise, text in (
        (standards.standardise_person_names, "王丽"),
        (standards.standardise_organisation_names, "上海平安有限公司"),
        (standards.standardise_organisation_names, "Acme Trading Co., Ltd."),
        (standards.standardise_addresses, "上海市浦东新区世纪大道1号"),
        (standards.standardise_phones, "+86 10 65551234"),
        (standards.standardise_resident_ids, "11010519491231002X"),
    ):
        standardise(pa.array([text]))
    gc.freeze()


if __name__ == "__main__":
    _prepare()
    serve(socket.socket(fileno=int(sys.argv[1])))
    os._exit(0)  # what was frozen would be reported as leaked
