"""`graphcrm audit`: who did or looked at what, and whether the record of it is whole."""

import datetime as dt
import heapq
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import SHOWN, command
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit, day
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working
from graphcrm_api.cli.recorded import open_recorded

if TYPE_CHECKING:
    from graphcrm.ledger import Verification
    from graphcrm.ledger.audit import AuditEntry
    from graphcrm.ledger.decisions import Decision

_ALL = 2**53


def list_entries(
    since: Annotated[dt.date | None, typer.Option("--since", parser=day, metavar="DATE")] = None,
    who: Annotated[str | None, typer.Option("--who", metavar="WHO")] = None,
    action: Annotated[str | None, typer.Option("--action", metavar="ACTION")] = None,
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List entries of the audit log and decisions, newest first."""
    from graphcrm.ledger import audit, decisions

    output = Output(as_json=as_json)
    most = limit if limit else SHOWN if limit is None and not as_json else _ALL
    begin = None if since is None else dt.datetime.combine(since, dt.time(), dt.UTC)
    logged: list[dict[str, Any]] = []
    decided: list[dict[str, Any]] = []
    with open_recorded(graph) as (state, ledger):
        if state is not None:
            with state.reading() as connection:
                entries = audit.page(
                    connection, limit=most + 1, who=who, action=action, since=begin
                )
            logged = [_entry(entry) for entry in entries]
        if ledger is not None:
            with ledger.reading() as connection:
                found = decisions.page(connection, limit=most + 1, by=who, kind=action, since=begin)
            decided = [_decision(decision) for decision in found]
    rows = list(heapq.merge(logged, decided, key=lambda row: row["at"], reverse=True))
    if as_json:
        output.data(rows[:most])
        return
    if not rows:
        output.answer(text("audit_none"))
        return
    output.answer(text("audit_shown", rows=count(min(most, len(rows)))))
    output.line()
    _table(output, rows[:most])
    if len(rows) > most:
        output.line(text("audit_more"), "dim")
    output.next(command("audit verify", graph))


def verify(
    head: Annotated[list[str] | None, typer.Option("--head", metavar="HASH")] = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Check the audit log and the decisions."""
    from graphcrm.ledger import checking

    output = Output(as_json=as_json)
    with open_recorded(graph) as (state, ledger), working(text("audit_checking")):
        found = checking.check(state, ledger, head or ())
    if as_json:
        output.data(found.told())
    else:
        _say(output, found.chains, found.lost, graph)
    if not found.whole:
        raise typer.Exit(1)


def _say(
    output: Output, checked: "dict[str, Verification]", lost: list[str], graph: str | None
) -> None:
    if lost:
        output.answer(text("audit_head_lost"))
        for hash in lost:
            output.line(f"  {hash}")
    broken = {name: found for name, found in checked.items() if found.broken is not None}
    for name, found in broken.items():
        chain = text(f"state_chain_{name}")
        output.answer(text("audit_broken", chain=chain, seq=count(found.broken or 0)))
    if not checked:
        output.answer(text("audit_none"))
        return
    if not lost and not broken:
        output.answer(text("audit_whole"))
    output.line()
    columns = [Column(text("col_chain")), Column(text("col_whole_entries"), number=True)]
    output.table(
        columns, [(text(f"state_chain_{n}"), count(f.entries)) for n, f in checked.items()]
    )
    if not lost and not broken:
        output.line()
        output.line(text("audit_note_heads"))
        noted = " ".join(f"--head {found.head}" for found in checked.values() if found.entries)
        output.next(command(f"audit verify {noted}".strip(), graph))


def _table(output: Output, rows: list[dict[str, Any]]) -> None:
    columns = [
        Column(text("col_time_utc"), whole=True),
        Column(text("col_who")),
        Column(text("col_action")),
        Column(text("col_resource")),
        Column(text("col_outcome")),
        Column(text("col_via"), spare=True),
        Column(text("col_purpose"), spare=True),
    ]
    output.table(
        columns,
        [
            (
                f"{row['at']:%Y-%m-%d %H:%M:%S}",
                row["who"],
                row["action"],
                row["resource"],
                text(f"state_{row['outcome']}"),
                row["via"],
                row["purpose"],
            )
            for row in rows
        ],
    )


def _entry(entry: "AuditEntry") -> dict[str, Any]:
    return {
        "chain": "audit",
        "seq": entry.seq,
        "at": entry.at,
        "who": entry.who,
        "via": entry.via,
        "action": entry.action,
        "resource": entry.resource,
        "outcome": entry.outcome,
        "purpose": entry.purpose,
        "detail": entry.detail,
        "request_id": entry.request_id,
    }


def _decision(decision: "Decision") -> dict[str, Any]:
    about = decision.subject
    return {
        "chain": "decisions",
        "seq": decision.seq,
        "at": decision.at,
        "who": decision.by,
        "via": None,
        "action": decision.kind,
        "resource": f"{about['label']}/{about['id']}" if about else f"decision/{decision.id}",
        "outcome": "decided",
        "purpose": decision.reason,
        "detail": decision.payload,
        "request_id": decision.request_id,
    }
