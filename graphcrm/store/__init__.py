"""Where a graph lives: the contract of a store, the stores, named questions, snapshots."""

from graphcrm.store.contract import (
    DerivedType,
    DeriveReport,
    FileReport,
    LoadPlan,
    LoadReport,
    LoadWriter,
    Refusal,
    Say,
    Status,
    Store,
    Unfinished,
)
from graphcrm.store.neo4j.address import is_server
from graphcrm.store.opening import (
    graph_exists,
    graph_title,
    open_store,
    open_writer,
    remove_if_empty,
    store_path,
)
from graphcrm.store.questions import Question, question, questions
from graphcrm.store.staging import StagedFile

__all__ = [
    "DeriveReport",
    "DerivedType",
    "FileReport",
    "LoadPlan",
    "LoadReport",
    "LoadWriter",
    "Question",
    "Refusal",
    "Say",
    "StagedFile",
    "Status",
    "Store",
    "Unfinished",
    "graph_exists",
    "graph_title",
    "is_server",
    "open_store",
    "open_writer",
    "question",
    "questions",
    "remove_if_empty",
    "store_path",
]
