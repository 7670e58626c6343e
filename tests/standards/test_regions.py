from itertools import pairwise

import pytest

from graphcrm.standards.regions import (
    region_codes,
    region_name,
    region_path,
    regions,
)


def test_all_codes_are_six_digits_and_years_run_forward() -> None:
    for region in regions():
        assert len(region.code) == 6
        assert region.code.isdigit()
        assert 1980 <= region.first_year <= region.last_year <= 2022


def test_one_code_has_one_name_a_year() -> None:
    for one, other in pairwise(regions()):
        assert one.code != other.code or one.last_year < other.first_year


@pytest.mark.parametrize(
    ("code", "year", "name"),
    [
        ("430122", 1990, "望城县"),
        ("430122", 2011, None),
        ("430122", None, "望城县"),
        ("430112", 2011, "望城区"),
        ("430104", 1981, "城西区"),
        ("430104", 2022, "岳麓区"),
        ("420600", 2000, "襄樊市"),
        ("420600", None, "襄阳市"),
        ("999999", None, None),
        ("", None, None),
        ("长沙", 2000, None),
    ],
)
def test_name_of_a_code(code: str, year: int | None, name: str | None) -> None:
    assert name == region_name(code, year)


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("湖南省", "湖南"),
        ("内蒙古自治区", "内蒙古"),
        ("广西壮族自治区", "广西"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("长沙市", "长沙"),
        ("恩施土家族苗族自治州", "恩施"),
        ("巴音郭楞蒙古自治州", "巴音郭楞"),
        ("大兴安岭地区", "大兴安岭"),
        ("锡林郭勒盟", "锡林郭勒"),
        ("浦东新区", "浦东"),
        ("东乡族自治县", "东乡"),
        ("鄂伦春自治旗", "鄂伦春"),
        ("隆林各族自治县", "隆林"),
        ("积石山保安族东乡族撒拉族自治县", "积石山"),
        ("郊区", "郊区"),
        ("通县", "通县"),
    ],
)
def test_short_names(full: str, short: str) -> None:
    assert {short} == {region.short_name for region in regions() if region.name == full}


def test_no_short_name_is_shorter_than_two_characters() -> None:
    assert all(len(region.short_name) >= 2 for region in regions())


def test_codes_of_a_name() -> None:
    assert ("430000",) == region_codes("湖南") == region_codes("湖南省")
    assert region_codes("长沙") == ("430100", "430121")
    assert region_codes("长沙", "prefecture") == ("430100",)
    assert region_codes("朝阳区") == ("110105", "220104")
    assert region_codes("襄樊市") == ("420600",)
    assert region_codes("亚特兰蒂斯") == ()
    assert region_codes("") == ()


def test_path_of_a_code() -> None:
    assert region_path("430104") == ("湖南省", "长沙市", "岳麓区")
    assert region_path("430100") == ("湖南省", "长沙市", None)
    assert region_path("430000") == ("湖南省", None, None)
    assert region_path("110105") == ("北京市", "北京市", "朝阳区")
    assert region_path("429004") == ("湖北省", None, "仙桃市")
    assert region_path("nowhere") == (None, None, None)
