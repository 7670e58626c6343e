"""From the address of a graph to its store."""

from contextlib import closing
from pathlib import Path

import duckdb

from graphcrm.errors import NoGraphError, StoreError, UsageError
from graphcrm.store.contract import LoadPlan, LoadWriter, Say, Store
from graphcrm.store.lock import is_writing, may_write, require_plain
from graphcrm.store.neo4j.address import Address, is_server
from graphcrm.store.remote.address import ServiceAddress, is_service
from graphcrm.store.writing.keeper import Keeper

_SCHEME = "sqlite:///"
_BESIDE = ("", "-wal", "-shm", ".lock", ".writer", ".snapshot", ".compared")
"""The endings of a graph file and of what lies beside it."""


def store_path(url: str) -> Path:
    """The file of an address: `sqlite:///folder/insurer.graph`, or the bare path.

    Raises UsageError for an address of another kind.
    """
    if url.startswith(_SCHEME):
        return Path(url[len(_SCHEME) :]).expanduser()
    require_own(url)
    if "://" in url:
        scheme = url.split("://", 1)[0]
        raise UsageError(
            f"{url}: graphs of the kind {scheme}:// are not known here; "
            "use a path, sqlite:///path, bolt://user@host:7687/database or https://host:port"
        )
    return Path(url).expanduser()


def require_own(url: str) -> None:
    """UsageError for the address of a service: what is done there needs the graph itself."""
    if is_service(url):
        raise UsageError(
            f"{_title(url)}: this works on the graph's own address only, on the service's machine"
        )


def open_store(url: str, *, must_exist: bool = False) -> Store:
    """Open a graph; it is made if it isn't there, unless it `must_exist`. Raises StoreError."""
    if is_service(url):
        from graphcrm.store.remote.store import RemoteStore

        return RemoteStore(url)
    if is_server(url):
        from graphcrm.store.neo4j.store import Neo4jStore

        return Neo4jStore(Address.parse(url), must_exist=must_exist)
    from graphcrm.store.sqlite.store import SqliteStore

    path = store_path(url)
    if must_exist and not path.exists():
        raise NoGraphError(f"{path}: there is no graph here yet; `graphcrm load` makes one")
    if not path.parent.exists():
        raise StoreError(f"{path}: the folder {path.parent} does not exist")
    there = path.exists()
    if not there:
        require_plain(path)
    if not there and not may_write(path.absolute()):
        raise StoreError(f"{path}: can't be made, because its folder can't be written")
    try:
        return SqliteStore(path)
    except StoreError:
        if not there and not is_writing(path):
            _remove(path)
        raise


def graph_exists(url: str) -> bool:
    """Whether there is a graph at an address, or at least a file. Raises StoreError."""
    if is_service(url):
        return True
    if not is_server(url):
        return store_path(url).exists()
    try:
        open_store(url, must_exist=True).close()
    except NoGraphError:
        return False
    return True


def graph_title(url: str) -> str:
    """How messages call the graph at an address."""
    if is_service(url):
        return _title(url)
    return url if is_server(url) else str(store_path(url))


def _title(url: str) -> str:
    """The address of a service without what doesn't belong into it."""
    return ServiceAddress.parse(url, plain=True).url


def full_address(url: str) -> str:
    """An address that means the same in every folder."""
    away = is_server(url) or is_service(url)
    return url if away else str(store_path(url).absolute())


def remove_if_empty(url: str) -> None:
    """Remove a graph file that holds nothing; use it where the load failed for which it was made.

    Nothing happens where there is none, or while somebody writes to it.
    """
    if is_server(url) or is_service(url):
        return
    path = store_path(url)
    if not path.exists() or is_writing(path):
        return
    with closing(open_store(url, must_exist=True)) as store:
        if not store.status().empty:
            return
    _remove(path)


def _remove(path: Path) -> None:
    for ending in _BESIDE:
        Path(f"{path}{ending}").unlink(missing_ok=True)


def open_keeper(url: str, work: duckdb.DuckDBPyConnection, say: Say) -> Keeper:
    """What reads and writes a graph that exists in bulk; for processes of their own."""
    if is_server(url):
        from graphcrm.store.neo4j.connection import Server
        from graphcrm.store.neo4j.keeper import Neo4jKeeper

        return Neo4jKeeper(Server(Address.parse(url)), work, say)
    from graphcrm.store.sqlite.keeper import SqliteKeeper

    return SqliteKeeper(store_path(url), work, say)


def open_writer(url: str, work: duckdb.DuckDBPyConnection, plan: LoadPlan, say: Say) -> LoadWriter:
    """What writes a load into a graph that exists; for processes of their own."""
    from graphcrm.store.writing.writer import GraphWriter

    return GraphWriter(graph_title(url), open_keeper(url, work, say), plan)
