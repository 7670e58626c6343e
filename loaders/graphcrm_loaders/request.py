"""What a load is asked to do, and what it says while it works."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from graphcrm.store import FileReport, LoadPlan, LoadReport


class LoadRequest(BaseModel):
    """A load of files and databases into one graph.

    `incremental` reads of databases only what their watermarks say is new.
    """

    graph: str
    sources: list[Path] = Field(default_factory=list)
    databases: list[str] = Field(default_factory=list)
    mapping: Path | None = None
    incremental: bool = False
    plan: LoadPlan
    dry_run: bool = False

    def again(self) -> str:
        """The request as JSON by which another process, elsewhere on the machine, asks for it."""
        found = {
            "sources": [path.absolute() for path in self.sources],
            "mapping": self.mapping and self.mapping.absolute(),
        }
        return self.model_copy(update=found).model_dump_json(exclude={"graph"})


class LoadEvent(BaseModel):
    """One message from the process that loads.

    `progress`: `text` says what is being done, `done` of `total` files are through, and of the one
    at hand the share `within` (0 to 1).
    `file`: a file is through. `report`: the load is through. `error`: it ended, `error_type` is
    the name of an error of `graphcrm.errors` and `text` its message.
    """

    kind: Literal["progress", "file", "report", "error"]
    text: str = ""
    done: int = 0
    total: int = 0
    within: float = 0.0
    file: FileReport | None = None
    report: LoadReport | None = None
    error_type: str = ""
