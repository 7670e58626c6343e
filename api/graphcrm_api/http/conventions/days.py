"""Days as they are asked for: YYYY-MM-DD, and in no other form."""

import datetime as dt
import re
from typing import Annotated

from pydantic import BeforeValidator


def _iso(value: object) -> object:
    """A number is no day: it would be taken for seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError("write it as YYYY-MM-DD")
    return value


Day = Annotated[dt.date, BeforeValidator(_iso)]
"""A day of a parameter."""
