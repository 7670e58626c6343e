"""The customers of a graph: which persons' records are one, found, written, read again."""

from graphcrm.duplicates.customers.answers import (
    customers_of,
    evaluate_customers,
    exported,
    is_found,
    samenesses,
)
from graphcrm.duplicates.customers.explaining import Explained, explain
from graphcrm.duplicates.customers.finding import Finding, find_customers
from graphcrm.duplicates.customers.kept import FINDING
from graphcrm.duplicates.customers.persons import PROPERTIES
from graphcrm.duplicates.customers.searching import LEAST, Candidate, Search
from graphcrm.duplicates.customers.steps import Step
from graphcrm.duplicates.customers.verbs import Duplicates

__all__ = [
    "FINDING",
    "LEAST",
    "PROPERTIES",
    "Candidate",
    "Duplicates",
    "Explained",
    "Finding",
    "Search",
    "Step",
    "customers_of",
    "evaluate_customers",
    "explain",
    "exported",
    "find_customers",
    "is_found",
    "samenesses",
]
