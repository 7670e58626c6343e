"""Named questions: SQL and Cypher files with a header that says what they ask and answer.

A header is a run of comment lines at the top of the file:

    -- name: orphan_policies
    -- purpose: Policies in force whose serving agent is gone.
    -- purpose.zh: 服务代理人已不在岗的有效保单。
    -- public: yes
    -- parameter: as_of date = today | the day the question is asked for
    -- column: policy_id text = Policy.id | the policy
"""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphcrm.errors import UnknownQuestionError, UsageError

_LINE = re.compile(r"^(?:--|//)\s*([\w.]+):\s*(.*)$")
_PARAMETER = re.compile(r"^(\w+) (\w+)(?: = ([^|]*?))?\s*\|\s*(.+)$")
_COLUMN = re.compile(r"^(\w+) (\w+)(?: = ([\w{}.]+))?\s*\|\s*(.+)$")

_BATCH_ROWS = 2000
"""So few that a batch's Python objects are gone again before they fill the memory."""

_TYPES = {
    "text": pa.string(),
    "date": pa.string(),
    "integer": pa.int64(),
    "amount": pa.float64(),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a question; `default` is its text in the header, None if it must be given."""

    name: str
    type: str
    default: str | None
    description: str


@dataclass(frozen=True)
class Column:
    """A column of a question's answer.

    `of` is what its values are: `Agent.name` is that property of an agent, `{label}.id` the id of a
    node whose label stands in the column `label`, `title` what a node is called; `personal` is
    personal data of another kind; `company` counts what lies in any branch. None: nothing that
    would have to be withheld from anybody.
    """

    name: str
    type: str
    of: str | None
    description: str


@dataclass(frozen=True)
class Question:
    """A named question: what it asks (in English and Chinese), what it takes, what it answers."""

    name: str
    topic: str
    purpose: str
    public: bool
    parameters: tuple[Parameter, ...]
    columns: tuple[Column, ...]
    text: str
    purpose_zh: str
    way: str | None = None
    """The column of the node from which the first one of a row was reached, in an earlier row or at
    the start, where the rows are steps of ways: whoever may not see a step doesn't see beyond."""

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema of the answer; dates are ISO text."""
        return pa.schema([(column.name, _TYPES[column.type]) for column in self.columns])

    def bind(self, given: dict[str, Any]) -> dict[str, Any]:
        """The values of all parameters; UsageError for a missing, unknown or unfit one."""
        unknown = sorted(set(given) - {p.name for p in self.parameters})
        if unknown:
            known = ", ".join(p.name for p in self.parameters) or "none"
            raise UsageError(f"{self.name} has no parameter {unknown[0]!r} (it takes: {known})")
        return {p.name: _value(self.name, p, given.get(p.name)) for p in self.parameters}

    def answer(self, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
        """The rows as an Arrow table of the declared schema."""
        source = iter(rows)
        batches: list[pa.RecordBatch] = []
        while part := list(islice(source, _BATCH_ROWS)):
            columns = zip(zip(*part, strict=True), self.schema, strict=True)
            arrays = [pa.array(values, field.type) for values, field in columns]
            batches.append(pa.record_batch(arrays, schema=self.schema))
        return pa.Table.from_batches(batches, self.schema)


def _value(question: str, parameter: Parameter, given: Any) -> Any:
    raw = parameter.default if given is None else given
    if raw is None:
        raise UsageError(f"{question} needs a value for {parameter.name} ({parameter.description})")
    if raw == "null" and parameter.default == "null":
        return None
    try:
        if parameter.type == "date":
            if raw == "today":
                return dt.date.today().isoformat()
            return dt.date.fromisoformat(str(raw)).isoformat()
        if parameter.type == "integer":
            return int(raw)
        if parameter.type == "amount":
            return float(raw)
    except (ValueError, TypeError):
        raise UsageError(
            f"{question}: {parameter.name} must be a {parameter.type}, not {raw!r}"
        ) from None
    return str(raw)


def parse(text: str, topic: str) -> Question:
    """Read a question from its file's text; ValueError where the header is wrong."""
    single: dict[str, str] = {}
    parameters: list[Parameter] = []
    columns: list[Column] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if not match:
            break
        key, value = match.groups()
        if key == "parameter":
            found = _PARAMETER.match(value)
            if not found:
                raise ValueError(f"not a parameter line: {line}")
            parameters.append(Parameter(*found.groups()))
        elif key == "column":
            found = _COLUMN.match(value)
            if not found or found.group(2) not in _TYPES:
                raise ValueError(f"not a column line: {line}")
            columns.append(Column(*found.groups()))
        else:
            single[key] = value.strip()
    if not {"name", "purpose", "public"} <= set(single) or not columns:
        raise ValueError(f"the header of {single.get('name', topic)} lacks a line")
    public = single["public"] == "yes"
    purpose = single["purpose"]
    return Question(
        single["name"], topic, purpose, public, tuple(parameters), tuple(columns), text,
        single.get("purpose.zh", purpose), single.get("way"),
    )  # fmt: skip


_BESIDE = Path(__file__).parents[2] / "cypher"
"""Where the Cypher questions lie in a checkout; in a wheel they are in the package."""


def _root(dialect: str) -> Traversable:
    if dialect == "sql":
        return files("graphcrm.store") / dialect
    within = files("graphcrm") / dialect
    return within if within.is_dir() else _BESIDE


@cache
def questions(dialect: str = "sql") -> dict[str, Question]:
    """All named questions of a dialect (sql or cypher), by name."""
    root = _root(dialect)
    found: dict[str, Question] = {}
    for topic in sorted((t for t in root.iterdir() if t.is_dir()), key=lambda t: t.name):
        for file in sorted(topic.iterdir(), key=lambda f: f.name):
            if file.name.endswith(f".{dialect}"):
                question = _read(file, topic.name)
                found[question.name] = question
    return found


def _read(file: Traversable, topic: str) -> Question:
    return parse(file.read_text(encoding="utf-8"), topic)


def question(name: str, dialect: str = "sql") -> Question:
    """The question of that name; UnknownQuestionError, which names those there are."""
    try:
        return questions(dialect)[name]
    except KeyError:
        known = ", ".join(sorted(questions()))
        raise UnknownQuestionError(f"no question is named {name!r}; there are: {known}") from None
