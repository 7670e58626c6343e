import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcrm.standards.address import FIELDS, standardise_addresses
from graphcrm.standards.regions import region_path, regions

PIECES = st.sampled_from(
    [
        *[
            "湖南省",
            "湖南",
            "长沙市",
            "长沙",
            "岳麓区",
            "岳麓",
            "朝阳区",
            "朝阳",
            "北京市",
            "北京",
            "海南",
        ],
        *[
            "藏族自治州",
            "吉林",
            "吉林市",
            "市辖区",
            "县",
            "市",
            "区",
            "重庆",
            "重慶市",
            "望城县",
            "襄樊市",
        ],
        *[
            "麓山南路",
            "南京东路",
            "中山",
            "路",
            "号",
            "號",
            "栋",
            "幢",
            "单元",
            "室",
            "楼",
            "层",
            "之",
            "弄",
        ],
        *[
            "3",
            "12",
            "501",
            "932",
            "三",
            "十八",
            "一百零五",
            "A",
            "b",
            "座",
            "#",
            "-",
            "－",
            "—",
            "/",
            " ",
        ],
        *[
            "(",
            "）",
            "，",
            "<b>",
            "410083",
            "中国",
            "邮编",
            "Main",
            "st",
            "Rd.",
            "'",
            "é",
            "ß",
            "🙂",
            "й",
        ],
        *["\u200b", "\u202e", "\u0301", "𠮷", "\ue000", "*", "无", "测试"],
    ]
)
ADDRESSES = st.text() | st.lists(PIECES, max_size=10).map("".join)
COLUMNS = st.lists(st.none() | ADDRESSES)
STANDING = [region for region in regions() if region.stands]


def one(address: str | None) -> dict[str, str | None]:
    row: dict[str, str | None] = standardise_addresses(pa.array([address], pa.string()))[0].as_py()
    return row


@pytest.mark.parametrize(
    "address",
    [
        "湖南省长沙市岳麓区麓山南路932号3栋2单元501室",
        "湖南省長沙市嶽麓區麓山南路932號3棟2單元501室",
        "湖南 长沙 岳麓区 麓山南路 932 号 3 幢 2 单元 501",
        "湖南长沙岳麓麓山南路932号3-2-501",
        "长沙市岳麓区麓山南路９３２号３－２－５０１",
        "岳麓区麓山南路932号3号楼2单元501房",
        "岳麓区麓山南路932号三栋二单元5楼501室",
        "410083 中国湖南省长沙市岳麓区麓山南路九百三十二号3#2单元501室",
        "<b>湖南省</b>长沙市市辖区岳麓区麓山南路932号3栋2单元501室，邮编：410083",
        "\u202e湖南省（长沙市）岳麓区·麓山南路932号🏠3栋2单元501室",
    ],
)
def test_one_door_however_it_is_written(address: str) -> None:
    address = address.replace("嶽", "岳")
    assert one(address) == {
        "standard": "湖南省长沙市岳麓区麓山南路932-3-2-501",
        "province": "湖南省",
        "city": "长沙市",
        "district": "岳麓区",
        "region_code": "430104",
        "rest": "麓山南路932-3-2-501",
        "reason": None,
    }


@pytest.mark.parametrize(
    ("address", "province", "city", "district", "code", "rest"),
    [
        ("北京市北京市朝阳区建国路88号", "北京市", "北京市", "朝阳区", "110105", "建国路88"),
        ("北京朝阳建国路88号", "北京市", "北京市", "朝阳区", "110105", "建国路88"),
        ("上海市南京东路1号", "上海市", "上海市", None, "310000", "南京东路1"),
        ("朝阳区建国路88号", None, None, "朝阳区", None, "建国路88"),
        ("南京东路1号", None, None, None, None, "南京东路1"),
        ("中山公园东门", None, None, None, None, "中山公园东门"),
        ("朝阳门外大街2号", None, None, None, None, "朝阳门外大街2"),
        ("吉林市船营区", "吉林省", "吉林市", "船营区", "220204", None),
        ("吉林吉林市", "吉林省", "吉林市", None, "220200", None),
        ("海南藏族自治州共和县", "青海省", "海南藏族自治州", "共和县", "632521", None),
        ("湖北仙桃市沔州大道1号", "湖北省", None, "仙桃市", "429004", "沔州大道1"),
        ("湖南省浏阳市", "湖南省", "长沙市", "浏阳市", "430181", None),
        ("湖南省望城县", "湖南省", "长沙市", "望城县", "430122", None),
        ("襄樊市樊城区", "湖北省", "襄阳市", "樊城区", "420606", None),
        ("陕西咸阳乾县", "陕西省", "咸阳市", "乾县", "610424", None),
        ("广东省东莞市虎门镇", "广东省", "东莞市", None, "441900", "虎门镇"),
    ],
)
def test_regions_in_front(
    address: str,
    province: str | None,
    city: str | None,
    district: str | None,
    code: str | None,
    rest: str | None,
) -> None:
    row = one(address)
    assert (province, city, district) == (row["province"], row["city"], row["district"])
    assert (code, rest) == (row["region_code"], row["rest"])


