"""Files that appear whole or not at all."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from graphcrm.errors import UsageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A sibling to write to, which takes the path's place at the end and is gone after an error.

    A file that was there keeps its access rights. Raises UsageError where nothing can be written.
    """
    target = path.resolve()
    if target.is_dir() or not target.parent.is_dir():
        problem = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
        raise UsageError(f"{path}: can't be written ({problem})")
    draft = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield draft
        if target.exists():
            shutil.copymode(target, draft)
        os.replace(draft, target)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)
