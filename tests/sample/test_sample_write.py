"""Writing a sample where it can't be written, and after a run that was killed."""

import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphcrm import UsageError
from graphcrm.sample import write_sample

_WRITE = "import sys, pathlib; from graphcrm.sample import write_sample; "
_LARGE = _WRITE + "write_sample(pathlib.Path(sys.argv[1]), customers=200_000, seed=1)"


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize(("lang", "word"), [("en", "can't be written"), ("zh", "无法写入")])
def test_no_room(tmp_path: Path, form: str, lang: str, word: str) -> None:
    command = [
        sys.executable, "-m", "graphcrm_api.cli", "sample", str(tmp_path / "book"),
        "--customers", "2000", "--format", form, "--lang", lang,
    ]  # fmt: skip
    done = subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    assert done.returncode == 2
    assert word in done.stderr.replace("\n", "")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_killed_run_is_cleared_away_by_the_next(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _LARGE, str(tmp_path / "book")]) as process:
        while not list(tmp_path.glob(".book*/*")) and process.poll() is None:
            time.sleep(0.02)
        with pytest.raises(UsageError, match="another process is writing a sample there"):
            write_sample(tmp_path / "book", customers=5, seed=1)
        process.send_signal(signal.SIGKILL)
    assert [path for path in tmp_path.iterdir() if path.is_dir()] != []
    write_sample(tmp_path / "book", customers=5, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["book"]