@pytest.mark.parametrize(
    ("address", "standard"),
    [
        ("Flat 3B, 25 Queen's Rd., Hong Kong", "flat 3b 25 queens road hong kong"),
        ("12 Main St, Springfield", "12 main street springfield"),
        ("12 MAIN STREET", "12 main street"),
        ("12 Main St.", "12 main street"),
        ("Straße 5, 50667 Köln", "strasse 5 50667 koln"),
        ("天心区SOHO中心A座12层1203室", "湖南省长沙市天心区soho中心a-1203"),
        ("长沙市岳麓区阳光100小区12号楼", "湖南省长沙市岳麓区阳光100小区12"),
        ("张江路1弄3号#501", "张江路1弄3-501"),
        ("长沙市五一大道十八号", "湖南省长沙市五一大道18"),
        ("地铁2号线西站", "地铁2号线西站"),
    ],
)
def test_standard(address: str, standard: str) -> None:
    assert standard == one(address)["standard"]


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("无", "placeholder"),
        ("测试地址", "placeholder"),
        ("不详", "placeholder"),
        ("同上", "placeholder"),
        ("N/A", "placeholder"),
        ("🙂!!", "characters"),
        ("长沙市****", "masked"),
        ("长" * 301, "too_long"),
        ("<br>", "empty_after_cleaning"),
        ("", None),
        (None, None),
    ],
)
def test_reasons(address: str | None, reason: str | None) -> None:
    row = one(address)
    assert reason == row["reason"]
    assert {None} == {value for field, value in row.items() if field != "reason"}


def test_every_region_is_found_by_its_full_path() -> None:
    paths = ["".join(dict.fromkeys(filter(None, region_path(one.code)))) for one in STANDING]
    rows = standardise_addresses(pa.array([f"{path}甲路1号" for path in paths]))
    assert [region.code for region in STANDING] == rows.field("region_code").to_pylist()
    assert {"甲路1"} == set(rows.field("rest").to_pylist())
    assert [f"{path}甲路1" for path in paths] == rows.field("standard").to_pylist()


def test_former_regions_are_their_own_standard() -> None:
    names = [region.name + "甲路1号" for region in regions()]
    names += ["".join(filter(None, region_path(region.code)[1:])) for region in regions()]
    once = standardise_addresses(pa.array(names)).field("standard")
    assert once.to_pylist() == standardise_addresses(once).field("standard").to_pylist()


def test_shape_and_wrong_types() -> None:
    assert standardise_addresses(pa.array([], pa.string())).type == FIELDS
    assert len(standardise_addresses(pa.nulls(2))) == 2
    with pytest.raises(TypeError, match="strings"):
        standardise_addresses(pa.array([1.5]))


@settings(deadline=None)
@given(COLUMNS)
def test_any_text_is_taken_and_the_standard_is_its_own_standard(texts: list[str | None]) -> None:
    once = standardise_addresses(pa.array(texts, pa.string()))
    assert len(texts) == len(once)
    standard = once.field("standard")
    assert standard.to_pylist() == standardise_addresses(standard).field("standard").to_pylist()
    for text, row in zip(texts, once.to_pylist(), strict=True):
        assert text or set(row.values()) == {None}
        assert (row["standard"] is None) or (row["reason"] is None)


@settings(deadline=None, max_examples=30)
@given(COLUMNS, COLUMNS)
def test_chunks_make_no_difference(some: list[str | None], more: list[str | None]) -> None:
    whole = standardise_addresses(pa.array(some + more, pa.string()))
    chunks = pa.chunked_array([some, more], pa.string())
    assert whole.to_pylist() == standardise_addresses(chunks).to_pylist()
    parts = [standardise_addresses(pa.array(part, pa.string())) for part in (some, more)]
    assert whole.to_pylist() == pa.concat_arrays(parts).to_pylist()


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(["栋", "幢", "号楼", "棟", "#", "-"]),
    st.sampled_from(["单元", "單元", "-"]),
    st.sampled_from(["", "室", "房", "号", "户"]),
    st.sampled_from(["", " ", "\u3000", "\u200b"]),
)
def test_words_for_building_unit_and_room_are_one(
    building: str, unit: str, room: str, space: str
) -> None:
    typed = space.join(["麓山南路", "3", building, "2", unit, "501", room])
    assert one(typed)["standard"] == "麓山南路3-2-501"
