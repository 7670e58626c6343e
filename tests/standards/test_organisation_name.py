import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcrm.standards.organisation_name import FIELDS, standardise_organisation_names

PIECES = st.sampled_from(
    [
        *[
            "长沙",
            "湖南省",
            "长沙市",
            "鼓楼区",
            "北京",
            "浏阳",
            "东方",
            "中国",
            "中南",
            "平安",
            "阿里巴巴",
        ],
        *[
            "机械",
            "科技",
            "保险",
            "银行",
            "大学",
            "医院",
            "局",
            "财政局",
            "第一",
            "人民",
            "便利店",
            "集团",
        ],
        *[
            "有限公司",
            "有限责任公司",
            "股份",
            "股份有限公司",
            "公司",
            "(集团)",
            "(有限合伙)",
            "企业",
            "厂",
            "店",
        ],
        *[
            "人力资源部",
            "办公室",
            "分公司",
            "长沙分公司",
            "岳麓支行",
            "部",
            "科",
            "第二",
            "营业部",
            "中心",
        ],
        *["（长沙）", "(", ")", "（中国）", "-", "—", ",", "，", "|", "/", " ", "&", ".", "·", "'"],
        *["Acme", "Trading", "Co.", "Ltd", "Limited", "Inc", "GmbH", "S.A.", "Human Resources"],
        *[
            "Department",
            "Branch",
            "Office",
            "The",
            "IT",
            "A",
            "7",
            "ß",
            "é",
            "й",
            "\u0301",
            "\u200b",
        ],
        *["<b>", "🙂", "𠮷", "\ue000", "測試", "無", "*"],
    ]
)
NAMES = st.text() | st.lists(PIECES, max_size=8).map("".join) | st.lists(PIECES).map(" ".join)
COLUMNS = st.lists(st.none() | NAMES)


def one(name: str | None) -> dict[str, str | None]:
    names = pa.array([name], pa.string())
    row: dict[str, str | None] = standardise_organisation_names(names)[0].as_py()
    return row


@pytest.mark.parametrize(
    ("name", "region", "code", "brand", "trade", "form", "unit"),
    [
        *(
            (name, "长沙", "430100", "中南", "机械", "有限公司", unit)
            for name, unit in [
                ("中南（长沙）机械有限公司", None),
                ("中南(長沙)機械有限責任公司", None),
                ("长沙中南机械有限公司", None),
                ("湖南省长沙市中南机械有限公司", None),
                ("长沙中南机械有限公司人力资源部", "人力资源部"),
                ("长沙中南机械有限公司-人力资源部", "人力资源部"),
                ("长沙中南机械有限公司，人力资源部", "人力资源部"),
                ("长沙中南机械有限公司（办公室）", "办公室"),
                ("长沙 中南 机械 有限公司 办公室", "办公室"),
                ("长沙中南机械有限公司第二分公司", "第二分公司"),
                ("长沙中南机械有限公司长沙分公司财务部", "长沙分公司财务部"),
            ]
        ),
        (
            "中国工商银行股份有限公司长沙岳麓支行",
            None,
            None,
            "中国工商",
            "银行",
            "股份有限公司",
            "长沙岳麓支行",
        ),
        ("中国工商银行长沙岳麓支行", None, None, "中国工商", "银行", None, "长沙岳麓支行"),
        ("平安人寿湖南分公司", None, None, "平安", "人寿", None, "湖南分公司"),
        ("华为湖南分公司财务部", None, None, "华为", None, None, "湖南分公司财务部"),
        ("腾讯人力资源部", None, None, "腾讯", None, None, "人力资源部"),
        ("长沙市财政局办公室", "长沙", "430100", "长沙", "财政局", None, "办公室"),
        ("长沙县财政局", "长沙", "430121", "长沙县", "财政局", None, None),
        ("鼓楼区财政局", "鼓楼", None, "鼓楼区", "财政局", None, None),
        ("长沙市第一医院", "长沙", "430100", "长沙", "第一医院", None, None),
        ("湖南大学计算机学院", "湖南", "430000", "湖南", "大学", None, "计算机学院"),
        ("中南大学湘雅医院急诊科", None, None, "中南大学湘雅", "医院", None, "急诊科"),
        ("微软(中国)有限公司", None, None, "微软", None, "有限公司", None),
        ("中联重科（集团）股份有限公司", None, None, "中联重科", None, "集团股份有限公司", None),
        ("东方航空股份有限公司", None, None, "东方", "航空", "股份有限公司", None),
        ("阿里巴巴（中国）网络技术有限公司", None, None, "阿里巴巴", "网络技术", "有限公司", None),
        ("浏阳花炮有限公司", "浏阳", "430181", "浏阳", "花炮", "有限公司", None),
        ("青州府餐饮有限公司", None, None, "青州府", "餐饮", "有限公司", None),
        ("交通银行", None, None, "交通", "银行", None, None),
        (
            "中国石化集团公司长沙石油有限公司",
            None,
            None,
            "中国石化集团公司长沙",
            "石油",
            "有限公司",
            None,
        ),
        ("招商局集团有限公司", None, None, "招商", "局", "集团有限公司", None),
        ("𠮷野家餐饮有限公司", None, None, "𠮷野家", "餐饮", "有限公司", None),
    ],
)
def test_chinese_parts(
    name: str,
    region: str | None,
    code: str | None,
    brand: str | None,
    trade: str | None,
    form: str | None,
    unit: str | None,
) -> None:
    row = one(name)
    assert (region, code) == (row["region"], row["region_code"])
    assert (brand, trade, form, unit) == tuple(
        row[field] for field in ("brand", "trade", "legal_form", "unit")
    )
    assert (brand or "") + (trade or "") == row["core"]


