"""`graphcrm query`: any named question."""

from typing import Annotated

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.lists import OUT, command, limited, say_hidden, write_file
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit, OutFile
from graphcrm_api.cli.output import Output


def query(
    name: Annotated[str | None, typer.Argument(metavar="NAME")] = None,
    param: Annotated[list[str] | None, typer.Option("--param", metavar="KEY=VALUE")] = None,
    list_questions: Annotated[bool, typer.Option("--list")] = False,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Ask a named question."""
    from graphcrm.errors import UsageError

    output = Output(as_json=as_json)
    if list_questions:
        _list(output)
        return
    if name is None:
        raise UsageError(text("query_which"))
    given = _parameters(param or [])
    with open_graph(graph) as opened:
        table = opened.query(name, **given)
    if out:
        write_file(output, table, out)
        return
    rows = table.to_pylist()
    if as_json:
        output.data(limited(rows, limit, 0))
        return
    shown = limited(rows, limit)
    output.answer(text("query_answer", rows=count(len(rows)), name=name))
    output.line()
    numeric = {f.name for f in table.schema if str(f.type) in ("int64", "double")}
    columns = [
        Column(n, whole=n == "id" or n.endswith("_id"), number=n in numeric, spare=place > 0)
        for place, n in enumerate(table.column_names)
    ]
    lines = [[_value(v) for v in row.values()] for row in shown]
    complete = output.table(columns, lines, OUT)
    say_hidden(output, len(shown), len(rows))
    if not complete or len(shown) < len(rows):
        asked = "".join(f" --param {entry}" for entry in param or [])
        output.next(command(f"query {name}{asked} --out {name}.csv", graph))


def _value(value: object) -> object:
    return f"{value:,.2f}" if isinstance(value, float) else value


def _parameters(given: list[str]) -> dict[str, str]:
    from graphcrm.errors import UsageError

    found = {}
    for entry in given:
        key, equals, value = entry.partition("=")
        if not equals or not key:
            raise UsageError(text("not_a_parameter", given=entry))
        found[key] = value
    return found


def _list(output: Output) -> None:
    """The questions there are, with their parameters; no graph is needed for that."""
    from graphcrm.store import questions

    known = [q for _, q in sorted(questions().items()) if q.public]
    if output.as_json:
        output.data(
            [
                {
                    "name": q.name,
                    "topic": q.topic,
                    "purpose": q.purpose,
                    "purpose_zh": q.purpose_zh,
                    "parameters": [vars(p) for p in q.parameters],
                    "columns": [vars(c) for c in q.columns],
                }
                for q in known
            ]
        )
        return
    output.answer(text("query_there_are", number=count(len(known))))
    output.line()
    columns = [Column(text("col_question"), whole=True), Column(text("col_asks"), wraps=True)]
    rows = []
    for question in known:
        purpose = question.purpose_zh if language() == "zh" else question.purpose
        taken = ", ".join(
            p.name if p.default is None else f"{p.name}={p.default}" for p in question.parameters
        )
        rows.append((question.name, purpose + (f" [{taken}]" if taken else "")))
    output.table(columns, rows)
    output.next("graphcrm query orphan_policies --param as_of=2026-06-30")
