import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcrm.standards.characters import plain_latin, simplify
from graphcrm.standards.pinyin import initials, pinyin

TEXTS = st.lists(st.none() | st.text() | st.text("张偉单尉迟吕𠮷ü 'aB·1,\u202e\u0301й", max_size=8))


@pytest.mark.parametrize(
    ("text", "spelled", "first"),
    [
        ("张伟", "zhang wei", "zw"),
        ("張偉", "zhang wei", "zw"),
        ("张 伟", "zhang wei", "zw"),
        ("吕布", "lv bu", "lb"),
        ("女", "nv", "n"),
        ("重庆", "zhong qing", "zq"),
        ("张David", "zhang david", "zd"),
        ("David 张", "david zhang", "dz"),
        ("Zhāng Wěi", "zhang wei", "zw"),
        ("３号楼", "3 hao lou", "3hl"),
        ("𠮷野家", "ji ye jia", "jyj"),
        ("José Müller", "jose muller", "jm"),
        ("Иван", "иван", "и"),
        ("\u202e张🙂伟\u200b", "zhang wei", "zw"),
        ("!?", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_spelling(text: str | None, spelled: str | None, first: str | None) -> None:
    column = pa.array([text], pa.string())
    assert [spelled] == pinyin(column).to_pylist()
    assert [first] == initials(column).to_pylist()


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("单田芳", "shan tian fang"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("曾国藩", "zeng guo fan"),
        ("区志", "ou zhi"),
        ("查良镛", "zha liang yong"),
        ("任伟", "ren wei"),
        ("尉迟恭", "yu chi gong"),
        ("万俟卨", "mo qi xie"),
        ("令狐冲", "ling hu chong"),
        ("长孙无忌", "zhang sun wu ji"),
        ("翟天", "zhai tian"),
        ("朴正", "piao zheng"),
        ("張单", "zhang dan"),
    ],
)
def test_surnames_have_their_own_readings(name: str, spelled: str) -> None:
    assert [spelled] == pinyin(pa.array([name]), person=True).to_pylist()


def test_without_person_the_commonest_reading_counts() -> None:
    assert pinyin(pa.array(["单位"])).to_pylist() == ["dan wei"]


def test_wrong_types_are_refused_in_words() -> None:
    with pytest.raises(TypeError, match="strings"):
        pinyin(pa.array([1, 2]))
    with pytest.raises(TypeError, match="strings"):
        initials(["张伟"])


# The first example builds the tables, which takes longer than a deadline allows.
@settings(deadline=None)
@given(TEXTS)
def test_any_text_gives_as_many_rows_and_twice_is_once(texts: list[str | None]) -> None:
    column = pa.array(texts, pa.string())
    once = pinyin(column, person=True)
    assert len(texts) == len(once) == len(initials(column))
    assert once.to_pylist() == pinyin(once).to_pylist()
    assert all(
        value is None for text, value in zip(texts, once.to_pylist(), strict=True) if not text
    )


@settings(deadline=None, max_examples=30)
@given(TEXTS, TEXTS)
def test_chunks_make_no_difference(some: list[str | None], more: list[str | None]) -> None:
    whole = pinyin(pa.array(some + more, pa.string()))
    chunks = pa.chunked_array([some, more], pa.string())
    assert whole.equals(pinyin(chunks))
    assert whole.equals(pinyin(chunks.cast(pa.large_string())))
    assert whole.equals(pinyin(pa.array(some + more, pa.string()).dictionary_encode()))


@settings(deadline=None)
@given(st.text())
def test_simplifying_twice_is_once(text: str) -> None:
    assert simplify(text) == simplify(simplify(text))
    assert len(text) == len(simplify(text))


@settings(deadline=None)
@given(st.text())
def test_plain_latin_twice_is_once(text: str) -> None:
    assert plain_latin(text) == plain_latin(plain_latin(text))


def test_qian_stays() -> None:
    assert simplify("乾縣鍾後裡臺") == "乾县钟后里台"
