"""Opening the graph that a command works on."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from graphcrm_api.cli.language import text
from graphcrm_api.cli.messages import in_language
from graphcrm_api.cli.output import errors_console, say

if TYPE_CHECKING:
    from graphcrm.graph import Graph
    from graphcrm.settings import Settings
    from graphcrm.store import Unfinished


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
def open_graph(given: str | None, *, warn: bool = True, masks: bool = True) -> "Iterator[Graph]":
    """The graph, for reading. UsageError, which says how to make one, where there is none.

    A person hears of what was not written to its end, unless `warn` is False; and that a service
    masks personal data, unless the command shows none (`masks` False).
    """
    from graphcrm.errors import NoGraphError, StoreError, UsageError
    from graphcrm.graph import graph_in
    from graphcrm.store import graph_title, open_store

    address = graph_url(given)
    ask_password(address)
    try:
        store = open_store(address, must_exist=True)
    except NoGraphError:
        raise UsageError(text("no_graph", graph=address)) from None
    with graph_in(store, warn=False) as graph:
        try:
            if warn:
                _say_unfinished(store.unfinished())
            if warn and masks:
                _say_masked(graph)
            yield graph
        except sqlite3.Error as error:
            raise StoreError(f"{graph_title(address)}: can't be read ({error})") from error


def ask_password(address: str) -> None:
    """Ask a person for the password of a server that wants one, unless the settings have it."""
    from graphcrm.errors import PasswordNeededError
    from graphcrm.store import graph_exists, is_server

    if not is_server(address) or settings().graph_password is not None:
        return
    if settings().graph_password_file is not None or not sys.stdin.isatty():
        return
    try:
        graph_exists(address)
    except PasswordNeededError:
        # the processes that load and make snapshots read it there
        os.environ["GRAPHCRM_GRAPH_PASSWORD"] = typer.prompt(
            text("ask_password", graph=address), hide_input=True, err=True
        )


def _say_unfinished(unfinished: "Unfinished") -> None:
    """Warn that answers may lack something."""
    if unfinished.files:
        listed = text("list_joint").join(unfinished.files)
        say(errors_console(), text("unfinished_load", files=listed), "yellow")
    if unfinished.copy_of:
        say(errors_console(), text("unfinished_copy", graph=unfinished.copy_of), "yellow")
    if unfinished.derived:
        listed = text("list_joint").join(unfinished.derived)
        say(errors_console(), text("unfinished_derived", types=listed), "yellow")
    if unfinished.behind:
        say(errors_console(), text("unfinished_behind", service=unfinished.behind), "yellow")


def _say_masked(graph: "Graph") -> None:
    """Say that a service masks personal data, and how they are seen."""
    from graphcrm.client import Client

    if isinstance(graph, Client) and not graph.unmasked:
        may = "pii" in graph.scopes
        say(errors_console(), text("masked_no_purpose" if may else "masked_role"), "yellow")


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
