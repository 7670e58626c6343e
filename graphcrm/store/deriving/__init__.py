"""Writing the results of an analysis into a graph, by identity: only what differs is written."""

from graphcrm.store.deriving.start import derive

__all__ = ["derive"]
