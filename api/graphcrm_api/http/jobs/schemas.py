"""What answers about long work look like."""

import datetime as dt
from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from graphcrm.ledger.jobs import State
from graphcrm_api.http.conventions.schemas import View, page_of

JobId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The job's id.")]

_EXAMPLE: JsonDict = {
    "id": "5f0c9a4be2d14f7a8c3b6d1e90a7f254",
    "kind": "load",
    "state": "running",
    "by": "key:aB3dE5gH",
    "created_at": "2026-06-30T08:00:00Z",
    "started_at": "2026-06-30T08:00:01Z",
    "finished_at": None,
    "progress": {"share": 0.4, "doing": "writing policies"},
    "result": None,
    "error": None,
    "cancel_requested": False,
    "attempts": 1,
}


class Progress(BaseModel):
    """How far a job is."""

    share: float = Field(ge=0, le=1, description="The part of it that is through, 0 to 1.")
    doing: str = Field(description="What is being done, in words.")


class JobView(View):
    """A job."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: str = Field(description="By which it is asked for.")
    kind: str = Field(description="What it does: `load`.")
    state: State = Field(description="Where it stands; the last three are for good.")
    by: str = Field(description="Who started it.")
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    progress: Progress | None = Field(description="How far it is; null before it has begun.")
    result: dict[str, Any] | None = Field(
        description="What came of it. Of a cancelled load: what is in, file by file."
    )
    error: str | None = Field(
        description="Why it failed, or why the service cancelled it, in the language of "
        "Accept-Language."
    )
    cancel_requested: bool = Field(description="Whether somebody wants it to end.")
    attempts: int = Field(description="How often it was begun: again after the service stopped.")


JobPage = page_of(JobView, "Job")
