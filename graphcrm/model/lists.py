"""Lists of values, `;`-separated in a cell."""

from typing import Annotated

from graphcrm.model.codes import Line
from graphcrm.model.kinds import code_list_kind, parsed_before

_LINES = code_list_kind(Line)
_TEXTS = code_list_kind(None)

Lines = Annotated[str, _LINES, parsed_before(_LINES)]
Texts = Annotated[str, _TEXTS, parsed_before(_TEXTS)]
