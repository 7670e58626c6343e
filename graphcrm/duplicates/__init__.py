"""Hidden duplicates: rules that find records of one customer, and how good they are."""

from graphcrm.duplicates.deduping import FEW_RECORDS, Deduped, dedupe
from graphcrm.duplicates.evaluation import evaluate
from graphcrm.duplicates.finding import find_duplicates, summary
from graphcrm.duplicates.roles import Role
from graphcrm.duplicates.rules import RULES, Rule

__all__ = [
    "FEW_RECORDS",
    "RULES",
    "Deduped",
    "Role",
    "Rule",
    "dedupe",
    "evaluate",
    "find_duplicates",
    "summary",
]
