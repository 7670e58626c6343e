"""The house as a whole: what is public, what is documented, and which way imports run."""

import ast
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.settings import Settings
from graphcrm_api.cli.commands import build

_ROOT = Path(__file__).parent.parent
_GUIDE = (_ROOT / "docs" / "guide.md").read_text(encoding="utf-8")

# What each part may import of the project; a part that is not named stands on its own.
_MAY_IMPORT = {
    "model": set[str](),
    "words": set[str](),
    "duck": set[str](),
    "errors": set[str](),
    "leftovers": set[str](),
    "standards": {"model"},
    "store": {"model", "standards", "duck", "errors", "leftovers", "settings"},
    "sample": {"duck", "errors", "picture", "words"},
    "duplicates": {"store", "standards", "model", "duck", "errors", "leftovers"},
    "ledger": {"store", "errors", "settings"},
    "contacts": {"ledger", "store", "model", "errors"},
    "orphans": {"store", "standards", "model", "duck", "errors"},
    "referrals": {"store", "standards", "model", "duck", "errors"},
    "picture": {"model", "words", "errors", "export"},
    "export": {"store", "model", "duck", "errors", "words"},
    "quality": {
        "store",
        "standards",
        "model",
        "duck",
        "errors",
        "export",
        "picture",
        "words",
    },
    "customer": {"store", "model", "errors"},
    "client": {"graph", "store", "duplicates", "customer", "errors"},
    "settings": {"errors"},
}


# The ways in: the command line starts the service, which knows nothing of it.
_WAYS_IN = {"http": set[str](), "cli": {"http"}}


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _files(part: str) -> list[Path]:
    folder = _ROOT / "graphcrm" / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("part", sorted(_MAY_IMPORT))
def test_imports_run_one_way(part: str) -> None:
    for path in _files(part):
        for name in _imports(path):
            pieces = name.split(".")
            if pieces[0] != "graphcrm" or len(pieces) < 2:
                assert pieces[0] not in ("graphcrm_loaders", "graphcrm_api"), f"{path}: {name}"
                continue
            assert pieces[1] in _MAY_IMPORT[part] | {part}, f"{path} imports {name}"


def test_the_library_knows_neither_loaders_nor_ways_in() -> None:
    for path in (_ROOT / "graphcrm").rglob("*.py"):
        assert not {n.split(".")[0] for n in _imports(path)} & {"graphcrm_loaders", "graphcrm_api"}


def test_the_loaders_do_not_know_the_ways_in() -> None:
    for path in (_ROOT / "loaders").rglob("*.py"):
        assert "graphcrm_api" not in {name.split(".")[0] for name in _imports(path)}


@pytest.mark.parametrize("way", sorted(_WAYS_IN))
def test_the_ways_in_import_one_way(way: str) -> None:
    folder = _ROOT / "api" / "graphcrm_api"
    assert {path.name for path in folder.iterdir() if (path / "__init__.py").exists()} == set(
        _WAYS_IN
    )
    for path in (folder / way).rglob("*.py"):
        for name in _imports(path):
            pieces = name.split(".")
            if pieces[0] == "graphcrm_api" and len(pieces) > 1:
                assert pieces[1] in _WAYS_IN[way] | {way}, f"{path} imports {name}"


@pytest.mark.parametrize("part", ["", ".model", ".store", ".standards", ".duplicates", ".orphans"])
def test_what_is_public_is_there_and_sorted(part: str) -> None:
    module = __import__(f"graphcrm{part}", fromlist=["__all__"])
    exported = module.__all__
    by_form = sorted(set(exported), key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert list(exported) == by_form
    assert all(hasattr(module, name) for name in exported)


def test_the_version_is_said_once() -> None:
    project = (_ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{graphcrm.__version__}"' in project


def test_every_setting_is_documented() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description
        assert f"`GRAPHCRM_{name.upper()}`" in _GUIDE
        assert f"`{name}`" in _GUIDE


def _commands(command: Any, before: str = "graphcrm") -> list[str]:
    below = getattr(command, "commands", {})
    if not below:
        return [before]
    return [name for key, c in below.items() for name in _commands(c, f"{before} {key}")]


def test_every_command_is_documented() -> None:
    readme = (_ROOT / "README.md").read_text(encoding="utf-8")
    named = _commands(build())
    assert len(named) > 12
    for name in named:
        assert name.removeprefix("graphcrm ") in _GUIDE + readme, name
