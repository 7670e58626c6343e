"""GraphCRM: an insurer's customers, agents, policies and claims as one graph."""

from graphcrm.client import Client
from graphcrm.customer import Customer
from graphcrm.errors import (
    ConfirmationNeeded,
    GraphCRMError,
    NewerGraphError,
    SourceError,
    StoreError,
    UnfinishedWarning,
    UnknownNodeError,
    UnknownQuestionError,
    UsageError,
)
from graphcrm.graph import Graph, connect
from graphcrm.store import LoadReport, Status

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConfirmationNeeded",
    "Customer",
    "Graph",
    "GraphCRMError",
    "LoadReport",
    "NewerGraphError",
    "SourceError",
    "Status",
    "StoreError",
    "UnfinishedWarning",
    "UnknownNodeError",
    "UnknownQuestionError",
    "UsageError",
    "connect",
]
