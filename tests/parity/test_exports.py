"""An export from a server keeps writers out while it reads, not until it is taken."""

from __future__ import annotations

import pyarrow as pa
import pytest

from graphcrm.errors import StoreError
from graphcrm.store.neo4j.ahead import Batches, ahead
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.lock import writing
from graphcrm.store.neo4j.paging import scan_nodes
from graphcrm.store.paging import columns_of
from tests.parity.stores import Pair


def _nobody(who: str) -> None:
    pytest.fail(f"waits for {who}")


def test_a_slow_taker_holds_up_no_writer(pair: Pair) -> None:
    pair.load(persons="id,name\n" + "\n".join(f"P{n:03},王{n}" for n in range(100)))
    server: Server = pair.neo4j.store._server  # type: ignore[attr-defined]
    columns = columns_of("Person", ["id"])

    def scan() -> Batches:
        return scan_nodes(server, "Person", columns, (), None, 10, patience=0.1)

    slow = scan()
    begun = next(slow)["id"].to_pylist()
    with writing(server, "a load", _nobody):
        with pytest.raises(StoreError, match="is being written by another process; try again"):
            next(scan())
        rest = [id_ for batch in slow for id_ in batch["id"].to_pylist()]
    assert begun + rest == [f"P{n:03}" for n in range(100)]
    broken = scan()
    next(broken)
    broken.close()
    with writing(server, "a load", _nobody):
        pass


def test_what_is_read_ahead_comes_whole_and_errors_come_behind_it() -> None:
    rows = [pa.record_batch({"id": [f"{n}" * 1_000 for _ in range(2_000)]}) for n in range(9)]

    def read() -> Batches:
        try:
            yield from rows
            raise StoreError("gone")
        finally:
            ended.append(True)

    ended: list[bool] = []
    taken, found = ahead(read()), list[pa.RecordBatch]()
    with pytest.raises(StoreError, match="gone"):
        found.extend(taken)
    assert (found, ended) == (rows, [True])
    early = ahead(read())
    assert next(early) == rows[0]
    early.close()
    assert len(ended) == 2
