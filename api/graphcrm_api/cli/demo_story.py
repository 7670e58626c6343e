"""Which neighbourhood the demonstration draws: a customer with a story."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphcrm.graph import Graph

Row = dict[str, Any]

HOPS = 2
FEWEST, MOST = 30, 120
_TRIED = 60


def choose(graph: "Graph", duplicates: list[Row], orphans: list[Row], roots: list[str]) -> Row:
    """A customer who was entered several times and has lost an agent, whose picture is readable.

    Of those, the one with most premium at stake; where there is none, the first of `roots`.
    Returns id, records (ids of the same customer, without the id itself), policies, premium.
    """
    twins = _hidden_twins(duplicates)
    stake: dict[str, list[Row]] = {}
    for row in orphans:
        if row["customer_label"] == "Person" and row["currency"] == "CNY":
            stake.setdefault(row["customer_id"], []).append(row)
    able = sorted(twins.keys() & stake.keys(), key=lambda id: (-_premium(stake[id]), id))
    for id in able[:_TRIED]:
        around = graph.neighbourhood([("Person", id)], HOPS, MOST + 1)
        together = all(("Person", twin) in around for twin in twins[id])
        if together and FEWEST <= around.number_of_nodes() <= MOST:
            return _story(id, sorted(twins[id]), stake[id])
    fallback = [*roots, *able, *(row["customer_id"] for row in orphans)]
    return _story(fallback[0], [], []) if fallback else {}


def _hidden_twins(duplicates: list[Row]) -> dict[str, set[str]]:
    """Persons and their other records which the usual check of five fields does not find."""
    groups: dict[tuple[str, int], set[str]] = {}
    for row in duplicates:
        if row["label"] == "Person":
            groups.setdefault((row["rule"], row["group"]), set()).add(row["id"])
    usual = [group for (rule, _), group in groups.items() if rule == "five_fields"]
    found = {id for group in usual for id in group}
    twins: dict[str, set[str]] = {}
    for group in groups.values():
        if not group & found:
            for id in group:
                twins.setdefault(id, set()).update(group - {id})
    return twins


def _premium(rows: list[Row]) -> float:
    return sum(row["premium"] or 0.0 for row in rows)


def _story(id: str, records: list[str], rows: list[Row]) -> Row:
    return {"id": id, "records": records, "policies": len(rows), "premium": _premium(rows)}
