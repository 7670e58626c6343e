"""Which encoding a text file is in, and turning it into UTF-8."""

import codecs
from collections.abc import Callable
from pathlib import Path

from graphcrm.errors import SourceError

_CHUNK = 1 << 22
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030", "utf-16": "UTF-16"}

Step = Callable[[int], None]


def detect_encoding(path: Path) -> str:
    """`utf-8`, `utf-8-sig`, `utf-16` or `gb18030`, judged on the whole file.

    Raises SourceError, naming the line, if it is none of them.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _decodes(path, "utf-8"):
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if _decodes(path, "gb18030"):
        return "gb18030"
    line, byte = _first_fault(path)
    raise SourceError(
        f"{path}: line {line}: the byte 0x{byte:02X} fits neither UTF-8 nor GB18030; "
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
                if encoding != "utf-8" or not chunk.isascii():
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _first_fault(path: Path) -> tuple[int, int]:
    """Line and byte of the first fault, read as UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return 0, 0
