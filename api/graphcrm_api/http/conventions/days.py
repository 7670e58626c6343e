"""Days as they are asked for: YYYY-MM-DD, and in no other form."""

import datetime as dt
import re
from typing import Annotated

from pydantic import BeforeValidator

from graphcrm.words import word


def _iso(value: object) -> object:
    """A number is no day: it would be taken for seconds since 1970."""
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(word("messages.input_day", "en"))
    return value


Day = Annotated[dt.date, BeforeValidator(_iso)]
"""A day of a parameter or field."""
