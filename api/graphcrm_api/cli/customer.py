"""`graphcrm customer` and `graphcrm search`: one customer, and how to find them."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.customer_sections import print_customer
from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import SHOWN, command
from graphcrm_api.cli.naming import label_name
from graphcrm_api.cli.opening import locate, open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Label, Lang, Limit
from graphcrm_api.cli.output import Output

if TYPE_CHECKING:
    from graphcrm.customer import Customer


_SECTIONS = {
    "records": "section_records", "policies": "section_policies", "claims": "section_claims",
    "contacts": "section_contacts", "ties": "section_ties",
}  # fmt: skip


def customer(
    id: Annotated[str, typer.Argument(metavar="ID")],
    label: Label = None,
    whole: Annotated[bool, typer.Option("--whole")] = False,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show one customer with everything that hangs on them."""
    output = Output(as_json=as_json)
    with open_graph(graph) as opened:
        found_label, found_id = locate(opened, id, label)
        found = opened.customer(found_id, found_label, whole=whole)
    unknown = unknown_fields(found)
    if as_json:
        output.data(found.model_dump() | {"unknown": unknown})
        return
    print_customer(output, found, unknown)
    if outside := getattr(found, "outside", []):
        listed = text("list_joint").join(text(_SECTIONS[name]) for name in outside)
        output.warning(text("customer_outside", sections=listed))
    steps = [f"customer {id} --whole"] if outside else []
    if found.further:
        steps.append(f"customer {found.further.customer_id}")
    steps.append(f"explore {id} --out {id.replace(':', '_')}.html")
    output.next(*(command(step, graph) for step in steps))


def unknown_fields(found: "Customer") -> list[str]:
    """The properties of the record's type that are not known, those that loading computes aside."""
    from graphcrm.model import VOCABULARY

    properties = VOCABULARY.nodes[found.record["label"]].properties
    return [p.name for p in properties if p.name not in found.record and not p.traits.derived]


def search(
    words: Annotated[list[str], typer.Argument(metavar="TEXT...")],
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Find nodes by name, number or id."""
    output = Output(as_json=as_json)
    sought = " ".join(words)
    most = limit or SHOWN
    with open_graph(graph) as opened:
        found = opened.search(sought, most)
    if as_json:
        output.data(found)
        return
    if not found:
        output.answer(text("search_none", words=sought))
        output.next(text("search_hint"))
        return
    output.answer(text("search_found", number=count(len(found)), words=sought))
    if len(found) == most:
        output.line(text("search_more", limit=count(most)), "dim")
    output.line()
    columns = [
        Column(text("col_node_type")),
        Column(text("col_id"), whole=True),
        Column(text("col_name")),
        Column(text("col_fit"), number=True),
    ]
    output.table(columns, [_hit(hit) for hit in found])
    first = next((h for h in found if h["label"] in ("Person", "Institution", "Department")), None)
    if first:
        output.next(command(f"customer {first['id']}", graph))


def _hit(hit: dict[str, Any]) -> tuple[Any, ...]:
    return label_name(hit["label"]), hit["id"], hit["name"], f"{hit['score']:.0f}"
