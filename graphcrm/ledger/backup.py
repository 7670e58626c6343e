"""Copying the state that lies beside an embedded graph."""

import sqlite3
from contextlib import closing
from pathlib import Path

from graphcrm.errors import StoreError
from graphcrm.ledger.address import Address, state_url
from graphcrm.store import is_server


def back_up_state(graph: str, target: Path) -> Path | None:
    """Copy an embedded graph's state beside the copy `target` of the graph, while it is in use.

    Returns where it is now; None where the graph has none yet. Raises StoreError where it can't be
    written.
    """
    if is_server(graph):
        return None
    source, copy = (Address.parse(state_url(str(url))).path for url in (graph, target))
    if source is None or copy is None or not source.exists():
        return None
    part = copy.with_name(f"{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(part)) as written:
            read.backup(written)
        part.chmod(source.stat().st_mode)
        part.replace(copy)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{copy}: the backup could not be written ({error})") from error
    return copy
