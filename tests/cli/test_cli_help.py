"""Every command has help with an example and --json, in both languages, in 80 columns."""

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphcrm_api.cli.commands import build
from graphcrm_api.cli.language import catalogue

Run = Callable[..., Any]


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield path
        return
    for name, child in below.items():
        yield from _commands(child, (*path, name))


COMMANDS = list(_commands(build()))


def test_all_commands_are_there() -> None:
    expected = {
        "sample", "load", "status", "orphans list", "referrals list", "duplicates find",
        "duplicates list", "duplicates explain", "duplicates rules", "duplicates evaluate",
        "duplicates export", "duplicates search",
        "referrals tree", "customer", "search", "explore", "quarantine list",
        "quarantine export", "quarantine retry", "query", "backup", "copy", "demo",
        "quality", "dedupe", "keys create", "keys list", "keys revoke", "audit list",
        "audit verify", "contact add", "contact correct", "ledger replay", "serve",
    }  # fmt: skip
    assert expected == {" ".join(path) for path in COMMANDS}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_of_every_command(run: Run, path: tuple[str, ...], lang: str) -> None:
    ran = run(*path, "--lang", lang, "--help")
    assert ran.code == 0
    assert ran.fits()
    assert ("--json" in ran.out) == (path != ("serve",))  # which answers nothing of its own
    assert {"en": "Example:", "zh": "示例："}[lang] in ran.out
    example = ran.out.rpartition({"en": "Example:", "zh": "示例："}[lang])[2]
    assert f"graphcrm {' '.join(path)}" in example
    if lang == "zh":
        assert re.search("[\u4e00-\u9fff]{5}", ran.out)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_examples_are_commands_that_exist(lang: str) -> None:
    known = {path[0] for path in COMMANDS}
    examples = [v[lang] for k, v in catalogue().items() if k.startswith("example_")]
    for line in "\n".join(examples).splitlines():
        program, command, *_ = shlex.split(line)
        assert program == "graphcrm"
        assert command in known


def test_no_command_shows_help_and_is_wrong_use(run: Run) -> None:
    ran = run()
    assert ran.code == 2
    assert "demo" in ran.out
    assert ran.err == ""


def test_a_group_alone_shows_its_commands(run: Run) -> None:
    ran = run("referrals")
    assert ran.code == 2
    assert "tree" in ran.out


def test_the_language_comes_from_the_environment(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "孤儿单" in run("--help").out
    monkeypatch.setenv("GRAPHCRM_LANG", "en")
    assert "孤儿单" not in run("--help").out
    assert "孤儿单" in run("--lang", "zh", "--help").out


def test_the_language_comes_from_the_settings_file(run: Run) -> None:
    with open("graphcrm.toml", "w", encoding="utf-8") as file:
        file.write('lang = "zh"\n')
    assert "孤儿单" in run("--help").out


def test_version(run: Run) -> None:
    assert re.fullmatch(r"graphcrm \d+\.\d+\.\d+\S*\n", run("--version").out)
