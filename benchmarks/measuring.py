"""Running a step in a process of its own, with its time and the memory at its peak."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """A step that was run: seconds by the clock, and the most memory of all its processes."""

    seconds: float
    peak_mb: float
    output: str


def run(*command: str | Path) -> Measured:
    """Run a Python command line (without the interpreter); RuntimeError where it fails.

    The peak is the sum of the resident memory of the process and its children, sampled.
    """
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    peak = [0.0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    output, complaint = process.communicate()
    seconds = time.monotonic() - started
    watcher.join()
    if process.returncode not in (0, 1):  # 1: rows were refused, which a benchmark may have
        raise RuntimeError(f"{command}: {complaint[-2000:]}")
    return Measured(seconds, peak[0], output)


def _watch(process: "subprocess.Popen[str]", peak: list[float]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], resident_mb(process.pid))
        time.sleep(0.1)


def resident_mb(pid: int) -> float:
    """Resident memory of a process and its descendants (Linux; 0 elsewhere)."""
    total, waiting = 0.0, [pid]
    while waiting:
        current = waiting.pop()
        try:
            with open(f"/proc/{current}/statm") as statm:
                pages = int(statm.read().split()[1])
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as children:
                    waiting += [int(child) for child in children.read().split()]
        except (OSError, IndexError):
            continue
        total += pages * os.sysconf("SC_PAGE_SIZE") / 1e6
    return total


def remove_graph(path: Path) -> None:
    """Remove a graph file and what lies beside it."""
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
