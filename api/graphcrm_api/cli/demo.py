"""`graphcrm demo`: a made-up insurer, loaded and asked the three questions."""

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.demo_folder import prepare
from graphcrm_api.cli.demo_story import HOPS, MOST, choose
from graphcrm_api.cli.demo_summary import print_demo
from graphcrm_api.cli.explore import draw
from graphcrm_api.cli.language import text
from graphcrm_api.cli.loading import run_load
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working
from graphcrm_api.cli.referrals import loop_lines
from graphcrm_api.cli.sample import make_sample

if TYPE_CHECKING:
    from graphcrm.graph import Graph

_SEED = 1
_TREES = 5


def demo(
    directory: Annotated[Path, typer.Argument(metavar="DIR", file_okay=False)] = Path("demo"),
    customers: Annotated[int, typer.Option(min=100, max=1_000_000, metavar="N")] = 10_000,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Make a made-up insurer, load it, answer the three questions."""
    from graphcrm.errors import StoreError
    from graphcrm.sample.book import AS_OF

    output = Output(as_json=as_json)
    began = monotonic()
    prepare(directory)
    data, graph = directory / "data", directory / "demo.graph"
    make_sample(directory / "data", customers, _SEED)
    report, _ = run_load(str(graph), [str(data)], as_of=AS_OF)
    if report.failed:
        raise StoreError("\n".join(file.error or file.path for file in report.failed))
    with open_graph(str(graph)) as opened:
        found = _answers(opened, data / "truth")
        found |= {"as_of": AS_OF.isoformat(), "data": str(data), "graph": str(graph)}
        story = found["picture"]
        if story:
            story["file"] = str(directory / "demo.html")
            record = opened.node(story["id"], "Person")
            story["name"] = record["name"]
            drawn = draw(
                opened, ("Person", story["id"]), Path(story["file"]), hops=HOPS, limit=MOST
            )
            story["nodes"] = drawn.number_of_nodes()
    found["seconds"] = round(monotonic() - began, 1)
    if as_json:
        output.data(found)
    else:
        print_demo(output, found)


def _answers(graph: "Graph", truth: Path) -> dict[str, Any]:
    """The answers of the three questions, and what the book holds."""
    from graphcrm import duplicates, orphans, referrals
    from graphcrm.duplicates import customers
    from graphcrm.sample.book import AS_OF

    with working(text("demo_asking"), total=4) as bar:
        book = _book(graph)
        bar(text("finding_duplicates"), 1, 4)
        groups = duplicates.find_duplicates(graph.store)
        measured = duplicates.evaluate(groups, truth)
        finding = customers.find_customers(graph.store)
        pairs = customers.evaluate_customers(graph.store, truth)[0].to_pylist()[0]
        bar(text("finding_orphans"), 2, 4)
        left = orphans.find_orphans(graph.store, AS_OF)
        bar(text("finding_referrals"), 3, 4)
        trees = referrals.chains(graph.store)
        loops = referrals.loops(graph.store)
        roots = [row["root_id"] for row in trees.slice(0, 1).to_pylist()]
        records, policies = groups.to_pylist(), left.to_pylist()
        picture = choose(graph, records, policies, roots)
    return {
        "book": book,
        "duplicates": {
            "finding": finding.model_dump(),
            "pairs": pairs,
            "summary": duplicates.summary(groups).to_pylist(),
            "evaluation": measured.to_pylist(),
        },
        "orphans": orphans.summary(left).model_dump(),
        "referrals": {
            "trees": trees.num_rows,
            "loops": len(loop_lines(loops.to_pylist())),
            "largest": trees.slice(0, _TREES).to_pylist(),
        },
        "picture": picture,
    }


def _book(graph: "Graph") -> dict[str, Any]:
    """How many customers and policies there are, and the premium per year in force by currency."""
    import duckdb

    counts = graph.status().nodes
    with duckdb.connect(str(graph.snapshot()), read_only=True) as work:
        rows = work.execute(
            "SELECT coalesce(currency, 'CNY'), count(*), "
            "sum(CASE WHEN frequency = 'single' THEN 0 ELSE premium END) FROM policy "
            "WHERE status = 'in_force' AND deleted_on IS NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
    return {
        "persons": counts.get("Person", 0),
        "institutions": counts.get("Institution", 0),
        "agents": counts.get("Agent", 0),
        "policies": counts.get("Policy", 0),
        "in_force": sum(number for _, number, _ in rows),
        "premium": {currency: premium for currency, _, premium in rows},
    }
