"""Opening the graph that a command works on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphcrm_api.cli.language import text
from graphcrm_api.cli.messages import in_language

if TYPE_CHECKING:
    from graphcrm.graph import Graph
    from graphcrm.settings import Settings


def settings() -> "Settings":
    """What is set once; UsageError where the environment or graphcrm.toml is wrong."""
    from graphcrm.errors import UsageError
    from graphcrm.settings import settings as read

    try:
        return read()
    except ValueError as error:
        raise UsageError(text("wrong_settings", reason=in_language(str(error)))) from error


def graph_url(given: str | None) -> str:
    """The graph's address: the one that was given, else the settings'."""
    return given or settings().graph


@contextmanager
def open_graph(given: str | None) -> "Iterator[Graph]":
    """The graph, for reading. UsageError, which says how to make one, where there is none."""
    from graphcrm.errors import StoreError, UsageError
    from graphcrm.graph import Graph
    from graphcrm.store import open_store, store_path

    address = graph_url(given)
    try:
        store = open_store(address, must_exist=True)
    except StoreError:
        if not graph_exists(address):
            raise UsageError(text("no_graph", graph=address)) from None
        raise
    with Graph(store) as graph:
        try:
            yield graph
        except sqlite3.Error as error:
            raise StoreError(f"{store_path(address)}: can't be read ({error})") from error


def graph_exists(address: str) -> bool:
    """Whether there is a file at a graph's address."""
    from graphcrm.store import store_path

    return store_path(address).exists()


def locate(graph: "Graph", id: str, label: str | None) -> tuple[str, str]:
    """The node that an id means; UnknownNodeError, which says how to find it, where there is none.

    Raises UsageError for a label that the vocabulary does not have.
    """
    from graphcrm.errors import UnknownNodeError, UsageError
    from graphcrm.model import VOCABULARY

    wanted = {name.lower(): name for name in VOCABULARY.nodes}
    if label is not None and label.lower() not in wanted:
        raise UsageError(text("no_label", label=label, known=", ".join(VOCABULARY.nodes)))
    chosen = wanted[label.lower()] if label else None
    try:
        return graph.locate(id, chosen)
    except UnknownNodeError:
        meant = ", ".join(graph.ids_in_sources(id, chosen))
        words = text("no_node_but", id=id, meant=meant) if meant else text("no_node", id=id)
        raise UnknownNodeError(words) from None
