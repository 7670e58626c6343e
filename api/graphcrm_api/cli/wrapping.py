"""Breaking text into lines where Chinese and English meet.

Rich breaks at blanks only, so that a long Chinese sentence would jump to the next line as a whole.
"""

import re

from rich.cells import cell_len, chop_cells

_OPENING, _CLOSING = "（《“‘「『", "，。；：！？、）》”’」』"
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’"
_TOKEN = re.compile(rf"\s+|[{_OPENING}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{_CLOSING}]*|[{_OPENING}]+")


def wrapped(words: str, width: int) -> list[str]:
    """The lines of a text, none wider than `width` terminal cells.

    English breaks at blanks, Chinese between any two characters, but not before closing or after
    opening punctuation.
    """
    lines = [""]
    for token in _TOKEN.findall(words):
        if cell_len(lines[-1] + token.rstrip()) <= width:
            lines[-1] += token
        elif not token.isspace():
            lines += chop_cells(token, width)
    return [line.strip() for line in lines if line.strip()] or [""]
