"""Orphaned customers: policies in force whose serving agent is gone, and whom that concerns."""

from graphcrm.orphans.customers import by_customer
from graphcrm.orphans.finding import OrphanCount, OrphanSummary, find_orphans, summary
from graphcrm.orphans.verbs import Orphans

__all__ = ["OrphanCount", "OrphanSummary", "Orphans", "by_customer", "find_orphans", "summary"]
