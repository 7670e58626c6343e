"""The looks of the made-up exports of `suggest.py`."""

from __future__ import annotations

from suggest_exports import Book, Export, Row, joined, some
from suggest_looks_claims import claims_core, claims_list, contacts_log
from suggest_looks_parties import (
    agents_roster,
    customers_bare,
    customers_chinese,
    customers_core,
    customers_pinyin,
    institution_list,
    referral_list,
    vehicles,
)
from suggest_looks_policies import (
    counter_list,
    flat_policies,
    flat_two_rows,
    policies_english,
    policies_initials,
    premium_list,
)


def _flat_rows(book: Book, count: int, seed: int) -> list[Row]:
    """Policies of persons with holder, first insured, agent, product, branch and vehicle."""
    tables = {
        name: {row["id"]: row for row in book[name]}
        for name in ("persons", "agents", "departments", "vehicles")
    }
    products = {row["code"]: row for row in book["products"]}
    insured = {
        row["policy_id"]: tables["persons"].get(row["party_id"])
        for row in book["policy_parties"]
        if row["role"] == "insured" and row["party_kind"] == "person"
    }
    rows = [row for row in book["policies"] if row["holder_id"] in tables["persons"]]
    return [
        joined(
            row,
            [
                ("h", tables["persons"][row["holder_id"]]),
                ("i", insured.get(row["id"])),
                ("a", tables["agents"].get(row["sold_by"])),
                ("p", products.get(row["product_code"])),
                ("b", tables["departments"].get(row["branch_id"])),
                ("v", tables["vehicles"].get(row["vehicle_id"])),
            ],
        )
        for row in some(rows, count, seed)
    ]


def exports(book: Book, seed: int) -> list[Export]:
    """All looks."""
    persons = {row["id"]: row for row in book["persons"]}
    institutions = {row["id"]: row for row in book["institutions"]}
    agents = {row["id"]: row for row in book["agents"]}
    cars = {row["id"]: row for row in book["vehicles"]}
    own_vehicle = {
        row["claim_id"]: cars.get(row["vehicle_id"])
        for row in book["claim_vehicles"]
        if row["role"] == "insured"
    }
    customers = [
        joined(row, [("e", institutions.get(row["institution_id"]))])
        for row in some(book["persons"], 1500, seed)
    ]
    flat = _flat_rows(book, 2500, seed)
    claims = [
        joined(
            row,
            [
                ("v", own_vehicle.get(row["id"])),
                ("s", agents.get(row["assessor_id"])),
                ("r", institutions.get(row["repairer_id"])),
                ("hos", institutions.get(row["hospital_id"])),
            ],
        )
        for row in book["claims"]
    ]
    talks = [
        joined(row, [("c", persons.get(row["customer_id"])), ("a", agents.get(row["agent_id"]))])
        for row in some(book["contacts"], 1500, seed)
    ]
    brought = [
        joined(
            row,
            [("x", persons.get(row["referrer_id"])), ("y", persons.get(row["referred_id"]))],
        )
        for row in book["referrals"]
    ]
    return [
        customers_chinese(customers),
        customers_core(customers),
        customers_pinyin(customers),
        customers_bare(customers),
        counter_list(flat),
        flat_policies(flat),
        flat_two_rows(flat),
        policies_english(flat),
        policies_initials(flat),
        claims_list(claims),
        claims_core(claims),
        contacts_log(talks),
        agents_roster(book["agents"]),
        referral_list(brought),
        institution_list(book["institutions"]),
        premium_list(book["premiums"]),
        vehicles(book["vehicles"], persons),
    ]
