from __future__ import annotations

import sys
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import (
    as_strings,
    ascii_matrix,
    compact,
    fold,
    is_masked,
    is_placeholder,
)

COLUMNS = st.lists(st.none() | st.text(max_size=12), max_size=8)
EVERY_CHARACTER = [chr(i) for i in range(sys.maxunicode + 1) if not 0xD800 <= i < 0xE000]


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("张三", "张三"),
        ("　张　三　", "张 三"),
        ("ＡＢＣ－１２３", "ABC-123"),
        ("a\u200bb\ufeff", "ab"),
        ("\u202e张三\u202c", "张三"),
        ("𠮷\n野\t家", "𠮷 野 家"),
        ("葛\U000e0100城", "葛城"),
        ("ﬁn", "fin"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        ("O\u2019Brien  Ltd", "O\u2019Brien Ltd"),
        ("a\x00b", "ab"),
        ("a\x1fb", "a b"),
        ("\ue000某", "\ue000某"),
        ("", None),
        (" \u3000\u200b\x00 ", None),
        (None, None),
    ],
)
def test_fold(typed: str | None, plain: str | None) -> None:
    assert [plain, "x", plain] == fold(pa.array([typed, " x ", typed], pa.string())).to_pylist()


def test_fold_does_not_mix_neighbours() -> None:
    values = ["a ", "\u0301b ", "\u1161", "\u1100", None, "", "\n", "x\x00", "\x00y"]
    alone = [fold(pa.array([value], pa.string()))[0].as_py() for value in values]
    assert alone == fold(pa.array(values)).to_pylist()


def test_fold_every_character_twice() -> None:
    for around in ("{}", "a{}", "a {} b", "{}\u0301"):
        once = fold(pa.array([around.format(sign) for sign in EVERY_CHARACTER]))
        assert once.equals(fold(once))


def test_fold_takes_the_plain_ones_as_nfkc_does() -> None:
    folded = fold(pa.array(EVERY_CHARACTER)).to_pylist()
    changed = [
        (before, after)
        for before, after in zip(EVERY_CHARACTER, folded, strict=True)
        if after is not None
        and after != " ".join(unicodedata.normalize("NFKC", before).split())
        and unicodedata.category(before) not in ("Cc", "Cf")
    ]
    assert changed == []


@given(COLUMNS)
def test_fold_twice_is_fold_once(values: list[str | None]) -> None:
    once = fold(pa.array(values, pa.string()))
    assert len(values) == len(once)
    assert once.equals(fold(once))
    assert all(
        out is None for value, out in zip(values, once.to_pylist(), strict=True) if not value
    )


@given(COLUMNS, COLUMNS)
def test_chunks_and_encodings_do_not_matter(first: list[str], second: list[str]) -> None:
    whole = pa.array(first + second, pa.string())
    expected = fold(whole)
    assert expected.equals(fold(pa.chunked_array([first, second], pa.string())))
    assert expected.equals(fold(whole.dictionary_encode()))
    assert expected.equals(fold(whole.cast(pa.large_string())))
    assert expected.slice(len(first)).equals(fold(whole.slice(len(first))))


def test_columns_without_values() -> None:
    assert fold(pa.nulls(2)).to_pylist() == [None, None]
    assert fold(pa.chunked_array([], pa.string())).to_pylist() == []
    assert pa.string() == fold(pa.nulls(2)).type


@pytest.mark.parametrize(
    "wrong", [pa.array([1]), pa.array([b"a"]), ["a"], "a", None, pa.array([["a"]])]
)
def test_other_than_text_is_a_type_error(wrong: object) -> None:
    with pytest.raises(TypeError, match="expected an Arrow array of strings, got"):
        as_strings(wrong)


def test_compact() -> None:
    values = pa.array(["1 2-3", "‘4–5", "张-三", None, "-", "9"])
    assert compact(values).to_pylist() == ["123", "45", "张三", None, "", "9"]


def test_placeholders_and_masks() -> None:
    fillers = ["无", "不详", "N/A", "none", "0", "000", "1111", "xxxx", "---", "", "暂无"]
    values = ["11", "123", "无锡", "nonesuch", "张三", "0731", "O"]
    assert all(is_placeholder(pa.array(fillers)).to_pylist())
    assert not any(is_placeholder(pa.array(values)).to_pylist())
    hidden = pa.array(["138****5678", "4301XXXXXX1234", "张**", "138*", "exxxon", None])
    assert is_masked(hidden, letters=False).to_pylist() == [*(True, True, True, False, False, None)]
    assert is_masked(hidden, letters=True).to_pylist() == [True, False, True, False, False, None]


def test_ascii_matrix_of_a_slice() -> None:
    codes = pa.array(["abc", "def", "ghi"])
    assert np.array_equal([[103, 104, 105]], ascii_matrix(codes.slice(2), 3))
    assert ascii_matrix(codes.slice(3), 3).shape == (0, 3)


def test_every_reason_is_explained_in_both_languages() -> None:
    for reason in Reason:
        assert reason.en.isascii()
        assert any("\u4e00" <= sign <= "\u9fff" for sign in reason.zh)
        assert reason is Reason(str(reason))
    assert len({reason.en for reason in Reason}) == len(Reason)


def test_the_first_case_that_holds_is_the_reason() -> None:
    reason = first_of(
        (pa.array([True, False, None, False]), Reason.MASKED),
        (pa.array([True, True, None, False]), Reason.LENGTH),
    )
    assert reason.to_pylist() == ["masked", "length", None, None]
