"""Lists of customers as people keep them: any file, its columns known by header and values.

A list is read, its columns are given the roles that the duplicate engine compares by, and it is
written again as it was, with one column more.
"""

from graphcrm_loaders.lists.detect import detect
from graphcrm_loaders.lists.reading import CustomerList, read_list
from graphcrm_loaders.lists.settle import REASONS, Detected
from graphcrm_loaders.lists.writing import (
    check_place,
    column_for_clusters,
    place_beside,
    write_list,
)

__all__ = [
    "REASONS",
    "CustomerList",
    "Detected",
    "check_place",
    "column_for_clusters",
    "detect",
    "place_beside",
    "read_list",
    "write_list",
]
