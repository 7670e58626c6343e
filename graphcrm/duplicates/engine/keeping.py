"""All compared records as a file, so that a later finding need not read and standardise them again.

An Arrow stream of one row, where every array is one list, so that reading it copies nothing, and a
checksum of it at the end.
"""

from __future__ import annotations

import json
import mmap
import os
import shutil
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

import graphcrm
from graphcrm.duplicates.engine.fields import Field, Frequency, Kind, Parts, Words
from graphcrm.duplicates.engine.renewal import Compared
from graphcrm.leftovers import remove_leftovers

_FORM = 2
_CHECKSUM = 4
"""Bytes."""

_PART = ".part"
_PLAIN = ("marks", "follows", "left", "right", "match", "clusters")


@contextmanager
def writing_compared(
    compared: Compared, path: Path, finding: str, say: Callable[[str], object] = lambda text: None
) -> Iterator[None]:
    """Keep the records that a finding compared, written while the finding is.

    What was there is replaced when the context ends well. The file is a cache: where it can't be
    written, there is none, and `say` hears of it.
    """
    remove_leftovers(path, _PART)
    part = path.with_name(f"{path.name}.{os.getpid()}{_PART}")
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(_write, compared, part, finding)
        try:
            yield
            try:
                writing.result()
                with suppress(FileNotFoundError):
                    shutil.copymode(path.with_suffix(".snapshot"), part)
                part.replace(path)
            except OSError as error:
                say(f"{path}: {error}")
                with suppress(OSError):
                    path.unlink()
        finally:
            wait([writing])
            part.unlink(missing_ok=True)


def _write(compared: Compared, path: Path, finding: str) -> None:
    arrays = dict(_arrays(compared))
    lists = [
        pa.LargeListArray.from_arrays(pa.array([0, len(array)], pa.int64()), array)
        for array in arrays.values()
    ]
    about = {"form": _form(), "finding": finding, "fields": json.dumps(_described(compared.fields))}
    table = pa.table(lists, names=list(arrays)).replace_schema_metadata(about)
    # It holds personal data: nobody may read it who may not read the snapshot beside it.
    opened = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600)
    with os.fdopen(opened, "w+b") as file:
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            checksum = zlib.crc32(whole)
        # Not forced to the disk: what a power cut leaves of it, the checksum tells.
        file.write(checksum.to_bytes(_CHECKSUM, "big"))


def _form() -> str:
    """What a file must be of: another release may standardise or mark values in another way."""
    return f"{_FORM} {graphcrm.__version__} {duckdb.__version__}"


def read_compared(path: Path, finding: str | None) -> Compared | None:
    """The records that this very finding compared; None where the file is another's or gone."""
    try:
        whole = memoryview(pa.memory_map(str(path)).read_buffer())
        if zlib.crc32(whole[:-_CHECKSUM]) != int.from_bytes(whole[-_CHECKSUM:], "big"):
            return None
        table = pa.ipc.open_stream(pa.py_buffer(whole[:-_CHECKSUM])).read_all()
        metadata = table.schema.metadata or {}
        about = {key.decode(): value.decode() for key, value in metadata.items()}
        if finding is None or (about["form"], about["finding"]) != (_form(), finding):
            return None
        arrays = {name: table[name].chunk(0).flatten() for name in table.column_names}
        fields = [
            _field(described, number, arrays)
            for number, described in enumerate(json.loads(about["fields"]))
        ]
        plain = {name: arrays[name].to_numpy() for name in _PLAIN}
        apart = arrays["apart.0"].to_numpy(), arrays["apart.1"].to_numpy()
        return Compared(ids=arrays["ids"], fields=fields, apart=apart, **plain)
    except (OSError, pa.ArrowException, LookupError, ValueError, TypeError):
        return None


def _arrays(compared: Compared) -> Iterator[tuple[str, pa.Array]]:
    yield "ids", compared.ids
    for name in _PLAIN:
        yield name, pa.array(getattr(compared, name))
    for side in (0, 1):
        yield f"apart.{side}", pa.array(compared.apart[side])
    for number, field in enumerate(compared.fields):
        for name, array in _of_field(field):
            whole = array if isinstance(array, pa.Array) else pa.array(array)
            yield f"{number}.{name}", whole


def _of_field(field: Field) -> Iterator[tuple[str, pa.Array | npt.NDArray[Any]]]:
    yield "codes", field.codes
    yield "values", field.values
    yield "held", field.held
    for number, (parts, held) in enumerate(zip(field.coarse, field.frequency.parts, strict=True)):
        yield f"part.{number}.codes", parts.codes
        yield f"part.{number}.texts", parts.texts
        yield f"part.{number}.held", held
    if field.words is not None:
        yield "word.offsets", field.words.offsets
        yield "word.numbers", field.words.numbers
        yield "word.texts", field.words.texts
        yield "word.held", field.holders


def _described(fields: list[Field]) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "kind": field.kind.value,
            "flags": [field.person, field.identity, field.weak],
            "records": field.records,
            "known": field.frequency.known,
            "squares": field.frequency.squares,
            "parts": len(field.coarse),
            "words": field.words is not None,
        }
        for field in fields
    ]


def _field(described: dict[str, Any], number: int, arrays: dict[str, pa.Array]) -> Field:
    mine = {
        name.removeprefix(f"{number}."): array
        for name, array in arrays.items()
        if name.startswith(f"{number}.")
    }
    numbers = {name: a.to_numpy() for name, a in mine.items() if not pa.types.is_string(a.type)}
    person, identity, weak = described["flags"]
    words = None
    if described["words"]:
        words = Words(numbers["word.offsets"], numbers["word.numbers"], mine["word.texts"])
    parts = range(described["parts"])
    return Field(
        described["name"],
        Kind(described["kind"]),
        numbers["codes"],
        mine["values"],
        tuple(Parts(numbers[f"part.{n}.codes"], mine[f"part.{n}.texts"]) for n in parts),
        words,
        person,
        identity,
        None,
        weak,
        Frequency(
            described["records"],
            described["known"],
            described["squares"],
            numbers["held"],
            numbers.get("word.held", np.empty(0, np.int64)),
            tuple(numbers[f"part.{n}.held"] for n in parts),
        ),
    )
