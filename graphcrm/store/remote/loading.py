"""Loading over a service: files are sent, what it can reach itself is named; jobs are followed."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from graphcrm.errors import GraphCRMError, SourceError, StoreError, UsageError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import FileReport, LoadReport
from graphcrm.store.loads import is_result
from graphcrm.store.remote.connection import Service

THERE = "service:"
"""Before a path below the folders that the service may load from."""

DATABASE = "database:"
"""Before the name of a database that the service may load from."""

_WORKBOOK = ".xlsx"
"""Its sheets are the tables, whatever its own name is."""

_FIRST_PAUSE, _LONGEST_PAUSE, _LONGER = 0.1, 1.0, 1.3
_OVER = ("succeeded", "failed", "cancelled")


class Progress(BaseModel):
    """How far a load is: `done` of `total` hundredths, and what is being done in words."""

    kind: Literal["progress"] = "progress"
    text: str
    done: int
    total: int = 100


Listen = Callable[[Any], None]


@dataclass(frozen=True)
class Order:
    """How something is to be loaded (see `Graph.load`); `mapping` lies on the service's machine."""

    source: str | None = None
    mapping: str | None = None
    full: bool = False
    incremental: bool = False
    dry_run: bool = False
    confirmed: bool = False
    as_of: dt.date | None = None

    def told(self) -> dict[str, Any]:
        """What is said of it in any load."""
        told = {**vars(self), "as_of": self.as_of and self.as_of.isoformat()}
        return {n: v for n, v in told.items() if n != "incremental" and v is not None}


def load(
    service: Service,
    sources: Sequence[str],
    order: Order,
    listen: Listen,
    pause: Callable[[float], None] = time.sleep,
) -> LoadReport:
    """Load sources one after the other, each in a job of its own, and report what became of them.

    A source is a file or folder here, `service:PATH` or `database:NAME` there. Who breaks off
    (KeyboardInterrupt) cancels the job. Raises SourceError before anything is sent where a file is
    not there; StoreError where nothing could be loaded, or somebody there has cancelled a job.
    """
    files: list[FileReport] = []
    healed = number = 0
    began = time.monotonic()
    passed_over: list[str] = []
    listed = _files(sources, passed_over, mapped=order.mapping is not None)
    for source, start in [(source, _start(service, source, order)) for source in listed]:
        job = _follow(service, start()["id"], listen, pause)
        result = job["result"] or {"load": None, "healed": 0, "files": []}
        files += [FileReport(path=file["name"], **_counts(file)) for file in result["files"]]
        if job["state"] == "failed":
            files.append(FileReport(path=source, table="", error=job["error"]))
        elif job["state"] == "cancelled":
            through = ", ".join(file.path for file in files if not file.error) or "nothing"
            raise StoreError(
                f"{service.url}: the load was cancelled there; loaded before that: {through}"
            )
        passed_over += result.get("passed_over", ())
        healed, number = healed + result["healed"], result["load"] or number
    if all(file.error for file in files):
        raise StoreError("\n".join(f"{service.url}: {file.error}" for file in files))
    return LoadReport(
        load=number,
        files=files,
        healed=healed,
        seconds=time.monotonic() - began,
        passed_over=passed_over,
    )


def _files(sources: Sequence[str], passed_over: list[str], *, mapped: bool) -> list[str]:
    """The sources, folders by their files, without results that are `passed_over`.

    SourceError for what isn't there, or is empty.
    """
    if not sources:
        raise UsageError("name what is to be loaded")
    found: list[str] = []
    for source in sources:
        path = Path(source)
        if source.startswith((THERE, DATABASE)):
            found.append(source)
        elif "://" in source:
            raise UsageError(
                f"{source.split('@')[-1]}: a service loads from databases that its settings name; "
                "write database:NAME"
            )
        elif path.is_dir():
            tables = _tables_in(path, mapped=mapped)
            passed_over += [str(table) for table in tables if is_result(table)]
            inside = [str(table) for table in tables if not is_result(table)]
            if not inside:
                raise SourceError(
                    f"{source}: the folder holds no table (CSV, Parquet, Excel, JSON Lines)"
                )
            found += inside
        elif path.is_file():
            found.append(source)
        else:
            raise SourceError(f"{source}: there is no such file or folder")
    return found


def _tables_in(folder: Path, *, mapped: bool) -> list[Path]:
    """The files of a folder that may hold a table, in the order of loads; notes are passed over."""
    order = {name: place for place, name in enumerate(VOCABULARY.load_order)}
    files = [p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))]
    chosen = [
        p
        for p in files
        if mapped or p.stem in order or p.suffix.lower() == _WORKBOOK or is_result(p)
    ]
    return sorted(chosen, key=lambda p: (order.get(p.stem, len(order)), p.name))


def _start(service: Service, source: str, order: Order) -> Callable[[], Any]:
    """What sends or names a source. UsageError for what it can't be loaded with."""
    told = order.told()
    if source.startswith(DATABASE):
        body = {**told, "database": source.removeprefix(DATABASE), "incremental": order.incremental}
        return lambda: service.post("/v1/loads", body)
    if order.incremental:
        raise UsageError(f"{source}: incremental is for databases; files are compared as a whole")
    if source.startswith(THERE):
        return lambda: service.post("/v1/loads", {**told, "path": source.removeprefix(THERE)})
    path = Path(source)
    params = {**told, "name": path.name}
    return lambda: service.send_file("/v1/loads/upload", path, params)


def _follow(service: Service, id: str, listen: Listen, pause: Callable[[float], None]) -> Any:
    """Listen to a job until it is over."""
    seconds, said = _FIRST_PAUSE, "reading"
    try:
        while True:
            job = service.get(f"/v1/jobs/{id}")
            told: Mapping[str, Any] | None = job["progress"]
            said = said if told is None else told["doing"]
            if job["state"] in _OVER:
                listen(Progress(text=said, done=100))
                return job
            if told is not None:
                listen(Progress(text=said, done=round(100 * told["share"])))
            pause(seconds)
            seconds = min(_LONGER * seconds, _LONGEST_PAUSE)
    except KeyboardInterrupt:
        with suppress(GraphCRMError):  # it may be over by now
            service.post(f"/v1/jobs/{id}/cancel", None)
        raise


def _counts(file: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in file.items() if name != "name"}
