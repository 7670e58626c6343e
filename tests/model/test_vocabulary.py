"""The vocabulary says what the interchange format says, and says everything once."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest

from graphcrm.model import LABEL_BITS, VOCABULARY, Table, Vocabulary
from graphcrm.model.business import Claim, Policy, Premium, Product, Vehicle
from graphcrm.model.dealings import Contact, Service
from graphcrm.model.declare import SENSITIVE, Identifier, prop
from graphcrm.model.document import json_schema, markdown
from graphcrm.model.edges import EDGE_TYPES
from graphcrm.model.identifiers import Account, Address, Document, Email, Phone, ProductLine
from graphcrm.model.kinds import Integer
from graphcrm.model.parties import Agent, Department, Institution, Person
from graphcrm.model.rows import EDGE_ROWS
from graphcrm.store.forms import origins
from graphcrm.store.sqlite.schema import node_table
from graphcrm_loaders.columns import lay_out
from graphcrm_loaders.raw import RawTable
from graphcrm_loaders.sources import SourceTable

# The tables of the interchange format; `*` = required.
INTERCHANGE = {
    "institutions": "id* name* kind own uscc industry phone contact_name contact_phone account "
    "address region_code parent_id",
    "departments": "id* institution_id* name* phone address region_code parent_id",
    "persons": "id* name* sex birth_date died_on id_type id_number phone phone_2 email address "
    "region_code institution_id department_id occupation income_band account language "
    "contact_preference marketing_consent vulnerability",
    "agents": "id* name* kind branch_id* region_code status* status_since hired_on departed_on "
    "tier licence_no licence_until product_lines capacity phone account upline_id person_id "
    "languages",
    "authorities": "agent_id* line* valid_from valid_to",
    "products": "code* name* line*",
    "policies": "id* product_code* holder_id* holder_kind premium* currency sum_insured frequency "
    "business_type channel applied_on issued_on* starts_on ends_on ended_on status* "
    "surrender_value surrender_account paid_to sold_by served_by branch_id vehicle_id replaces_id "
    "renews_id",
    "policy_parties": "policy_id* party_id* party_kind role* certificate_no valid_from valid_to",
    "servings": "policy_id* agent_id* role* valid_from valid_to reason",
    "premiums": "policy_id* due_on* amount* paid_on paid_by_account",
    "claims": "id* policy_id* event_id loss_on* loss_at reported_on settled_on status* "
    "amount_claimed reserve amount_paid cause injury place region_code assessor_id repairer_id "
    "hospital_id payee_account finding finding_on",
    "claim_parties": "claim_id* party_id* party_kind role*",
    "claim_vehicles": "claim_id* vehicle_id* role",
    "claim_payments": "claim_id* payee_id payee_kind account amount* paid_on*",
    "vehicles": "id* plate vin make model owner_id owner_kind",
    "contacts": "id* customer_id* customer_kind contacted_at* direction* channel* agent_id "
    "department_id topic outcome satisfaction policy_id claim_id product_code note",
    "services": "id* customer_id* customer_kind kind* class requested_on promised_by done_on "
    "department_id agent_id",
    "referrals": "referrer_id* referrer_kind referred_id* referred_kind referred_on policy_id",
    "relations": "from_id* to_id* kind*",
}
ENTERED = ["created_on", "entered_by", "entered_branch_id"]

# Internal keys of graph files hold these numbers: one that was given stays.
NUMBERS = {
    "Person": 1, "Institution": 2, "Department": 3, "Agent": 4, "Product": 5, "Policy": 6,
    "Premium": 7, "Claim": 8, "Vehicle": 9, "Contact": 10, "Service": 11, "Phone": 12, "Email": 13,
    "Address": 14, "Account": 15, "Document": 16, "Line": 17,
    "Customer": 18,
}  # fmt: skip

CODES = {
    "institutions.kind": "company government hospital garage school bank law_firm insurer other",
    "institutions.own": "yes no",
    "persons.sex": "M F",
    "persons.id_type": "resident_id passport military_id hk_macau_permit taiwan_permit "
    "foreign_resident_id other",
    "persons.contact_preference": "any phone message none",
    "persons.marketing_consent": "yes no",
    "agents.kind": "seller service account_manager assessor clerk broker bank",
    "agents.status": "active on_leave suspended departed",
    "authorities.line": "life health accident motor property liability other",
    "policies.holder_kind": "person institution department",
    "policies.frequency": "single annual half_yearly quarterly monthly",
    "policies.business_type": "new transferred renewal",
    "policies.channel": "agent bank broker direct online other",
    "policies.status": "in_force lapsed surrendered matured terminated pending",
    "policy_parties.role": "insured beneficiary payer",
    "servings.role": "sold serves collects",
    "claims.status": "open paid rejected withdrawn",
    "claims.finding": "confirmed_fraud cleared",
    "claim_parties.role": "claimant driver passenger witness third_party doctor lawyer",
    "claim_vehicles.role": "insured third_party",
    "contacts.direction": "in out",
    "contacts.channel": "phone message visit branch email web",
    "contacts.topic": "sales renewal claim service complaint notice other",
    "contacts.outcome": "reached no_answer refused resolved escalated",
    "services.class": "core value_added",
    "relations.kind": "spouse parent child sibling other",
}

NODES = (
    Person, Institution, Department, Agent, Product, Policy, Premium, Claim, Vehicle, Contact,
    Service,
)  # fmt: skip
IDENTIFIERS: tuple[type[Identifier], ...] = (
    Phone, Email, Address, Account, Document, ProductLine,
)  # fmt: skip


class RatedPerson(Person):
    """A person with one more property."""

    rating: Integer | None = prop("Rating by the house.", "客户评级", SENSITIVE, unit="points")


class ClashingPerson(Person):
    """A person under a number that an institution has."""

    label: ClassVar[str] = "Clashing"
    number: ClassVar[int] = Institution.number


def test_tables_are_those_of_the_interchange() -> None:
    assert set(INTERCHANGE) == set(VOCABULARY.tables)


@pytest.mark.parametrize("name", INTERCHANGE)
def test_columns_are_those_of_the_interchange(name: str) -> None:
    table = VOCABULARY.tables[name]
    columns = INTERCHANGE[name].split()
    entered = ENTERED if name in ("persons", "institutions", "policies") else []
    expected = [column.rstrip("*") for column in columns] + entered + ["source", "deleted_on"]
    assert expected == [column.name for column in table.columns]
    assert [c[:-1] for c in columns if c.endswith("*")] == list(table.required)


@pytest.mark.parametrize("where", CODES)
def test_codes_are_those_of_the_interchange(where: str) -> None:
    table, column = where.split(".")
    kind = VOCABULARY.tables[table].column(column).kind
    for code in CODES[where].split():
        assert code == str(kind.parse(code))
    assert kind.sql_refusal("x").count("', '") == len(CODES[where].split()) - 1


def test_numbers_of_labels_last() -> None:
    assert {node.label: node.number for node in VOCABULARY.nodes.values()} == NUMBERS
    assert all(0 < number < 1 << LABEL_BITS for number in NUMBERS.values())
    assert [VOCABULARY.label_of((5 << LABEL_BITS) | n) for n in NUMBERS.values()] == list(NUMBERS)


def test_origins_are_unique() -> None:
    names = origins()
    assert len(set(names)) == len(names)
    assert "policies.served_by" in names
    assert "servings.agent_id" in names


def test_names_of_tables_in_stores_are_unique() -> None:
    stored = [n.table for n in VOCABULARY.nodes.values()]
    stored += [e.table for e in VOCABULARY.edges.values()]
    assert len(set(stored)) == len(stored)


def test_every_table_is_loaded_once() -> None:
    assert sorted(VOCABULARY.load_order) == sorted(VOCABULARY.tables)


def _anchor(table: Table) -> set[str]:
    """The labels from which the edges of a table's rows run."""
    if table.node:
        return {table.node.label}
    assert table.edge is not None
    link = table.column(table.edge.anchor).link
    assert link is not None
    assert link.edge is None
    return set(link.to)


