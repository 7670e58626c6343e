"""Placeholder."""


def demo() -> None:
    """X."""
