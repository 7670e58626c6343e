"""Lists of values, `;`-separated in a cell."""

from typing import Annotated

from pydantic import BeforeValidator

from graphcrm.model.codes import Line
from graphcrm.model.kinds import Kind, code_list_kind


def _before(kind: Kind) -> BeforeValidator:
    return BeforeValidator(lambda value: kind.parse(value) if isinstance(value, str) else value)


_LINES = code_list_kind(Line)
_TEXTS = code_list_kind(None)

Lines = Annotated[str, _LINES, _before(_LINES)]
Texts = Annotated[str, _TEXTS, _before(_TEXTS)]
