"""What is to be derived, on its way to the process that writes it: a folder of Arrow files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pydantic import BaseModel

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import DeriveReport

_REQUEST = "request.json"


class _Listed(BaseModel):
    """What the folder holds: names of types, in the order of their files."""

    nodes: list[str]
    edges: list[str]
    kept: dict[str, str | None]
    only: bool


@dataclass
class Derivation:
    """Tables of derived types by their names, texts to keep, and to what all of it is confined."""

    nodes: Mapping[str, pa.Table]
    edges: Mapping[str, pa.Table]
    kept: Mapping[str, str | None]
    only: pa.Table | None = None

    def __post_init__(self) -> None:
        """Raise UsageError for a type that is not derived."""
        for named, types in (
            (self.nodes, {n.label for n in VOCABULARY.nodes.values() if n.derived}),
            (self.edges, {e.name for e in VOCABULARY.edges.values() if e.derived}),
        ):
            for name in named:
                if name not in types:
                    known = ", ".join(sorted(types))
                    raise UsageError(f"{name!r} is no type that can be derived (there is: {known})")

    def write(self, folder: Path) -> None:
        """Write all of it into an empty folder."""
        only = [self.only] if self.only is not None else []
        for n, table in enumerate((*self.nodes.values(), *self.edges.values(), *only)):
            path = str(_file(folder, n))
            with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
        listed = _Listed(
            nodes=list(self.nodes), edges=list(self.edges), kept=dict(self.kept), only=bool(only)
        )
        (folder / _REQUEST).write_text(listed.model_dump_json(), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> "Derivation":
        """Read it; the tables lie in the files for as long as they are used."""
        text = (folder / _REQUEST).read_text(encoding="utf-8")
        listed = _Listed.model_validate_json(text)
        count = len(listed.nodes) + len(listed.edges)
        tables = [
            pa.ipc.open_file(pa.memory_map(str(_file(folder, n)))).read_all()
            for n in range(count + listed.only)
        ]
        nodes = dict(zip(listed.nodes, tables, strict=False))
        edges = dict(zip(listed.edges, tables[len(nodes) :], strict=False))
        return cls(nodes, edges, listed.kept, tables[count] if listed.only else None)


class DeriveEvent(BaseModel):
    """One message from the process that writes.

    `text` says what is being done; `report`: it is through; `error_type` and `error`: it ended with
    an error of `graphcrm.errors`.
    """

    text: str = ""
    report: DeriveReport | None = None
    error_type: str = ""
    error: str = ""


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number}.arrow"
