"""Contacts with customers: recorded, corrected, and what became of them."""
