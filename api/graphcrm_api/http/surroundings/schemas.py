"""What answers about surroundings look like."""

from pydantic import BaseModel, ConfigDict, Field

from graphcrm_api.http.conventions.schemas import Described

_OUTSIDE = (
    "The node's type; `Outside` for what lies in none of your branches: one for all such "
    "neighbours that a node has by one type of edge."
)


class Ref(BaseModel):
    """A node by its identity."""

    label: str = Field(description=_OUTSIDE)
    id: str = Field(description="Its id; of `Outside` only a number within this answer.")


class Edge(BaseModel):
    """An edge, with what is known of it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="The edge's type.")
    start: Ref = Field(description="Where it starts.")
    end: Ref = Field(description="Where it ends.")


class Near(Described):
    """A node with what is known of it, and how far away it is."""

    label: str = Field(description=_OUTSIDE)
    hop: int = Field(description="Edges from the start.", ge=0)


class Neighbourhood(BaseModel):
    """What lies around a node."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "nodes": [
                    {"label": "Person", "id": "core:P204", "hop": 0, "name": "欧*"},
                    {"label": "Policy", "id": "POL0000204", "hop": 1, "status": "in_force"},
                    {"label": "Outside", "id": "1", "hop": 2},
                ],
                "edges": [
                    {
                        "type": "HOLDS",
                        "start": {"label": "Person", "id": "core:P204"},
                        "end": {"label": "Policy", "id": "POL0000204"},
                    }
                ],
                "complete": True,
                "hubs": 0,
            }
        }
    )

    nodes: list[Near] = Field(description="The nodes, nearest first.")
    edges: list[Edge] = Field(description="The edges between them.")
    complete: bool = Field(description="False where there are more than `limit`.")
    hubs: int = Field(description="Nodes with very many edges, of which those are not shown.", ge=0)


class Degree(BaseModel):
    """How many neighbours a node has of one kind."""

    edge: str = Field(description="The edge's type.", examples=["HOLDS"])
    outward: bool = Field(description="Whether the edges start at the node.")
    label: str = Field(description="The neighbours' type.", examples=["Policy"])
    count: int = Field(description="How many edges there are in your branches.", ge=0)
    outside: bool = Field(description="Whether there are some that are not yours to see.")


class Degrees(BaseModel):
    """How many neighbours a node has of each kind."""

    items: list[Degree] = Field(description="One entry for each kind.")


class Way(BaseModel):
    """A way from the one node to the other."""

    nodes: list[Described] = Field(description="The nodes, from the one to the other.")
    edges: list[Edge] = Field(description="All edges between each node and the next.")


class Paths(BaseModel):
    """The shortest ways between two nodes."""

    paths: list[Way] = Field(description="The ways, all of one length; empty where none was found.")
    complete: bool = Field(
        description="False where there are more than `limit`, or where the search was given up "
        "before everything was looked at."
    )
