"""Addresses of graphs on servers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from graphcrm import StoreError, UsageError, connect
from graphcrm.store import graph_exists, is_server, open_store
from graphcrm.store.neo4j.address import Address
from graphcrm.store.neo4j.searching import fits, full_text_query
from graphcrm.store.sought import Sought

RIGHT = {
    "bolt://neo4j@localhost:7687/book": ("bolt://localhost:7687", "neo4j", "book"),
    "bolt://localhost": ("bolt://localhost:7687", "neo4j", None),
    "neo4j+s://a.lee%40corp@db.example:17/graph.db": (
        "neo4j+s://db.example:17", "a.lee@corp", "graph.db",
    ),
    "bolt+ssc://[::1]:7688/": ("bolt+ssc://[::1]:7688", "neo4j", None),
    "bolt://张三@主机/图": ("bolt://主机:7687", "张三", "图"),
}  # fmt: skip


@pytest.mark.parametrize("url", RIGHT)
def test_what_an_address_means(url: str) -> None:
    address = Address.parse(url)
    assert (address.uri, address.user, address.database) == RIGHT[url]
    assert Address.parse(address.url) == address


@pytest.mark.parametrize(
    "url",
    ["bolt://", "bolt://host:port/x", "bolt://host:99999", "http://host", "bolt://host/a/b",
     "bolt://host/a?x=1", "bolt://host/#x", "bolt:///book"],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(UsageError, match="write bolt://user@host:7687/database"):
        Address.parse(url)


@pytest.mark.parametrize("password", ["secret", "p%40ss%2Fword", ""])
def test_a_password_does_not_belong_into_an_address(password: str) -> None:
    with pytest.raises(UsageError, match="does not belong into an address") as told:
        open_store(f"bolt://neo4j:{password}@localhost/book")
    assert not password or password not in str(told.value)


def test_a_path_is_no_server() -> None:
    assert not any(map(is_server, ["insurer.graph", "sqlite:///a.graph", "bolt", "x/bolt://y"]))
    assert not graph_exists("no/such.graph")


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("王丽", '"王 丽"'),
        ("wang li", "wang* AND li*"),
        ("李 139", '"李" AND 139*'),
        ("Müller", "((muller*) OR (mueller*))"),
        ("a.lee@corp.cn", "a AND lee AND corp AND cn*"),
        ("  +*?  ", None),
    ],
)
def test_what_the_full_text_index_is_asked(text: str, query: str | None) -> None:
    assert full_text_query(Sought.of(text)) == query


def test_the_parts_of_a_word_stand_side_by_side() -> None:
    assert fits(Sought.of("lee@corp"), "lee@corp.cn \x01 lee corp cn")
    assert not fits(Sought.of("lee@corp"), "lee@home.cn corp \x01 lee home cn corp")
    assert fits(Sought.of("wang li"), "li wang")


@pytest.fixture(params=["refuses", "is silent"])
def nobody(request: pytest.FixtureRequest) -> Iterator[int]:
    """A port where no server answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if request.param == "is silent":
            listening.listen(1)
        yield listening.getsockname()[1]


@pytest.mark.parametrize("scheme", ["bolt", "neo4j"])
def test_a_server_that_is_not_there_is_told_of_soon(nobody: int, scheme: str) -> None:
    began = time.monotonic()
    with pytest.raises(StoreError, match="can't be reached"):
        connect(f"{scheme}://127.0.0.1:{nobody}")
    assert time.monotonic() - began < 20  # the driver would go on for half a minute and more