@pytest.mark.parametrize("name", INTERCHANGE)
def test_links_fit_their_edges(name: str) -> None:
    table = VOCABULARY.tables[name]
    names = {column.name for column in table.columns}
    for column in table.links:
        assert column.link is not None
        link = column.link
        assert link.edges
        for type_ in link.edges:
            edge = VOCABULARY.edges[type_]
            near, far = (edge.end, edge.start) if link.inward else (edge.start, edge.end)
            assert set(link.to) <= set(far), f"{name}.{column.name} {type_}"
            assert _anchor(table) <= set(near), f"{name}.{column.name} {type_}"
            carried = {p.name for p in edge.properties}
            assert set(link.properties or ()) <= carried
        assert set((link.properties or {}).values()) <= names
        assert {link.kind_field, link.edge_by} - {None} <= names
        assert all(VOCABULARY.nodes[label].shared is link.shared for label in link.to)
        if link.edge_by and not isinstance(link.edge, str) and link.edge:
            roles = CODES[f"{name}.{link.edge_by}"].split()
            assert sorted(link.edge) == sorted(roles)
        if len(link.to) > 1:
            assert link.kind_field


@pytest.mark.parametrize("type_", VOCABULARY.edges)
def test_ends_of_edges_are_labels_and_a_column_or_an_analysis_makes_them(type_: str) -> None:
    edge = VOCABULARY.edges[type_]
    assert edge.start
    assert edge.end
    assert {*edge.start, *edge.end} <= set(VOCABULARY.nodes)
    made = [c for t in VOCABULARY.tables.values() for c in t.links if c.link]
    assert any(type_ in c.link.edges for c in made if c.link) != edge.derived


