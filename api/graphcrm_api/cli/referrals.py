"""Placeholder."""

def list_referrals() -> None:
    """X."""


def show_tree() -> None:
    """X."""
