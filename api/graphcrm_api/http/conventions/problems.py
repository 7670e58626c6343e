"""Errors as answers: problem details (RFC 9457), each with a lasting type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from graphcrm.words import Language, word
from graphcrm.words.sentences import in_language

MEDIA_TYPE = "application/problem+json"

STATUSES = {
    "invalid": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "masked": 403,
    "purpose-needed": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "timed-out": 408,
    "conflict": 409,
    "gone": 410,
    "changed-meanwhile": 412,
    "too-large": 413,
    "unsupported-type": 415,
    "key-reused": 422,
    "condition-needed": 428,
    "too-many-requests": 429,
    "too-many-exports": 429,
    "fault": 500,
    "busy": 503,
    "unavailable": 503,
}
"""Every kind of problem, and its HTTP status."""


class ProblemDetails(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="The kind of problem; it lasts, and can be opened.")
    title: str = Field(description="The kind in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What is wrong in this case.")
    request_id: str = Field(description="By which the service's log knows the request.")


@dataclass
class Problem(Exception):  # noqa: N818 - what RFC 9457 calls it
    """Raised anywhere below an endpoint; answered as problem details.

    `errors` say what is wrong with each parameter: its place (`at`) and a `message`. `more` are
    further members beside the standard ones, `headers` those of the answer. `refused` names what
    was asked for and is not for the caller: the audit log tells it, and whether it is `there`, the
    answer not.
    """

    kind: str
    detail: str
    more: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, str]] = ()
    headers: Mapping[str, str] | None = None
    refused: str | None = None
    there: bool = True

    def details(self, request_id: str, language: Language) -> dict[str, Any]:
        """The body of the answer."""
        details = {
            "type": f"/problems/{self.kind}",
            "title": title(self.kind, language),
            "status": STATUSES[self.kind],
            "detail": in_language(self.detail, language),
            "request_id": request_id,
            **(self.more or {}),
        }
        if self.errors:
            details["errors"] = [
                {"at": one["at"], "message": in_language(one["message"], language)}
                for one in self.errors
            ]
        return details


def title(kind: str, language: Language) -> str:
    """A kind of problem in words."""
    return word(f"problems.{kind}", language)
