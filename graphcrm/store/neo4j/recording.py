"""The record of loads, files, sources and watermarks in a Neo4j database."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import PurePath

import duckdb

from graphcrm.store.contract import LoadPlan, LoadReport, Say
from graphcrm.store.forms import DECIDED, code_of, name_of, origin_numbers
from graphcrm.store.neo4j.channel import Channel
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.lock import writing
from graphcrm.store.neo4j.records import add_records, fetch_records
from graphcrm.store.neo4j.schema import complete_indexes
from graphcrm.store.writing.keeper import Keeper
from graphcrm.store.writing.keys import KeyMap


class Recording(Keeper):
    """The part of a keeper that records what is written."""

    left_behind = "what of it was written stands; load it again to complete it"

    def __init__(self, server: Server, work: duckdb.DuckDBPyConnection, say: Say) -> None:
        """Prepare to keep; the graph must exist."""
        self.server, self.work, self._say = server, work, say
        self.channel = Channel(server)
        self.keys = KeyMap(self)
        self.unfinished: list[int] = []
        self.file = self.serial = 0
        self._codes: dict[str, int] = {}
        self.made: set[str] = set()

    @contextmanager
    def open(self, plan: LoadPlan, what: str = "a load") -> Iterator[None]:
        """Hold the lock; a rehearsal is one transaction that is rolled back."""
        wait = writing(self.server, what, lambda who: self._say(f"waiting for {who}"))
        with wait as self._still_held:
            complete_indexes(self.server)
            # decisions may bring their source while this runs, and must not look as if without one
            names = dict.fromkeys([*self._listed("sources"), DECIDED])
            self._codes = {name: n for n, name in enumerate(names, 1)}
            self.made = set(self._listed("origins"))
            unfinished = "MATCH (f:_File) WHERE NOT f.done RETURN f.file"
            self.unfinished = [file for (file,) in self.channel.read(unfinished)]
            if not plan.rehearsal:
                yield
                return
            with self.channel.rehearsing():
                yield

    def _listed(self, name: str) -> list[str]:
        ((found,),) = self.channel.read(f"MATCH (g:_Graph) RETURN coalesce(g.{name}, [])")
        return list(found)

    @contextmanager
    def transaction(self, *, facts: bool = True) -> Iterator[None]:
        """Mark the graph as being written: a snapshot made meanwhile is of no lasting use."""
        marks = "g.state = randomUUID()" + (", g.facts = randomUUID()" if facts else "")
        self._still_held()
        self.channel.write(f"MATCH (g:_Graph) SET g.writing = true, {marks}")
        yield
        self._still_held()
        self.channel.write(
            f"MATCH (g:_Graph) SET g.writing = null, {marks}, g.change = g.change + 1"
        )

    def begin_load(self, plan: LoadPlan, started_at: str) -> int:
        """Record a load as running, and those that died as interrupted."""
        self.channel.write("MATCH (l:_Load {state: 'running'}) SET l.state = 'interrupted'")
        rows = self.channel.write(
            "OPTIONAL MATCH (last:_Load) WITH coalesce(max(last.load), 0) + 1 AS load "
            "CREATE (l:_Load {load: load, state: 'running', started_at: $started_at, "
            "as_of: $as_of, source: $source, complete: $complete, by: $by, "
            "request: $request}) RETURN load",
            started_at=started_at,
            as_of=plan.as_of.isoformat(),
            source=plan.source,
            complete=int(plan.complete),
            by=plan.by,
            request=plan.request,
        )
        return int(rows[0][0])

    def end_load(self, load: int, state: str, report: LoadReport, finished_at: str) -> None:
        """Record how a load ended."""
        self.channel.write(
            "MATCH (l:_Load {load: $load}) SET l += {state: $state, finished_at: $at, "
            "report: $report}",
            load=load,
            state=state,
            at=finished_at,
            report=report.model_dump_json(),
        )

    def begin_file(self, load: int, path: str, table: str) -> int:
        """Record that a file is written."""
        rows = self.channel.write(
            "OPTIONAL MATCH (last:_File) WITH coalesce(max(last.file), 0) + 1 AS file "
            "CREATE (f:_File {file: file, load: $load, path: $path, table_name: $table, "
            "done: false}) RETURN file",
            load=load,
            path=path,
            table=table,
        )
        self.file, self.serial = int(rows[0][0]), 0
        return self.file

    def end_file(self, file: int, report_json: str) -> None:
        """Record that a file is written whole, and which broken-off ones it makes good."""
        ((path, table),) = self.channel.write(
            "MATCH (f:_File {file: $file}) SET f.report = $report, f.done = true "
            "RETURN f.path, f.table_name",
            file=file,
            report=report_json,
        )
        name = PurePath(path).name
        older = (
            "MATCH (f:_File) WHERE NOT f.done AND f.made_good IS NULL "
            "RETURN f.file, f.path, f.table_name"
        )
        good = [
            other
            for other, its_path, its_table in self.channel.read(older)
            if (PurePath(its_path).name, its_table) == (name, table)
        ]
        self.channel.write(
            "MATCH (f:_File) WHERE f.file IN $good SET f.made_good = $file", good=good, file=file
        )

    def steady(self) -> AbstractContextManager[None]:
        """Nothing: pages are read in transactions of their own."""
        return nullcontext()

    def adopt(self, identity_key: bytes) -> None:
        """Take over another graph's secret."""
        self.channel.write("MATCH (g:_Graph) SET g.identity_key = $key", key=identity_key.hex())

    def copy_of(self) -> str | None:
        """The graph of which this one holds a part."""
        ((of,),) = self.channel.read("MATCH (g:_Graph) RETURN g.copy_of")
        return of if of is None else str(of)

    def note_copy(self, of: str | None) -> None:
        """Note that a copy begins, or is through."""
        self.channel.write("MATCH (g:_Graph) SET g.copy_of = $of", of=of)

    def fetch_records(self, name: str, into: str) -> None:
        """A kind of records."""
        fetch_records(self.channel, self.work, name, into)

    def add_records(self, name: str, rows: str) -> None:
        """Add records of a kind."""
        add_records(self.channel, self.work, name, rows)

    def count(self, kind: str, name: str, change: int) -> None:
        """Nothing: the server counts."""

    def tidy(self) -> None:
        """Nothing: the server keeps its statistics itself."""

    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made."""
        return bytes.fromhex(self.channel.read("MATCH (g:_Graph) RETURN g.identity_key")[0][0])

    def origins(self) -> dict[str, int]:
        """The code of each column that makes edges."""
        return origin_numbers()

    def sources(self, names: Iterable[str]) -> dict[str, int]:
        """The code of each source, after the named ones were added."""
        new = [name for name in names if name not in self._codes]
        if new:
            for name in new:
                self._codes[name] = len(self._codes) + 1
            self.channel.write("MATCH (g:_Graph) SET g.sources = $names", names=list(self._codes))
        return dict(self._codes)

    def source_name(self, code: str) -> str:
        """SQL for the name of a source's code."""
        return name_of(code, self._codes)

    def source_code(self, name: str) -> str:
        """SQL for the code of a source's name."""
        return code_of(name, self._codes)

    def origin_name(self, code: str) -> str:
        """SQL for the name of an origin's code."""
        return name_of(code, origin_numbers())

    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads."""
        rows = self.channel.read("MATCH (w:_Watermark {name: $name}) RETURN w.value", name=name)
        return str(rows[0][0]) if rows else None

    def keep_watermark(self, name: str, value: str, load: int) -> None:
        """Remember how far a source was read."""
        self.channel.write(
            "MERGE (w:_Watermark {name: $name}) SET w.value = $value, w.load = $load",
            name=name,
            value=value,
            load=load,
        )
