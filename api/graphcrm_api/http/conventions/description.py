"""The service's own description (OpenAPI): what FastAPI finds out, and what holds everywhere."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from graphcrm_api.http.conventions.exporting import ARROW, CSV, JSON, PARQUET
from graphcrm_api.http.conventions.problems import MEDIA_TYPE
from graphcrm_api.http.identity.scopes import ROLE_SCOPES, SCOPES

_PARAMETERS = {
    "Idempotency-Key": (
        {"type": "string", "minLength": 1, "maxLength": 255},
        "A name of your own for this request: sent again with it, it is done once.",
    ),
    "If-None-Match": (
        {"type": "string"},
        "The ETag of the answer that you have: it is not sent again while it stands (304).",
    ),
    "Accept-Language": (
        {"type": "string", "examples": ["zh"]},
        "`zh` for words in Chinese: of problems, jobs and reasons. Else they are English.",
    ),
}
"""Headers of requests: the values that they have, and what they are for."""

_HEADERS = {
    "ETag": "What you have seen, for `If-None-Match`, and for `If-Match` where that is wanted.",
    "Idempotent-Replayed": "`true` where it was done before, by an earlier request with this key.",
    "Location": "Where the job is.",
    "Retry-After": "The seconds after which to ask again.",
    "X-Request-Id": "By which the service's log knows the request.",
}
"""Headers of answers."""

_AS_A_FILE = (
    f"\n\nWith `Accept: {CSV}`, `{ARROW}` or `{PARQUET}` the whole list comes as a file "
    "(scope `export:read`)."
)


def described(app: FastAPI) -> dict[str, Any]:
    """The description of an application, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            description=_scopes(),
            routes=app.routes,
        )
        made["components"]["parameters"] = {
            name: {"name": name, "in": "header", "schema": schema, "description": said}
            for name, (schema, said) in _PARAMETERS.items()
        }
        made["components"]["headers"] = {
            name: {"description": said, "schema": {"type": "string"}}
            for name, said in _HEADERS.items()
        }
        for methods in made["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say of an endpoint what holds of all of its form: headers, scope, and how it exports."""
    given = operation.setdefault("parameters", [])
    for parameter in given:
        if parameter["name"] == "If-Match":  # who leaves it out is told so by a kind of problem
            parameter["required"] = True
    wanted = {"get": ("If-None-Match",), "post": ("Idempotency-Key",)}.get(method, ())
    scopes = [scope for one in operation.get("security", ()) for scope in one["bearer"]]
    if scopes:
        given += [_ref("parameters", name) for name in (*wanted, "Accept-Language")]
        operation["description"] += f"\n\nScope: {', '.join(f'`{scope}`' for scope in scopes)}."
    answers = operation["responses"]
    if "requestBody" in operation:
        answers["408"] = {**answers["422"]}  # a body that comes too slowly
    if CSV in answers.get("200", {}).get("content", ()):
        operation["description"] += _AS_A_FILE
    for status, said in list(answers.items()):
        if not status.startswith("2") and JSON in said.get("content", ()):
            said["content"] = {MEDIA_TYPE: said["content"][JSON]}
        names = _headers_of(method, status, said) if scopes else ()
        said["headers"] = {name: _ref("headers", name) for name in (*names, "X-Request-Id")}
        if "ETag" in names and method == "get":
            answers["304"] = {"description": "You have it (If-None-Match)."}


def _headers_of(method: str, status: str, said: dict[str, Any]) -> tuple[str, ...]:
    """The headers of an answer, beside those that all have."""
    if not status.startswith("2"):
        return ("Retry-After",) if status in ("409", "429", "503") else ()
    if JSON not in said.get("content", ()):
        return ()
    done = ("Idempotent-Replayed",) if method == "post" else ()
    return ("ETag", *done, "Location") if status == "202" else ("ETag", *done)


def _ref(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _scopes() -> str:
    """All scopes, with the roles that have them, as Markdown."""
    lines = ["| scope | opens | roles |", "|---|---|---|"]
    for scope, opens in SCOPES.items():
        roles = ", ".join(role for role, has in ROLE_SCOPES.items() if scope in has)
        lines.append(f"| `{scope}` | {opens} | {roles} |")
    return "\n".join(lines)
