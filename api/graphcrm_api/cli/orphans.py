"""Placeholder."""


def list_orphans() -> None:
    """X."""
