"""Which encoding a text file is in, and turning it into UTF-8."""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from graphcrm.errors import SourceError
from graphcrm_loaders.western import western_word

_CHUNK = 1 << 22
_LEADS = bytes(range(0xC0, 0x100))
_CONVINCING = 8
"""So many characters beyond ASCII are right by chance in no other encoding."""

Step = Callable[[int], None]


def detect_encoding(path: Path) -> str:
    """`utf-8`, `utf-8-sig`, `utf-16` or `gb18030`, judged on the whole file.

    Raises SourceError, naming the line, if it is none of them, or GB18030 only by chance.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    fault = _first_fault(path)
    if fault is None:
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if fault.characters < _CONVINCING and _decodes(path, "gb18030"):
        doubt = western_word(path)
        if doubt is None:
            return "gb18030"
        raise SourceError(
            f"{path}: line {fault.line}: this looks like Western text in Windows-1252 "
            f"({doubt.western}), though it can be read as Chinese in GB18030 ({doubt.chinese}); "
            "save the file as UTF-8 and load it again"
        )
    raise SourceError(
        f"{path}: line {fault.line}: the byte 0x{fault.byte:02X} fits neither UTF-8 nor GB18030; "
        "save the file as UTF-8 and load it again"
    )


def as_utf8(path: Path, encoding: str, target: Path, step: Step) -> Path:
    """The file as UTF-8: itself where it is that already, else a copy at `target`.

    `step` is called with the bytes read so far.
    """
    if encoding in ("utf-8", "utf-8-sig"):
        return path
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as source, target.open("w", encoding="utf-8", newline="") as copy:
        while chunk := source.read(_CHUNK):
            copy.write(decoder.decode(chunk))
            step(source.tell())
        copy.write(decoder.decode(b"", final=True))
    return target


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(frozen=True)
class _Fault:
    """Where a text stops being UTF-8, and how many characters beyond ASCII come before."""

    line: int
    byte: int
    characters: int


def _first_fault(path: Path) -> _Fault | None:
    """The first fault of a text that is read as UTF-8; None where it has none."""
    line, characters, held = 1, 0, b""
    with path.open("rb") as file:
        while True:
            chunk = file.read(_CHUNK)
            data = held + chunk
            read = len(data)
            if not data.isascii():
                try:
                    read = codecs.utf_8_decode(data, "strict", not chunk)[1]
                except UnicodeDecodeError as error:
                    before = data[: error.start]
                    line += before.count(b"\n")
                    return _Fault(line, data[error.start], characters + _beyond_ascii(before))
                characters += _beyond_ascii(data[:read])
            line += data[:read].count(b"\n")
            held = data[read:]
            if not chunk:
                return None


def _beyond_ascii(data: bytes) -> int:
    """How many characters of a UTF-8 text lie beyond ASCII, by the bytes that begin them."""
    return len(data) - len(data.translate(None, _LEADS))
