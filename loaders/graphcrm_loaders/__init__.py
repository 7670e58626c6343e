"""Reading an insurer's files into a graph: formats, mappings, validation, quarantine."""

from graphcrm_loaders.load import load, load_from
from graphcrm_loaders.mapping import Mapping, read_mapping
from graphcrm_loaders.request import LoadEvent, LoadRequest

__all__ = ["LoadEvent", "LoadRequest", "Mapping", "load", "load_from", "read_mapping"]
