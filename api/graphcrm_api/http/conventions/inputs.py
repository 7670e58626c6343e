"""What is wrong with a parameter or a field of a request, in words that the catalogue knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphcrm.words import word

KINDS = {
    "missing": "missing",
    "extra_forbidden": "unknown",
    "string_type": "text",
    "string_unicode": "text",
    "int_type": "whole",
    "int_parsing": "whole",
    "int_from_float": "whole",
    "int_parsing_size": "too_large",
    "float_type": "number",
    "float_parsing": "number",
    "finite_number": "number",
    "bool_type": "yes_no",
    "bool_parsing": "yes_no",
    "date_type": "day",
    "date_parsing": "day",
    "date_from_datetime_parsing": "day",
    "date_from_datetime_inexact": "day",
    "datetime_type": "moment",
    "datetime_parsing": "moment",
    "datetime_from_date_parsing": "moment",
    "datetime_object_invalid": "moment",
    "timezone_aware": "offset",
    "list_type": "list",
    "model_type": "object",
    "model_attributes_type": "object",
    "dict_type": "object",
    "json_invalid": "no_json",
    "greater_than_equal": "least",
    "less_than_equal": "most",
    "string_too_short": "short",
    "string_too_long": "long",
    "too_short": "few",
    "too_long": "many",
    "string_pattern_mismatch": "form",
    "literal_error": "one_of",
    "enum": "one_of",
}
"""pydantic's kinds of errors that requests can meet, and what we say of them."""


def input_words(error: Mapping[str, Any]) -> str:
    """What is wrong, of one of pydantic's errors; without the value, which may be a number of
    somebody's."""
    context = dict(error.get("ctx", {}))
    if error["type"] == "value_error":  # said by a validator of ours
        return str(context["error"])
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", ", ")
    return word(f"messages.input_{KINDS[error['type']]}", "en", **context)
