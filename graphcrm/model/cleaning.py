"""What is taken from a value before it is read: blanks around it, and what prints nothing.

The same rule twice, for one value and as SQL for a column; `tests/model/test_kinds.py` holds the
two together. Running text keeps all but NUL, which no store of text can hold; what is known by its
characters (ids, numbers, codes, dates) keeps nothing that can't be seen.
"""

import re

from graphcrm.model.invisible import INVISIBLE, SPACES

BLANKS = " \t\r\n"
"""What is trimmed from both ends of running text; other white space is part of it."""

_UNSEEN = rf"[\x00\x0b\x0c\x1c-\x1f\x85{INVISIBLE}]+"
_PLAIN = "^[!-~]+$"


def _listed(characters: str) -> str:
    return " || ".join(f"chr({ord(character)})" for character in characters)


SQL_BLANKS = _listed(BLANKS)
"""The same as an SQL expression."""

_SQL_SPACES = _listed(SPACES)


def clean(value: str, *, running: bool) -> str:
    """The value without what is not part of it; `running` text keeps more."""
    if running:
        return value.replace("\x00", "").strip(BLANKS)
    return re.sub(_UNSEEN, "", value).strip(SPACES)


def sql_clean(sql: str, *, running: bool) -> str:
    """SQL for the same of a text, NULL where nothing is left."""
    if running:
        return f"nullif(trim(replace({sql}, chr(0), ''), {SQL_BLANKS}), '')"
    cleaned = f"regexp_replace({sql}, '{_UNSEEN}', '', 'g')"
    return (
        f"CASE WHEN regexp_matches({sql}, '{_PLAIN}') THEN {sql} "  # mostly: nothing to be done
        f"ELSE nullif(trim({cleaned}, {_SQL_SPACES}), '') END"
    )