def test_rows_of_edges_bring_what_their_edges_need() -> None:
    for table in VOCABULARY.tables.values():
        if table.edge is None:
            continue
        names = {column.name for column in table.columns}
        assert set(table.edge.identity) <= names
        for column in table.links:
            assert column.link is not None
            for type_ in column.link.edges:
                needed = {p.name for p in VOCABULARY.edges[type_].properties if p.required}
                assert needed <= set(table.required), f"{table.name} {type_}"


def test_every_property_is_described_in_both_languages() -> None:
    described = [p for t in VOCABULARY.tables.values() for p in t.columns]
    described += [p for n in VOCABULARY.nodes.values() for p in n.properties]
    described += [p for e in VOCABULARY.edges.values() for p in e.properties]
    for property_ in described:
        assert property_.description.endswith("."), property_.name
        assert any("\u4e00" <= c <= "\u9fff" for c in property_.traits.zh), property_.name


def test_a_property_is_added_in_one_place() -> None:
    larger = Vocabulary((RatedPerson, *NODES[1:]), IDENTIFIERS, EDGE_TYPES, EDGE_ROWS)
    assert '"rating" INTEGER' in node_table(larger.nodes["Person"])
    assert "| `rating` | 客户评级 | integer | points | sensitive |" in markdown(larger)
    described = json_schema(larger)["$defs"]["table:persons"]["properties"]["rating"]
    assert described["x-zh"] == "客户评级"
    assert described["x-sensitivity"] == "sensitive"

    raw = RawTable("given", dict.fromkeys(("id", "name", "rating"), "VARCHAR"), 2)
    source = SourceTable(Path("persons.csv"), "csv", "persons")
    layout = lay_out(raw, source, larger.tables["persons"].columns)
    assert layout.names == ("id", "name", "rating")
    assert layout.extra is None

    assert '"rating"' not in node_table(VOCABULARY.nodes["Person"])
    assert "`rating`" not in markdown()
    assert "rating" not in json_schema()["$defs"]["table:persons"]["properties"]
    before = lay_out(raw, source, VOCABULARY.tables["persons"].columns)
    assert before.names == ("id", "name")
    assert before.extra is not None


def test_contradictions_are_found() -> None:
    with pytest.raises(ValueError, match="must be distinct"):
        Vocabulary((*NODES, ClashingPerson), IDENTIFIERS, EDGE_TYPES, EDGE_ROWS)
    with pytest.raises(ValueError, match="links to the unknown"):
        Vocabulary(NODES, IDENTIFIERS[:-1], EDGE_TYPES, EDGE_ROWS)
    fewer = [edge for edge in EDGE_TYPES if edge.type != "HAS_PHONE"]
    with pytest.raises(ValueError, match=r"persons\.phone links to the unknown"):
        Vocabulary(NODES, IDENTIFIERS, fewer, EDGE_ROWS)
