"""Mapping files: how a source's own headers and codes become those of the interchange format."""

import fnmatch
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY


class ColumnMapping(BaseModel):
    """Where a column's values come from: one column, a part of one, several joined, or a constant.

    `codes` translates values (others stay as they are); `format` reads dates of another form
    (strptime codes, such as `%Y/%m/%d`).
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: str | None = Field(default=None, alias="from", min_length=1)
    join: Annotated[list[str], Field(min_length=1)] | None = None
    with_: str = Field(default="", alias="with")
    split: str | None = None
    part: Annotated[int, Field(ge=1, le=1000)] = 1
    constant: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    format: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, data: Any) -> Any:
        return {"from": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnMapping":
        if sum(x is not None for x in (self.from_, self.join, self.constant)) != 1:
            raise ValueError("give exactly one of: from, join, constant")
        return self

    @property
    def used(self) -> list[str]:
        """The columns of the file that are read."""
        return [self.from_] if self.from_ is not None else list(self.join or ())


class FileMapping(BaseModel):
    """How one file (and sheet) becomes a table."""

    model_config = ConfigDict(extra="forbid")

    table: str
    sheet: str | None = None
    columns: dict[str, ColumnMapping]
    ignore: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _known(self) -> "FileMapping":
        if self.table not in VOCABULARY.tables:
            raise ValueError(f"there is no table {self.table!r}")
        known = {p.name for p in VOCABULARY.tables[self.table].columns}
        for name in self.columns:
            if name not in known:
                raise ValueError(f"{self.table} has no column {name!r}")
        return self


class Mapping(BaseModel):
    """A mapping file: per file name (or pattern such as `cust_*.csv`) how it becomes a table."""

    model_config = ConfigDict(extra="forbid")

    files: dict[str, FileMapping]

    def for_file(self, name: str, sheet: str | None) -> FileMapping | None:
        """The mapping of a file, or None: an exact name goes before a pattern."""
        fitting = [
            mapped
            for pattern, mapped in sorted(self.files.items(), key=lambda item: item[0] != name)
            if fnmatch.fnmatchcase(name, pattern) and mapped.sheet in (None, sheet)
        ]
        return fitting[0] if fitting else None


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file. Raises UsageError that names file, line and what is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: can't be read ({error})") from error
    try:
        # all scalars stay text: YAML would make true of a code such as `yes` and 1 of `01`
        root = yaml.compose(text, Loader=yaml.BaseLoader)
        data = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}:" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise UsageError(f"{path}:{line} {problem}") from error
    try:
        return Mapping.model_validate(data)
    except ValidationError as error:
        raise UsageError(
            "\n".join(
                f"{path}: line {_line(root, item['loc'])}: "
                f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}"
                for item in error.errors()
            )
        ) from error


def _line(root: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """The line of the deepest node of a location that is there."""
    node, line = root, 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = [(k, v) for k, v in node.value if k.value == str(part)]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