@pytest.mark.parametrize(
    ("name", "standard"),
    [
        ("中南（長沙）機械有限責任公司", "中南(长沙)机械有限公司"),
        ("长沙中南机械有限公司 人力资源部", "长沙中南机械有限公司-人力资源部"),
        ("<b>中南机械厂</b>", "中南机械厂"),
        ("\u202e中南\u200b机械厂🙂", "中南机械厂"),
        ("ＩＢＭ 中国", "ibm中国"),
        ("上海张三企业管理企业(有限合伙)", "上海张三企业管理合伙企业(有限合伙)"),
    ],
)
def test_chinese_standard(name: str, standard: str) -> None:
    assert standard == one(name)["standard"]


@pytest.mark.parametrize(
    ("name", "standard", "core", "form", "unit"),
    [
        ("X Ltd, Human Resources", "x ltd, human resources", "x", "ltd", "human resources"),
        ("X Ltd, General Office", "x ltd, general office", "x", "ltd", "general office"),
        ("X Limited Human Resources", "x ltd, human resources", "x", "ltd", "human resources"),
        ("X LTD. - Human Resources", "x ltd, human resources", "x", "ltd", "human resources"),
        ("X Ltd (Human Resources)", "x ltd, human resources", "x", "ltd", "human resources"),
        ("Human Resources, X Ltd", "x ltd, human resources", "x", "ltd", "human resources"),
        ("Acme Trading Co., Ltd.", "acme trading co ltd", "acme trading", "co ltd", None),
        ("ACME TRADING CO LTD", "acme trading co ltd", "acme trading", "co ltd", None),
        ("The Boeing Company", "the boeing co", "boeing", "co", None),
        ("Société Générale S.A.", "societe generale sa", "societe generale", "sa", None),
        ("Müller & Söhne GmbH", "muller and sohne gmbh", "muller and sohne", "gmbh", None),
        ("Bolt GmbH & Co. KG", "bolt gmbh co kg", "bolt", "gmbh co kg", None),
        ("Acme L.L.C.", "acme llc", "acme", "llc", None),
        ("AT&T Inc.", "at and t inc", "at and t", "inc", None),
        ("Moody's Corporation", "moodys corp", "moodys", "corp", None),
        (
            "Bank of America, Changsha Branch",
            "bank of america, changsha branch",
            "bank of america",
            None,
            "changsha branch",
        ),
        ("ООО Ромашка", "ооо ромашка", "ооо ромашка", None, None),
    ],
)
def test_western(name: str, standard: str, core: str, form: str | None, unit: str | None) -> None:
    row = one(name)
    assert (standard, core) == (row["standard"], row["core"])
    assert (form, unit) == (row["legal_form"], row["unit"])


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("测试公司", "placeholder"),
        ("无", "placeholder"),
        ("无业", "placeholder"),
        ("个体户", "placeholder"),
        ("退休", "placeholder"),
        ("none", "placeholder"),
        ("Test Ltd", "placeholder"),
        ("12345", "characters"),
        ("🙂", "characters"),
        ("中南****公司", "masked"),
        ("长" * 201, "too_long"),
        ("有限公司", "empty_after_cleaning"),
        ("Ltd.", "empty_after_cleaning"),
        ("", None),
        (None, None),
    ],
)
def test_reasons(name: str | None, reason: str | None) -> None:
    row = one(name)
    assert reason == row["reason"]
    assert {None} == {value for field, value in row.items() if field != "reason"}


def test_shape_and_wrong_types() -> None:
    assert standardise_organisation_names(pa.array([], pa.string())).type == FIELDS
    assert len(standardise_organisation_names(pa.nulls(2))) == 2
    with pytest.raises(TypeError, match="strings"):
        standardise_organisation_names(pa.array([True]))


@settings(deadline=None)
@given(COLUMNS)
def test_any_text_is_taken_and_the_standard_is_its_own_standard(texts: list[str | None]) -> None:
    once = standardise_organisation_names(pa.array(texts, pa.string()))
    assert len(texts) == len(once)
    standard = once.field("standard")
    again = standardise_organisation_names(standard).field("standard")
    assert standard.to_pylist() == again.to_pylist()
    for text, row in zip(texts, once.to_pylist(), strict=True):
        assert text or set(row.values()) == {None}
        assert (row["standard"] is None) or (row["reason"] is None)
        assert (row["standard"] is None) == (row["core"] is None)


@settings(deadline=None, max_examples=30)
@given(COLUMNS, COLUMNS)
def test_chunks_make_no_difference(some: list[str | None], more: list[str | None]) -> None:
    whole = standardise_organisation_names(pa.array(some + more, pa.string()))
    chunks = pa.chunked_array([some, more], pa.string())
    assert whole.to_pylist() == standardise_organisation_names(chunks).to_pylist()
    parts = [standardise_organisation_names(pa.array(part, pa.string())) for part in (some, more)]
    assert whole.to_pylist() == pa.concat_arrays(parts).to_pylist()


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(["长沙中南机械", "平安保险", "腾讯科技", "北京京东世纪贸易"]),
    st.sampled_from(["有限公司", "有限责任公司", "股份有限公司", "集团有限公司", ""]),
    st.sampled_from(["人力资源部", "办公室", "财务部", "长沙分公司"]),
    st.sampled_from(["", "-", "——", " ", "，", "（"]),
)
def test_departments_of_one_institution_share_its_core(
    name: str, form: str, unit: str, between: str
) -> None:
    typed = f"{name}{form}{between}{unit}{'）' if between == '（' else ''}"
    assert one(name)["core"] == one(typed)["core"]
    assert unit == one(typed)["unit"]
