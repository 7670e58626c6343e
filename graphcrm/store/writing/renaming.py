"""Asking before a load renames many known ids: two systems may use the same ones."""

import duckdb

from graphcrm.duck import number
from graphcrm.errors import ConfirmationNeeded
from graphcrm.model import NodeType
from graphcrm.store.writing.keeper import Keeper

_SHARE = 20
"""More than one known id in so many is too many (5 %)."""

_LEAST = 3
"""So many at least: one name or two are corrected, not mixed up with another system's."""


def foresee_renaming(keeper: Keeper, node: NodeType, rows: str) -> None:
    """Look at rows (SQL for `graph_id` and `name`) before anything of a load is written.

    Raises ConfirmationNeeded where they would rename too many known ids.
    """
    work, keys = keeper.work, keeper.keys
    if keys.count(node.label) == 0:
        return
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE foreseen AS SELECT i.key, r.name FROM ({rows}) r "
        f"JOIN {keys.table(node.label)} i ON i.id = r.graph_id"
    )
    if not number(work, "SELECT count(*) FROM foreseen"):
        return
    keeper.fetch_nodes(node, "named", {"name": "VARCHAR"}, "SELECT key FROM foreseen")
    ask_before_renaming(
        work,
        "SELECT n.key, n.name AS before, f.name AS after FROM foreseen f JOIN named n "
        "ON n.key = f.key WHERE f.name IS DISTINCT FROM n.name",
        number(work, "SELECT count(*) FROM foreseen"),
    )


def ask_before_renaming(work: duckdb.DuckDBPyConnection, renamed: str, known: int) -> None:
    """Raise ConfirmationNeeded where `renamed` (SQL for key, before, after) are too many."""
    count = number(work, f"SELECT count(*) FROM ({renamed})")
    if count < _LEAST or count * _SHARE <= known:
        return
    before, after = work.execute(
        f"SELECT before, after FROM ({renamed}) ORDER BY key LIMIT 1"
    ).fetchall()[0]
    raise ConfirmationNeeded(
        f"{count:,} of {known:,} known ids would get another name (for example {before!r} would "
        f"become {after!r}): do two systems use the same ids? Name the system with --source, or "
        "confirm with --yes."
    )
