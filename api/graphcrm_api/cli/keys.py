"""`graphcrm keys`: the API keys by which programs are known to the service."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command, limited, say_hidden
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit, day
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.recorded import open_recorded, open_state

if TYPE_CHECKING:
    from graphcrm.ledger.keys import Key


def create(
    name: Annotated[str, typer.Option("--name", metavar="NAME")],
    role: Annotated[list[str], typer.Option("--role", metavar="ROLE")],
    branch: Annotated[list[str] | None, typer.Option("--branch", metavar="ID")] = None,
    expires: Annotated[
        dt.date | None, typer.Option("--expires", parser=day, metavar="DATE")
    ] = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Make a key, and show it once."""
    from graphcrm.ledger import audit, keys
    from graphcrm.store.lock import current_user

    output, user = Output(as_json=as_json), current_user()
    with open_state(graph) as state:
        if branch:
            with open_graph(graph, warn=False) as opened:
                opened.store.branches_below(branch)  # a key for no branch would open nothing
        with state.writing() as connection:
            key, secret = keys.create(
                connection,
                name=name,
                roles=role,
                branches=branch or None,
                expires_on=expires,
                by=user,
            )
            audit.append(
                connection,
                who=user,
                via="cli",
                action="keys.create",
                resource=f"key/{key.prefix}",
                outcome="done",
                detail={"name": key.name, "roles": key.roles, "branches": key.branches},
            )
    if as_json:
        output.data({"key": secret, **_shown(key)})
        return
    output.answer(text("key_made", name=key.name))
    output.line()
    output.console.print(secret, soft_wrap=True)
    output.line()
    output.line(text("key_once"))
    if key.branches is None:
        output.warning(text("key_whole_company"))
    if key.expires_on is None:
        output.warning(text("key_never_expires"))
    output.next(command(f"keys revoke {key.prefix}", graph))


def list_all(
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List the keys."""
    from graphcrm.ledger import keys

    output = Output(as_json=as_json)
    found: list[Key] = []
    with open_recorded(graph) as (state, _):
        if state is not None:
            with state.reading() as connection:
                found = keys.list_keys(connection)
    if as_json:
        output.data([_shown(key) for key in limited(found, limit, 0)])
        return
    today = dt.datetime.now(dt.UTC).date()
    opening = sum(key.opens(today) for key in found)
    output.answer(text("keys_counted", opening=opening, all=len(found)))
    if found:
        output.line()
        shown = limited(found, limit)
        columns = [
            Column(text("col_prefix"), whole=True),
            Column(text("col_name")),
            Column(text("col_state")),
            Column(text("col_roles")),
            Column(text("col_branches")),
            Column(text("col_expires"), whole=True),
            Column(text("col_last_used"), whole=True, spare=True),
        ]
        output.table(columns, [_row(key, today) for key in shown])
        say_hidden(output, len(shown), len(found), "--limit N")
    output.next(command("keys create --name NAME --role reader", graph))


def revoke(
    prefix: Annotated[str, typer.Argument(metavar="PREFIX")],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Let a key open nothing any more."""
    from graphcrm.ledger import audit, keys
    from graphcrm.store.lock import current_user

    output, user = Output(as_json=as_json), current_user()
    meant = prefix.removeprefix("gcrm_")[:8]  # of a key that was pasted whole, all else is secret
    with open_state(graph) as state, state.writing() as connection:
        before = keys.get(connection, meant)
        key = keys.revoke(connection, meant, user)
        if before is not None and before.revoked_at is None:
            audit.append(
                connection,
                who=user,
                via="cli",
                action="keys.revoke",
                resource=f"key/{key.prefix}",
                outcome="done",
                detail={"name": key.name},
            )
    if as_json:
        output.data(_shown(key))
        return
    output.answer(text("key_revoked", name=key.name, prefix=key.prefix))
    output.next(command("keys list", graph))


def _row(key: "Key", today: dt.date) -> tuple[Any, ...]:
    if key.revoked_at is not None:
        state = "state_revoked"
    else:
        state = "state_valid" if key.opens(today) else "state_expired"
    joint = text("list_joint")
    return (
        key.prefix,
        key.name,
        text(state),
        joint.join(key.roles),
        text("whole_company") if key.branches is None else joint.join(key.branches),
        key.expires_on or text("without_end"),
        key.used_at.date() if key.used_at else text("never"),
    )


def _shown(key: "Key") -> dict[str, Any]:
    return {
        "prefix": key.prefix,
        "name": key.name,
        "roles": key.roles,
        "branches": key.branches,
        "expires_on": key.expires_on,
        "created_at": key.created_at,
        "created_by": key.created_by,
        "used_at": key.used_at,
        "revoked_at": key.revoked_at,
        "revoked_by": key.revoked_by,
    }
