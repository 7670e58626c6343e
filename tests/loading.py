"""Loads in a process that goes on to the next load."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import graphcrm

Load = Callable[..., graphcrm.LoadReport]
"""`load(graph, *sources, **plan)`: a path or an address, what is loaded, and how."""


@contextmanager
def loading_apart(**environment: str) -> Iterator[Load]:
    """The process, with variables of its environment beside those of this one."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("load_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **environment},
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def load(graph: str | Path, *sources: str | Path, **plan: Any) -> graphcrm.LoadReport:
            graphcrm.connect(graph).store.close()
            asked = {
                "graph": graph,
                "sources": [source for source in sources if "://" not in str(source)],
                "databases": [source for source in sources if "://" in str(source)],
                "mapping": plan.pop("mapping", None),
                "incremental": plan.pop("incremental", False),
                "dry_run": plan.pop("dry_run", False),
                "plan": plan,
            }
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked, default=str) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            if "error" in answer:
                raise getattr(graphcrm, answer["error"])(answer["text"])
            return graphcrm.LoadReport.model_validate(answer)

        yield load
        process.stdin.close()
