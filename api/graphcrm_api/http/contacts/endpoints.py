"""Endpoints: contacts."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from graphcrm_api.http.contacts import service
from graphcrm_api.http.contacts.schemas import Correction, NewContact, RecordedContact
from graphcrm_api.http.conventions.answers import (
    IfMatch,
    answer,
    is_unchanged,
    required_condition,
)
from graphcrm_api.http.conventions.once import again, fingerprint_of
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires

router = APIRouter(tags=["contacts"])

Writer = Annotated[Caller, requires("contacts:write")]
Id = Annotated[str, Path(description="The contact's id.", max_length=500)]


@router.post(
    "/v1/contacts", status_code=201, response_model=RecordedContact, responses=problems(404, 409)
)
def record(request: Request, caller: Writer, contact: NewContact) -> Response:
    """Record a contact with a customer.

    Where neither agent nor department is named, it is the branch of who records it.
    """
    fingerprint = fingerprint_of(request, contact)
    values = contact.model_dump(exclude_none=True)
    return again(
        caller,
        request,
        contact,
        lambda: answer(request, service.recorded(caller, values, fingerprint), 201),
    )


@router.get("/v1/contacts/{id}", response_model=RecordedContact, responses=problems(404))
def one(
    request: Request, caller: Annotated[Caller, requires("customers:read")], id: Id
) -> Response:
    """A contact as it stands, and what was decided about it; a correction needs its ETag."""
    return answer(request, service.seen(caller, id))


@router.post(
    "/v1/contacts/{id}/corrections",
    status_code=201,
    response_model=RecordedContact,
    responses=problems(404, 409, 412, 428),
)
def correct(
    request: Request, caller: Writer, id: Id, correction: Correction, if_match: IfMatch = None
) -> Response:
    """Correct a contact that was recorded here: what was said before stays in its trace."""
    values = correction.model_dump(exclude_unset=True)
    reason = values.pop("reason")
    fingerprint = fingerprint_of(request, correction)
    condition = required_condition(if_match)

    def work() -> Response:
        told = service.corrected(
            caller,
            id,
            values,
            reason,
            fingerprint,
            lambda present: is_unchanged(condition, present),
        )
        return answer(request, told, 201)

    return again(caller, request, correction, work)
