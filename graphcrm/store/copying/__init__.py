"""Copying a graph from one store into another, and proving that both hold the same.

Nodes go by label and id meanwhile, sources and origins by their names: what a store numbers in its
own way does not matter. The copying process's DuckDB file holds each part in that form.
"""

from graphcrm.store.copying.report import CopiedPart, CopyEvent, CopyReport
from graphcrm.store.copying.start import copy_graph

__all__ = ["CopiedPart", "CopyEvent", "CopyReport", "copy_graph"]
