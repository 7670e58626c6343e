"""The service's own description (OpenAPI): what FastAPI finds out, and what holds everywhere."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from graphcrm_api.http.conventions.exporting import ARROW, CSV, PARQUET
from graphcrm_api.http.identity.scopes import ROLE_SCOPES, SCOPES

_IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this request: sent again with it, it is done once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}

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
        for methods in made["paths"].values():
            for method, operation in methods.items():
                _complete(method, operation)
        app.openapi_schema = made
    return app.openapi_schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Say of an endpoint what holds of all of its form."""
    if method == "post":
        operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    if CSV in operation["responses"].get("200", {}).get("content", ()):
        operation["description"] += _AS_A_FILE


def _scopes() -> str:
    """All scopes, with the roles that have them, as Markdown."""
    lines = ["| scope | opens | roles |", "|---|---|---|"]
    for scope, opens in SCOPES.items():
        roles = ", ".join(role for role, has in ROLE_SCOPES.items() if scope in has)
        lines.append(f"| `{scope}` | {opens} | {roles} |")
    return "\n".join(lines)
