"""Whatever the description allows is answered as it says: made-up requests to every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks

from tests.http.conftest import Service

_EXAMPLES = {"whole": 6, "wrong": 1}
load_all_checks()
_CHECKS = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "response_schema_conformance",
        "content_type_conformance",
        "status_code_conformance",
    ]
)


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


@pytest.fixture(scope="module")
def operations(own: Service) -> list[Any]:
    """All routes with their methods, as the service describes them."""
    schema = schemathesis.openapi.from_url(f"{own.url}/openapi.json")
    return [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]


@pytest.mark.parametrize("identity", _EXAMPLES)
def test_no_made_up_request_finds_a_fault(
    own: Service, operations: list[Any], identity: str
) -> None:
    roles = {"whole": "admin", "wrong": "reader"}
    headers = {"Authorization": f"Bearer {own.key(roles[identity])}"}
    assert len(operations) > 30
    for operation in operations:

        @settings(
            max_examples=_EXAMPLES[identity],
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=_CHECKS, timeout=30)

        ask()
