"""Where the service may load from: folders and databases that the settings name."""

from __future__ import annotations

from pathlib import Path

from graphcrm.settings import Settings
from graphcrm_api.http.conventions.problems import Problem


def below(settings: Settings, text: str) -> Path:
    """A file or folder below those allowed: absolute, or from one of them on; links resolved.

    Problem where it lies elsewhere or isn't there: said alike, so that nobody learns what is on
    the machine.
    """
    for folder in settings.load_folders:
        try:
            root = folder.expanduser().resolve(strict=True)
            found = (root / text).resolve(strict=True)
            if _stays_within(found, root):
                return found
        except (OSError, ValueError, RuntimeError):  # not there, a zero character, links in a ring
            continue
    raise Problem("invalid", f"{text!r} is not below a folder that the service may load from")


def database(settings: Settings, name: str) -> str:
    """The address of a database that the settings name. Problem for another."""
    address = settings.load_databases.get(name)
    if address is None:
        raise Problem("invalid", f"there is no database {name!r} that the service may load from")
    return address


def _stays_within(found: Path, root: Path) -> bool:
    """Whether a file, or every file of a folder, really lies below a folder."""
    if not found.is_relative_to(root):
        return False
    if found.is_dir():
        return all(path.resolve().is_relative_to(root) for path in found.iterdir())
    return found.is_file()
