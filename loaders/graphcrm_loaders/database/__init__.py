"""SQL databases as sources: what is to be read of them is put into files, which then are loaded."""

from graphcrm_loaders.database.address import Address
from graphcrm_loaders.database.fetching import fetch

__all__ = ["Address", "fetch"]
