"""A proposal as a mapping file, with reasons and sureness as comments."""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from graphcrm.words import Language, word
from graphcrm_loaders.shape import Shape
from graphcrm_loaders.suggest.drafts import Draft, Reason, SheetDraft, TableDraft

_PLAIN = re.compile(r"^[A-Za-z\u4e00-\u9fff_][A-Za-z0-9\u4e00-\u9fff_./-]*$")
_BREAKS = re.compile(r"[\r\n\x85\u2028\u2029]+")
_COMMENT_COLUMN = 52
_LONGEST_LINE = 96
_RESERVED = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def as_yaml(sheets: Sequence[SheetDraft], problems: Iterable[str], language: Language) -> str:
    """The whole mapping file."""
    writer = _Writer(language)
    for line in ("head", "head_doubt", "head_next"):
        writer.comment(0, line)
    for problem in problems:
        writer.lines.append(f"# {problem}")
    files: dict[str, list[SheetDraft]] = {}
    for sheet in sheets:
        files.setdefault(sheet.file, []).append(sheet)
    mapped = {name: [s for s in own if s.tables] for name, own in files.items()}
    writer.lines.append("files:" if any(mapped.values()) else "files: {}")
    for name, own in files.items():
        for sheet in own:
            if not sheet.tables:
                shown = f"{name}[{sheet.sheet}]" if sheet.sheet else name
                writer.lines.append(f"  # {shown}: {writer.reasons(sheet.notes)}")
        if mapped[name]:
            writer.file(name, mapped[name])
    # a header may have line breaks, which would end a comment
    return "\n".join(_BREAKS.sub(" ", line) for line in writer.lines) + "\n"


class _Writer:
    """Collects the lines of the file."""

    def __init__(self, language: Language) -> None:
        self.lines: list[str] = []
        self._language = language

    def text(self, key: str, **values: Any) -> str:
        """The words of a key."""
        return word(f"suggest.{key}", self._language, **values)

    def comment(self, indent: int, key: str, **values: Any) -> None:
        """A line that is a comment only."""
        self.lines.append(f"{' ' * indent}# {self.text(key, **values)}")

    def reasons(self, reasons: Iterable[Reason]) -> str:
        """Several reasons in one line."""
        said = dict.fromkeys(self.text(f"why_{r.key}", **r.values) for r in reasons)
        return self.text("joint").join(said)

    def file(self, name: str, sheets: list[SheetDraft]) -> None:
        """All tables of a file."""
        self.lines.append("")
        self.lines.append(f"  {scalar(name)}:")
        for sheet in sheets:
            for table in sheet.tables:
                self._table(sheet, table)

    def _table(self, sheet: SheetDraft, table: TableDraft) -> None:
        share = f"{table.sure:.0%}".replace("%", " %")
        mark = "? " if table.sure < 0.75 else ""
        said = self.text("table", name=self.text(f"table_{table.table}"))
        self._line(4, f"- table: {table.table}", f"{mark}{share}: {said}")
        if sheet.sheet is not None:
            self.lines.append(f"      sheet: {scalar(sheet.sheet)}")
        self._shape(sheet.shape)
        if table.only_with:
            self._line(6, f"only_with: {table.only_with}", self.text("only_with"))
        if table.once:
            self._line(6, "once: true", self.text("once"))
        self.lines.append("      columns:")
        for draft in table.drafts:
            self._column(draft)
        if table.ignore:
            self.lines.append(f"      ignore: {flow(table.ignore)}")
        if table.extra:
            shown = self.text("joint").join(table.extra)
            self.comment(6, "extra", columns=shown)
        for name, place in table.maybe.items():
            self.comment(6, "maybe", column=name, place=place)
        for note in table.notes:
            self.comment(6, f"why_{note.key}", **note.values)

    def _shape(self, shape: Shape) -> None:
        if shape.header_row != 1:
            key = "header_row" if shape.header_row else "no_header"
            self._line(6, f"header_row: {shape.header_row}", self.text(key))
        if shape.header_rows != 1:
            self._line(6, f"header_rows: {shape.header_rows}", self.text("header_rows"))
        if shape.number_headers:
            self._line(6, "number_headers: true", self.text("number_headers"))
        if shape.skip_rows:
            self._line(6, f"skip_rows: {flow(shape.skip_rows)}", self.text("skip_rows"))
        if shape.delimiter is not None:
            self.lines.append(f"      delimiter: {json.dumps(shape.delimiter)}")

    def _column(self, draft: Draft) -> None:
        share = f"{draft.sure:.0%}".replace("%", " %")
        told = f"{'? ' if draft.doubtful else ''}{share}: {self.reasons(draft.reasons)}"
        said = told.rstrip(": ")
        origin = draft.origin
        if set(origin) == {"from"}:
            self._line(8, f"{draft.column}: {scalar(str(origin['from']))}", said)
            return
        whole = f"{draft.column}: {flow(origin)}"
        if _width(whole) + 8 <= _LONGEST_LINE:
            self._line(8, whole, said)
            return
        self._line(8, f"{draft.column}:", said)
        for key, value in origin.items():
            if isinstance(value, dict):
                self.lines.append(f"          {key}:")
                for old, new in value.items():
                    self.lines.append(f"            {scalar(old)}: {scalar(new)}")
            else:
                self.lines.append(f"          {key}: {flow(value)}")

    def _line(self, indent: int, content: str, comment: str) -> None:
        line = " " * indent + content
        room = " " * max(_COMMENT_COLUMN - _width(line), 0)
        self.lines.append(f"{line}{room}  # {comment}" if comment else line)


def _width(text: str) -> int:
    """How many columns a text takes; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def flow(value: Any) -> str:
    """A value of a mapping in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    return scalar(str(value)) if value != "true" else "true"


def scalar(value: str) -> str:
    """A text as YAML reads it back."""
    if _PLAIN.match(value) and value.lower() not in _RESERVED:
        return value
    return json.dumps(value, ensure_ascii=False)
