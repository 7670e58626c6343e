"""Every sentence with which the library refuses something is known in both languages."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import graphcrm
import graphcrm_loaders
from graphcrm import errors
from graphcrm_api.cli import language
from graphcrm_api.cli.language import catalogue
from graphcrm_api.cli.messages import in_language

Run = Callable[..., Any]

ERRORS = {
    name
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.GraphCRMError)
}


@pytest.fixture
def chinese() -> Iterator[None]:
    language.use("zh")
    yield
    language.use("en")


_WORDS = re.compile(r"[a-z]{2}")  # else the message only puts together what others say


def _sample(node: ast.expr) -> str | None:
    """A message as the code builds it, with x1, x2, … for the values; None for a composed one."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return None
    return "".join(_shown(n, part) for n, part in enumerate(node.values))


def _shown(place: int, part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    return "" if "'s' *" in ast.unparse(part) else f"x{place}"  # a plural is no value


def _raised() -> Iterator[tuple[str, str]]:
    for package in (graphcrm, graphcrm_loaders):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                call = node.exc if isinstance(node, ast.Raise) else None
                if not isinstance(call, ast.Call) or not call.args:
                    continue
                if ast.unparse(call.func).rpartition(".")[2] in ERRORS:
                    said = _sample(call.args[0])
                    if said is not None and _WORDS.search(said):
                        yield f"{path.name}:{call.lineno}", said


RAISED = list(_raised())


def test_messages_were_found() -> None:
    assert len(RAISED) > 40


@pytest.mark.usefixtures("chinese")
@pytest.mark.parametrize("said", [said for _, said in RAISED], ids=[place for place, _ in RAISED])
def test_every_error_is_known_in_chinese(said: str) -> None:
    words = in_language(said)
    assert re.search("[\u4e00-\u9fff]", words), f"add to graphcrm/words/messages.toml: {said}"
    assert set(re.findall(r"x\d+", words)) == set(re.findall(r"x\d+", said))


def test_english_stays_as_it_is() -> None:
    assert in_language("a.csv: the file is empty\n") == "a.csv: the file is empty\n"


@pytest.mark.usefixtures("chinese")
def test_what_is_said_within_and_about_a_file() -> None:
    broken = "line 7: the file breaks off in its last row; it was not copied whole"
    said = in_language(f"C:\\x y: z.csv: {broken}\nodd words: stay")
    assert said == "C:\\x y: z.csv：第 7 行：文件在最后一行中断，未复制完整\nodd words: stay"
    full = "a: could not be written to b.graph, nothing of it was kept (database or disk is full)"
    assert in_language(full) == "a：无法写入 b.graph，未保留任何内容（磁盘已满）"


@pytest.mark.parametrize("key", sorted(catalogue("messages")))
def test_a_sentence_takes_the_same_values_in_both_languages(key: str) -> None:
    entry = catalogue("messages")[key]
    assert set(entry) == {"en", "zh"}
    values = [re.findall(r"\{(\w+)\}", entry[lang]) for lang in ("en", "zh")]
    assert sorted(values[0]) == sorted(values[1])
    assert len(values[0]) == len(set(values[0]))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("query", "no_such_question"), "没有名为 'no_such_question' 的查询"),
        (("query", "referrals", "--param", "x=1"), "没有参数 'x'"),
        (("duplicates", "rules", "--rule", "guess"), "没有规则 'guess'"),
        (("status", "--nonsense"), "没有此选项"),
        (("search",), "缺少参数"),
        (("query", "referrals", "--out", "x.pdf"), "清单文件名须以"),
        (("backup", "taken.txt"), "备份不会覆盖"),
    ],
    ids=str,
)
def test_a_chinese_user_reads_chinese(
    run: Run, cli_graph: Path, arguments: tuple[str, ...], words: str
) -> None:
    Path("taken.txt").write_text("taken")
    ran = run(*arguments, "--graph", cli_graph, "--lang", "zh")
    assert ran.code in (1, 2)
    assert words in ran.err.replace("\n", "")


def test_what_the_loading_process_says_is_chinese_too(run: Run) -> None:
    Path("persons.csv").write_text("id,sex\nP1,F\n")
    Path("agents.csv").write_text("")
    ran = run("load", "persons.csv", "agents.csv", "--lang", "zh")
    assert ran.code == 1
    assert "persons.csv：表 persons 缺少列 name" in ran.err
    assert "agents.csv：文件是空的" in ran.err
