"""The administrative regions of China with their codes, 1980 to 2022."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pyarrow import csv

_FILE = Path(__file__).parent / "data" / "cn_regions.csv"

Level = Literal["province", "prefecture", "county"]

_PEOPLES = (
    "阿昌|白|保安|布朗|布依|朝鲜|达斡尔|傣|德昂|东乡|侗|独龙|鄂伦春|鄂温克|高山|仡佬|哈尼|哈萨克|赫哲|回|"
    "基诺|京|景颇|柯尔克孜|拉祜|黎|傈僳|珞巴|满|毛南|门巴|蒙古|苗|仫佬|纳西|怒|普米|羌|撒拉|畲|水|塔吉克|"
    "塔塔尔|土家|土|佤|维吾尔|乌孜别克|锡伯|瑶|彝|裕固|藏|壮|各"
)
_AUTONOMOUS = re.compile(
    f"(?<=..)(?:(?:{_PEOPLES})族|哈萨克|柯尔克孜|蒙古|塔吉克|维吾尔|锡伯)*自治[区州县旗]$"
    "|族?自治[区州县旗]$"
)
_ENDING: dict[Level, re.Pattern[str]] = {
    "province": re.compile("(?<=..)(?:省|市|特别行政区)$"),
    "prefecture": re.compile("(?<=..)(?:市|地区|盟)$"),
    "county": re.compile("(?<=..)(?:新区|林区|特区|区|县|市|旗)$"),
}


@dataclass(frozen=True, slots=True)
class Region:
    """A region as it was called from `first_year` to `last_year`, both included.

    `last_year` is 2022 for what still stands. A code whose name changed has one entry per name.
    """

    code: str
    name: str
    first_year: int
    last_year: int

    @property
    def level(self) -> Level:
        """The level by GB/T 2260: two digits for the province, two for the prefecture, two more."""
        if self.code.endswith("0000"):
            return "province"
        return "prefecture" if self.code.endswith("00") else "county"

    @property
    def short_name(self) -> str:
        """The name without what kind of region it is: 湖南, 长沙, 恩施, 岳麓; 通县 stays."""
        if "自治" in self.name:
            return _AUTONOMOUS.sub("", self.name)
        return _ENDING[self.level].sub("", self.name)

    @property
    def stands(self) -> bool:
        """Whether the entry is valid in the newest edition held here."""
        return self.last_year == _newest_year()


@cache
def regions() -> tuple[Region, ...]:
    """Return all entries, by code and then by year; read once.

    Source: GB/T 2260 as published 1980 to 2022, see data/SOURCES.md.
    """
    types = {"code": "string", "name": "string", "first_year": "int32", "last_year": "int32"}
    table = csv.read_csv(_FILE, convert_options=csv.ConvertOptions(column_types=types))
    rows = [Region(**row) for row in table.to_pylist()]
    return tuple(sorted(rows, key=lambda region: (region.code, region.first_year)))


def region_name(code: str, year: int | None = None) -> str | None:
    """Return the official name of a six-digit code in a year, or its last name without a year.

    None for a code that was not in force then, or never. 430122 is 望城县 in 1990; 510200 is null
    since 1997, when 重庆 became a province.
    """
    held = _by_code().get(code, ())
    if year is not None:
        held = tuple(one for one in held if one.first_year <= year <= one.last_year)
    return max(held, key=lambda one: (one.last_year, one.first_year)).name if held else None


def region_codes(name: str, level: Level | None = None) -> tuple[str, ...]:
    """Return the codes that a full or short name stands for, in ascending order; () for none.

    Where the name is in force today only today's codes count, otherwise those it once had: 湖南 is
    430000, 长沙 the city and the county, 襄樊市 is 420600. Of one level only, where it is given.
    """
    held = [one for one in _by_name().get(name, ()) if level is None or one.level == level]
    standing = [one for one in held if one.stands]
    return tuple(sorted({one.code for one in standing or held}))


def region_path(code: str) -> tuple[str | None, str | None, str | None]:
    """Return the last names of the province, the prefecture and the county that a code lies in.

    In the four cities that are provinces the city stands for the prefecture too. A county that the
    province rules directly (仙桃市) has no prefecture; an unknown code is (None, None, None).
    """
    if code not in _by_code():
        return None, None, None
    province = region_name(f"{code[:2]}0000")
    prefecture = region_name(f"{code[:4]}00") if code[2:4] != "00" else None
    county = region_name(code) if code[4:] != "00" else None
    if code[:2] in MUNICIPALITIES:
        prefecture = province
    return province, prefecture, county


MUNICIPALITIES = ("11", "12", "31", "50")
"""First two digits of the cities that are provinces: 北京, 天津, 上海, 重庆."""


@cache
def _newest_year() -> int:
    return max(region.last_year for region in regions())


@cache
def _by_code() -> dict[str, tuple[Region, ...]]:
    held: dict[str, list[Region]] = {}
    for region in regions():
        held.setdefault(region.code, []).append(region)
    return {code: tuple(ones) for code, ones in held.items()}


@cache
def _by_name() -> dict[str, tuple[Region, ...]]:
    held: dict[str, list[Region]] = {}
    for region in regions():
        for name in {region.name, region.short_name}:
            held.setdefault(name, []).append(region)
    return {name: tuple(ones) for name, ones in held.items()}
