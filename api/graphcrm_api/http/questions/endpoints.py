"""Endpoints: named questions."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm.errors import UnknownQuestionError
from graphcrm.store import Question
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.exporting import page_or_file, page_or_file_responses
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.conventions.schemas import page_of, problems, row_schema
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.questions import service
from graphcrm_api.http.questions.schemas import Asked, QuestionList, asked_schema

router = APIRouter(tags=["questions"])

Reader = Annotated[Caller, requires("questions:read")]


@router.get("/v1/questions", response_model=QuestionList, responses=problems())
def list_questions(request: Request, caller: Reader) -> Response:
    """The questions that can be asked by name: what they ask, take and answer."""
    return answer(request, service.list_questions())


def _endpoint(question: Question) -> Callable[..., Response]:
    schema: Any = asked_schema(question)

    def ask(request: Request, caller: Reader, asked: Asked) -> Response:
        given = asked.model_dump(exclude={"limit", "cursor"})
        paging = Paging(asked.limit, asked.cursor)
        return page_or_file(
            request,
            caller,
            question.name,
            page=lambda: service.ask(caller, question, given, paging),
            whole=lambda: service.export(caller, question, given),
        )

    ask.__annotations__["asked"] = Annotated[schema, Query()]
    return ask


for _question in service.PUBLIC.values():
    _row = row_schema(_question)
    router.add_api_route(
        f"/v1/questions/{_question.name}",
        _endpoint(_question),
        name=_question.name,
        summary=_question.purpose,
        description=f"{_question.purpose} {_question.purpose_zh}\n\nRows of your branches.",
        response_model=page_of(_row, f"{_row.__name__}Answer"),
        responses=page_or_file_responses(404, 410),
    )


@router.get("/v1/questions/{name}", include_in_schema=False)
def unknown_question(caller: Reader, name: str) -> Response:
    """Any other question: there is none."""
    known = ", ".join(service.PUBLIC)
    raise UnknownQuestionError(f"no question is named {name!r}; there are: {known}")
