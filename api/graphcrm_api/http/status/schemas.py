"""What an answer about the graph's state looks like."""

from pydantic import BaseModel, ConfigDict, Field


class LoadLine(BaseModel):
    """A load in short."""

    load: int
    state: str
    started_at: str
    finished_at: str | None
    source: str | None
    rows: int | None = Field(description="Rows that came in; null before its end.")
    refused: int | None


class StatusView(BaseModel):
    """What is in the graph. Who is limited to branches gets no count: it is the whole company's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "change": 41,
                    "loaded_at": "2026-06-30T01:02:10Z",
                    "unfinished": False,
                    "nodes": {"Person": 100_000},
                    "edges": {"HOLDS": 180_000},
                    "refused": 12,
                    "pending": 3,
                    "loads": [],
                }
            ]
        }
    )

    change: int = Field(description="It grows with every change of the graph.")
    loaded_at: str | None = Field(description="When the last whole load was through.")
    unfinished: bool = Field(description="Whether answers may lack a part: a load is under way.")
    nodes: dict[str, int] | None = Field(description="Nodes of each type.")
    edges: dict[str, int] | None = Field(description="Edges of each type.")
    refused: int | None = Field(description="Rows that were refused.")
    pending: int | None = Field(description="Edges that wait for a node.")
    loads: list[LoadLine] | None = Field(description="The last loads, newest first.")


class CallerView(BaseModel):
    """Who asks, and what they may do and see."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "key:aB3dE5gH",
                    "roles": ["reader"],
                    "scopes": ["customers:read", "graph:read", "search:read", "status:read"],
                    "branches": ["D0001"],
                    "unmasked": False,
                    "unfinished": False,
                }
            ]
        }
    )

    name: str = Field(description="By which the audit log knows you.")
    roles: list[str] = Field(description="Your roles.")
    scopes: list[str] = Field(description="What these open.")
    branches: list[str] | None = Field(
        description="The branches that you are limited to, with those below them; null: none."
    )
    unmasked: bool = Field(description="Whether personal data are shown as they are.")
    unfinished: bool = Field(description="Whether answers may lack a part: a load is under way.")
