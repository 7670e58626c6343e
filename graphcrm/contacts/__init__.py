"""Contacts with customers that are recorded here, rather than loaded from another system."""

from graphcrm.contacts.recording import (
    ContactChangedError,
    correct_contact,
    record_contact,
)
from graphcrm.contacts.values import COLUMNS, contact_id

__all__ = ["COLUMNS", "ContactChangedError", "contact_id", "correct_contact", "record_contact"]
