"""What comes out where the terminal or the pipe can't hold every character."""

import codecs
import io
import json
import sys
from typing import Any

from rich.cells import cell_len

_ERRORS = "graphcrm.nearest"
_NEAREST = {"→": ">", "–": "-", "…": "~", "“": '"', "”": '"', "‘": "'", "’": "'"}


def print_whatever_comes() -> None:
    """Let both streams put the nearest character, else ?, for one that their encoding lacks."""
    codecs.register_error(_ERRORS, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    # as wide as the character was, so that the columns of a table stay below each other
    return "".join(_NEAREST.get(c, "?" * max(cell_len(c), 1)) for c in lost), error.end


def json_text(value: Any) -> str:
    r"""A value as JSON that loses nothing: `\u` escapes where standard output lacks characters."""
    words = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        words.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=2)
    return words
