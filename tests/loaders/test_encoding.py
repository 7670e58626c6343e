"""Western text is not taken for Chinese, and Chinese text never for Western."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from graphcrm import SourceError
from graphcrm_loaders.encoding import detect_encoding

CHINESE = [
    "张伟", "王喆", "李堃", "赵㛃", "朱镕基", "陶喆", "马頔", "李玥", "张翀", "龚䶮", "杨𬭎",
    "𠮷野家", "陳國強", "黃曉明", "張偉", "劉德華", "欧阳娜娜", "阿依古丽·买买提", "乐嘉", "單田芳",
    "广东省深圳市南山区科技园A座1201室", "B区3栋C单元", "朝阳区SOHO现代城A区B座", "T恤厂",
    "卡拉OK厅", "KTV量贩", "上海市浦东新区世纪大道100号IFC", "臺北市信義區", "九龍彌敦道", "Tom王",
    "王Tom", "小米SU7", "有限公司", "中国人民财产保险股份有限公司", "X光", "甲A", "A级", "㐂", "〇",
    "！？，。", "１２３",
]  # fmt: skip

WESTERN = [
    "Müller", "Jäger", "Größe", "Straße", "François", "Gómez", "Señorita", "Øystein Håkon",
    "Åkesson", "Bjørn Sørensen", "Zoë Noël", "Citroën", "Crème brûlée", "GÖTEBORG", "Chloé Dubois",
]  # fmt: skip


def _file(folder: Path, names: list[str], encoding: str) -> Path:
    path = folder / "persons.csv"
    rows = "".join(f"P{n},{name}\n" for n, name in enumerate(names))
    path.write_bytes(f"id,name\n{rows}".encode(encoding))
    return path


@pytest.mark.parametrize("name", CHINESE)
def test_a_single_chinese_value_is_chinese(staged: Any, tmp_path: Path, name: str) -> None:
    read = staged(_file(tmp_path, [name], "gb18030"))
    assert read.column("name") == [name]


def test_each_chinese_character_alone_and_in_a_name_is_chinese(tmp_path: Path) -> None:
    """Of the basic block and of extension A; every 17th, for time."""
    path = tmp_path / "persons.csv"
    for code in [*range(0x4E00, 0xA000, 17), *range(0x3400, 0x4DC0, 17)]:
        for name in (chr(code), f"王{chr(code)}"):
            path.write_bytes(f"id,name\nP1,{name}\n".encode("gb18030"))
            if detect_encoding(path) not in ("gb18030", "utf-8"):
                raise AssertionError(name)


@pytest.mark.parametrize("seed", range(20))
def test_chinese_files_are_chinese(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    common = [chr(c) for c in range(0x4E00, 0x9FA6)]
    names = [
        chance.choice(CHINESE) if chance.random() < 0.5 else
        "".join(chance.choices([*common, "A", "b"], k=chance.randrange(2, 5)))
        for _ in range(chance.choice([2, 5, 50, 2_000]))
    ]  # fmt: skip
    path = _file(tmp_path, ["张三", *names], "gb18030")
    assert detect_encoding(path) == "gb18030"


@pytest.mark.parametrize("name", WESTERN)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_western_names_are_refused_with_both_readings(
    staged: Any, tmp_path: Path, name: str, encoding: str
) -> None:
    with pytest.raises(SourceError, match=r"persons\.csv: line 3") as caught:
        staged(_file(tmp_path, ["Smith", name], encoding))
    told = str(caught.value)
    if "neither" not in told:
        assert "Windows-1252" in told
        assert any(word in told for word in name.split())
        assert "GB18030" in told
    assert "save the file as UTF-8" in told


def test_many_western_names(staged: Any, tmp_path: Path) -> None:
    names = [name for name in WESTERN if _decodes(name)] * 5_000
    with pytest.raises(SourceError, match=r"Windows-1252 \(Müller\).*GB18030 \(M黮ler\)"):
        staged(_file(tmp_path, names, "cp1252"))


def _decodes(name: str) -> bool:
    try:
        f"{name}\n".encode("cp1252").decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True
