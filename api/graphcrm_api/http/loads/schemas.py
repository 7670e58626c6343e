"""What loads are asked for with, and what answers about them look like."""

from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from graphcrm_api.http.conventions.days import Day
from graphcrm_api.http.conventions.schemas import page_of

LoadNumber = Annotated[int, Path(ge=1, le=2**53, description="The load's number.")]

PathText = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\u0000-\u001f]+$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\u0000-\u001f]+$")]


class Options(BaseModel):
    """How something is to be loaded."""

    model_config = ConfigDict(extra="forbid")

    source: Name | None = Field(
        None, description="The system that it comes from; ids then begin with its name."
    )
    mapping: PathText | None = Field(
        None, description="A mapping (YAML) below a folder that the service may load from."
    )
    full: bool = Field(False, description="It is the whole of its source: what lacks is closed.")
    dry_run: bool = Field(False, description="Only tell what would be loaded.")
    confirmed: bool = Field(False, description="That many known ids get another name is meant.")
    as_of: Day | None = Field(
        None, description="The day on which closed things end; by default today."
    )


class LoadOrder(Options):
    """A load of files on the server, or of a database."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"path": "2026-06-30", "source": "core", "full": True},
                {"database": "core", "incremental": True},
            ]
        }
    )

    path: PathText | None = Field(
        None, description="A folder or file below those that the setting `load_folders` names."
    )
    database: Name | None = Field(
        None, description="The name of a database in the setting `load_databases`."
    )
    incremental: bool = Field(
        False, description="Of a database only what has changed since it was read last."
    )


class UploadAsked(Options):
    """A load of an upload, whose body is the file itself."""

    name: str = Field(
        min_length=1,
        max_length=200,
        description="The file's name, which tells the table: `persons.csv`.",
        examples=["persons.csv"],
    )


class UploadOrder(UploadAsked):
    """The same with what was sent, known by its hash."""

    size: int
    sha256: str


class LoadedFile(BaseModel):
    """What became of a file, in rows and edges."""

    name: str = Field(description="The file, or the table of a database.")
    table: str = Field(description="Which table of the interchange format it holds.")
    rows: int
    refused: int
    new: int
    changed: int
    same: int
    closed: int
    edges_new: int
    edges_changed: int
    edges_closed: int
    edges_pending: int
    seconds: float
    error: str | None = Field(description="Why nothing of it was loaded.")


class LoadView(BaseModel):
    """A load."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "load": 12,
                    "state": "done",
                    "started_at": "2026-06-30T01:00:00Z",
                    "finished_at": "2026-06-30T01:02:10Z",
                    "as_of": "2026-06-30",
                    "source": "core",
                    "full": True,
                    "by": "key:aB3dE5gH",
                    "repeated_by": None,
                    "healed": 17,
                    "files": [],
                }
            ]
        }
    )

    load: int = Field(description="Its number.")
    state: str = Field(description="running, done, failed or interrupted.")
    started_at: str
    finished_at: str | None
    as_of: str
    source: str | None
    full: bool
    by: str
    repeated_by: int | None = Field(description="The later load that made good an unfinished one.")
    healed: int | None = Field(description="Edges that had waited for its nodes.")
    files: list[LoadedFile]


LoadPage = page_of(LoadView, "Load")


class RefusedRow(BaseModel):
    """A row that was refused, or an edge that waits for a node.

    Without the scope pii and a purpose its values are hidden.
    """

    kind: str = Field(description="`row` or `edge`.")
    load: int
    file: str
    table: str
    source: str | None
    line: int | None
    column: str | None
    value: str | None = Field(description="The value that is wrong.")
    reason: str = Field(description="A code.")
    detail: str | None = Field(description="What it should have been, or whom it repeats.")
    explanation: str = Field(description="The reason in words.")
    record: str | None = Field(description="The whole row as JSON.")


RefusedPage = page_of(RefusedRow, "Refused")
