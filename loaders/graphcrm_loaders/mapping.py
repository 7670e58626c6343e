"""Mapping files: how a source's own headers and codes become those of the interchange format."""

import fnmatch
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY
from graphcrm_loaders.repeated_keys import repeated_keys
from graphcrm_loaders.shape import Shape


def _listed(data: Any) -> Any:
    """One where several may stand."""
    return data if data is None or isinstance(data, list) else [data]


class ColumnMapping(BaseModel):
    """Where a column's values come from: one column, a part of one, several joined, or a constant.

    `codes` translates values (others stay as they are); `format` reads dates of other forms
    (strptime codes, such as `%Y/%m/%d`, or forms with a name, see `forms`; several are tried in
    turn). With `hash`, a keyed hash of the value stands for it, so that an id made of a personal
    number does not show it.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    from_: str | None = Field(default=None, alias="from", min_length=1)
    join: Annotated[list[str], Field(min_length=1)] | None = None
    with_: str = Field(default="", alias="with")
    split: str | None = None
    part: Annotated[int, Field(ge=1, le=1000)] = 1
    constant: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    format: Annotated[list[str], Field(min_length=1), BeforeValidator(_listed)] | None = None
    hash: bool = False

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


class TableMapping(BaseModel):
    """Which table something becomes, and where its columns come from."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    table: str
    columns: dict[str, ColumnMapping]
    ignore: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _known(self) -> "TableMapping":
        if self.table not in VOCABULARY.tables:
            raise ValueError(f"there is no table {self.table!r}")
        known = {p.name for p in VOCABULARY.tables[self.table].columns}
        for name in self.columns:
            if name not in known:
                raise ValueError(f"{self.table} has no column {name!r}")
        return self


class FileMapping(TableMapping):
    """How one file (and sheet) becomes a table.

    Where header and records lie is said as in `Shape`. Where a file holds several tables,
    `only_with` names a column of the table: rows in which that is empty hold none of it; with
    `once`, rows of the same id come in once, the first that is known of each value counts, and
    rows that contradict it are refused.
    """

    sheet: str | None = None
    header_row: Annotated[int, Field(ge=0)] = 1
    header_rows: Annotated[int, Field(ge=1, le=9)] = 1
    number_headers: bool = False
    skip_rows: list[str] = Field(default_factory=list)
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    only_with: str | None = None
    once: bool = False

    @model_validator(mode="after")
    def _brings_what_it_needs(self) -> "FileMapping":
        if self.only_with is not None and self.only_with not in self.columns:
            raise ValueError(f"only_with: {self.only_with!r} is none of the columns")
        return self

    @property
    def shape(self) -> Shape:
        """Where header and records lie."""
        return Shape(
            self.header_row,
            self.header_rows,
            self.number_headers,
            tuple(self.skip_rows),
            self.delimiter,
        )


class DatabaseMapping(TableMapping):
    """What of a database becomes a table: a table or view (`from`), or a query.

    `watermark` names a column that grows with every change, by which `--incremental` reads only
    what is new; rows that came in late by up to `late_by` minutes (of a number: units) are read
    again. Without `columns` they are named as in the interchange format.
    """

    from_: str | None = Field(default=None, alias="from", min_length=1)
    query: str | None = Field(default=None, min_length=1)
    columns: dict[str, ColumnMapping] = Field(default_factory=dict)
    watermark: str | None = Field(default=None, min_length=1)
    late_by: Annotated[int, Field(ge=0)] = 10

    @model_validator(mode="after")
    def _one_origin(self) -> "DatabaseMapping":
        if (self.from_ is None) == (self.query is None):
            raise ValueError("give exactly one of: from, query")
        return self


class Mapping(BaseModel):
    """A mapping file: per file name (or pattern such as `cust_*.csv`) how it becomes a table.

    A file may hold several: a list. Columns that one of them takes are no extra properties of
    another, and those that none takes are extra properties of the first.

    `database` says what to read of databases.
    """

    model_config = ConfigDict(extra="forbid")

    files: dict[str, Annotated[list[FileMapping], BeforeValidator(_listed)]] = Field(
        default_factory=dict
    )
    database: list[DatabaseMapping] = Field(default_factory=list)

    def for_file(self, name: str, sheet: str | None) -> FileMapping | None:
        """The mapping of a file, or None: an exact name goes before a pattern."""
        found = self.tables_of(name, sheet)
        return found[0] if found else None

    def tables_of(self, name: str, sheet: str | None) -> list[FileMapping]:
        """What a file (and sheet) holds: an exact name goes before a pattern."""
        for pattern, mapped in sorted(self.files.items(), key=lambda item: item[0] != name):
            if pattern == name or fnmatch.fnmatchcase(name, pattern):
                fitting = [entry for entry in mapped if entry.sheet in (None, sheet)]
                if fitting:
                    return fitting
        return []


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
    twice = sorted(repeated_keys(root))
    if twice:
        raise UsageError(
            "\n".join(
                f"{path}: line {line}: the key {key!r} is there twice, first in line {first}"
                for line, key, first in twice
            )
        )
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
            if not found and part == 0:  # one where several may stand
                continue
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
