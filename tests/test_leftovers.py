"""What a killed process left behind is removed, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

from graphcrm.leftovers import remove_leftovers


def test_only_what_was_begun_long_ago_is_removed(tmp_path: Path) -> None:
    file = tmp_path / "a[1].snapshot"
    names = ("a[1].snapshot", "a[1].snapshot.7.copy", "a[1].snapshot.7.part", "a1.snapshot.7.copy")
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - 7200,) * 2)
    (tmp_path / "a[1].snapshot.8.copy").touch()
    remove_leftovers(file, ".copy")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {*names, "a[1].snapshot.8.copy"} - {"a[1].snapshot.7.copy"}
