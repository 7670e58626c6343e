"""Uploads: files as they are sent, kept until they are loaded, in a folder that only we read."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import time
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from graphcrm.store import is_server, store_path
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_loaders.sources import FORMATS

NAME = re.compile(r"\w[\w -]{0,60}(\.\w[\w-]{0,20}){0,2}", re.UNICODE)
_TOKEN = re.compile(r"[0-9a-f]{32}")
_ARCHIVE = b"PK\x03\x04"
_LEFT_SECONDS = 24 * 3600.0


@dataclass(frozen=True)
class Upload:
    """A file that was sent: the token of its folder, its name, bytes and SHA-256."""

    token: str
    name: str
    size: int
    sha256: str


def folder_of(backend: Backend) -> Path:
    """Where the uploads of a graph lie."""
    given = backend.settings.upload_folder
    if given is not None:
        return given.expanduser()
    if is_server(backend.address):
        return backend.settings.cache.expanduser() / "uploads"
    return Path(f"{store_path(backend.address)}.uploads")


def files_of(backend: Backend, token: str) -> Path:
    """The folder of one upload."""
    assert _TOKEN.fullmatch(token)
    return folder_of(backend) / token


def remove(backend: Backend, token: str) -> None:
    """Remove an upload: it has been loaded, or never will be."""
    shutil.rmtree(files_of(backend, token), ignore_errors=True)


def remove_left(backend: Backend, wanted: set[str]) -> None:
    """Remove what a service that was killed left behind: uploads that no job waits for."""
    folder = folder_of(backend)
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        old = path.is_dir() and time.time() - path.stat().st_mtime > _LEFT_SECONDS
        if old and _TOKEN.fullmatch(path.name) and path.name not in wanted:
            shutil.rmtree(path, ignore_errors=True)


def checked_name(name: str) -> str:
    """A file's name that may be used here. Problem for another, or a kind of file that isn't read.

    The name says which table the file holds, so it has to be kept; but nothing of it is believed.
    """
    if not NAME.fullmatch(name) or len(name.encode()) > 200:
        raise Problem("invalid", "name: a file's name has letters, digits, blanks, - and _, a dot")
    if Path(name).suffix.lower() not in FORMATS:
        raise Problem("unsupported-type", f"files of these kinds are loaded: {', '.join(FORMATS)}")
    return name


async def receive(
    backend: Backend, name: str, announced: str | None, parts: AsyncIterator[bytes]
) -> Upload:
    """Keep a file as it comes in, never more of it in memory than a part.

    Problem as soon as it is too large: by what is announced before a byte was read, else when the
    limit is passed.
    """
    most = backend.settings.upload_limit
    too_large = Problem("too-large", f"an upload has at most {most} bytes")
    if announced is not None and announced.isdecimal() and int(announced) > most:
        raise too_large
    name, token = checked_name(name), secrets.token_hex(16)
    size, seal = 0, hashlib.sha256()
    try:
        path = await run_in_threadpool(_make_folder, backend, token) / name
        with path.open("wb") as file:
            async for part in parts:
                size += len(part)
                if size > most:
                    raise too_large
                await run_in_threadpool(_keep, part, file, seal)
        await run_in_threadpool(_require_plain, path, most)
    except OSError as error:
        remove(backend, token)
        raise Problem("unavailable", f"the upload can't be kept ({error.strerror})") from error
    except BaseException:
        remove(backend, token)
        raise
    return Upload(token, name, size, seal.hexdigest())


def _keep(part: bytes, file: BinaryIO, seal: hashlib._Hash) -> None:
    file.write(part)
    seal.update(part)


def _make_folder(backend: Backend, token: str) -> Path:
    folder_of(backend).mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = files_of(backend, token)
    folder.mkdir(mode=0o700)
    return folder


def _require_plain(path: Path, most: int) -> None:
    """Problem for an empty file, an archive, and a workbook that unpacks to too much."""
    with path.open("rb") as file:
        beginning = file.read(len(_ARCHIVE))
    if not beginning:
        raise Problem("invalid", "the upload is empty")
    workbook = path.suffix.lower() == ".xlsx"
    if not workbook:
        if beginning == _ARCHIVE:
            raise Problem("unsupported-type", "archives are not unpacked; send the files in them")
        return
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise Problem("invalid", "the upload is no Excel workbook") from None
    if unpacked > most:
        raise Problem("too-large", f"an upload has at most {most} bytes")
