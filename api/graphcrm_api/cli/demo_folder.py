"""The folder of the demonstration: an earlier one is replaced, anything else is left alone."""

import json
import shutil
from pathlib import Path

from graphcrm_api.cli.language import text

_MARK = "graphcrm-demo.json"
_OURS = ("data", "demo.graph*", "demo.html", _MARK)


def prepare(folder: Path) -> None:
    """An empty folder, or one with nothing left of an earlier demonstration.

    What a user has put beside the demonstration's own files stays. Raises UsageError for a folder
    that holds something and is none of ours.
    """
    from graphcrm.errors import UsageError

    if folder.exists() and not folder.is_dir():
        raise UsageError(text("demo_no_folder", folder=folder))
    if folder.is_dir() and any(folder.iterdir()):
        if not _is_ours(folder):
            raise UsageError(text("demo_not_ours", folder=folder))
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    note = {"made_by": "graphcrm demo", "replaced_by_the_next": _OURS}
    (folder / _MARK).write_text(json.dumps(note, indent=2), encoding="utf-8")


def _is_ours(folder: Path) -> bool:
    try:
        note = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(note, dict) and note.get("made_by") == "graphcrm demo"


def _clear(folder: Path) -> None:
    for pattern in _OURS:
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
