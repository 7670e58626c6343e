from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.account import standardise_accounts
from graphcrm.standards.document import DOCUMENT_TYPES, standardise_documents
from graphcrm.standards.email import standardise_emails

ANY_COLUMN = st.lists(st.none() | st.text(max_size=20), max_size=8)


def email(value: str | None) -> list[Any]:
    return list(standardise_emails(pa.array([value], pa.string()))[0].as_py().values())


def account(value: str | None) -> list[Any]:
    return list(standardise_accounts(pa.array([value], pa.string()))[0].as_py().values())


def document(value: str | None, kind: str | None) -> list[Any]:
    row = standardise_documents(
        pa.array([value], pa.string()), pa.array([kind], pa.string()), today=date(2026, 6, 30)
    )
    return list(row[0].as_py().values())


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("zhang.san@qq.com", "zhang.san@qq.com"),
        ("Zhang.San@QQ.COM ", "zhang.san@qq.com"),
        ("ｚｈａｎｇ＠ｑｑ．ｃｏｍ", "zhang@qq.com"),
        ("zhang@qq。com", "zhang@qq.com"),
        ("zhang @ qq . com", "zhang@qq.com"),
        ("张三 <zhang@qq.com>", "zhang@qq.com"),
        ("mailto:zhang@qq.com", "zhang@qq.com"),
        ('"zhang@qq.com";', "zhang@qq.com"),
        ("zhang\u200b@qq.com.", "zhang@qq.com"),
        ("张三@公司.中国", "张三@公司.中国"),
        ("o'brien+tag@mail.example.co.uk", "o'brien+tag@mail.example.co.uk"),
        ("a@xn--fiqs8s.xn--fiqz9s", "a@xn--fiqs8s.xn--fiqz9s"),
        ("a" + "b" * 63 + "@example.com", "a" + "b" * 63 + "@example.com"),
    ],
)
def test_emails(typed: str, address: str) -> None:
    assert email(typed) == [address, None]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("无", "placeholder"),
        ("none@none.com", "placeholder"),
        ("zh***@qq.com", "masked"),
        ("13812345678", "no_at"),
        ("zhang.qq.com", "no_at"),
        ("zhang@qq.com;li@qq.com", "several"),
        ("zhang@qq.com、li@qq.com", "several"),
        ("zhang@qq.com li@qq.com", "several"),
        ("zhang san@qq.com", "characters"),
        ("@qq.com", "mailbox"),
        (".zhang@qq.com", "mailbox"),
        ("zhang..san@qq.com", "mailbox"),
        ("a" + "b" * 64 + "@example.com", "mailbox"),
        ("zhang@", "domain"),
        ("zhang@qq", "domain"),
        ("zhang@qq..com", "domain"),
        ("zhang@-qq.com", "domain"),
        ("zhang@san@qq.com", "domain"),
        ("zhang@10.0.0.1", "domain"),
        ("zhang@" + "q" * 64 + ".com", "domain"),
        ("zhang@" + "q.q" * 90 + ".com", "too_long"),
    ],
)
def test_refused_emails(value: str, reason: str) -> None:
    assert email(value) == [None, reason]


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("6222 0212 3456 7890 123", "6222021234567890123"),
        ("６２２２－０２１２－３４５６－７８９０", "6222021234567890"),
        ("'6222021234567890123", "6222021234567890123"),
        ("nra12345678", "NRA12345678"),
        ("622202123456.0", "622202123456"),
        ("12/345.678", "12345678"),
        ("DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("IBAN: gb82 west 1234 5698 7654 32", "GB82WEST12345698765432"),
        ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
        ("NO9386011117947", "NO9386011117947"),
        ("ZZ00123456789012", "ZZ00123456789012"),
    ],
)
def test_accounts(typed: str, number: str) -> None:
    assert account(typed) == [number, None]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("无", "placeholder"),
        ("0000000000", "placeholder"),
        ("622202****1234", "masked"),
        ("6.22202E+18", "scientific"),
        ("6222021234567890000", "rounded"),
        ("6222021234567891.0", "decimal"),
        ("6222021234567890.0", "decimal"),
        ("中国银行6222021234567", "characters"),
        ("CASHONLY", "characters"),
        ("12345", "too_short"),
        ("1234567890123456789012345678901234567", "too_long"),
        ("DE8937040044053201300", "length"),
        ("DE89370400440532013001", "check_digit"),
        ("GB82WEST12345698765423", "check_digit"),
    ],
)
def test_refused_accounts(value: str, reason: str) -> None:
    assert account(value) == [None, reason]


@given(st.integers(10**9, 10**10 - 1), st.integers(10**7, 10**8 - 1), st.integers(0, 21), st.data())
def test_one_wrong_digit_in_an_iban_is_refused(
    number: int, bank: int, place: int, data: st.DataObject
) -> None:
    check = 98 - int(f"{bank}{number}131400") % 97
    iban = f"DE{check:02d}{bank}{number}"
    assert account(iban) == [iban, None]
    sign = data.draw(st.sampled_from("0123456789"))
    if place > 1 and sign != iban[place]:
        assert account(iban[:place] + sign + iban[place + 1 :]) == [None, "check_digit"]


BORN = date(1949, 12, 31)


@pytest.mark.parametrize(
    ("typed", "kind", "row"),
    [
        ("11010519491231002x", "resident_id", ["resident_id", "11010519491231002X", BORN, "F"]),
        ("110105 19491231 002X", None, ["resident_id", "11010519491231002X", BORN, "F"]),
        ("11010519491231002X", "passport", ["resident_id", "11010519491231002X", BORN, "F"]),
        ("110105491231002", None, ["resident_id", "11010519491231002X", BORN, "F"]),
        ("110105491231002", "passport", ["passport", "110105491231002", None, None]),
        ("e 1234-5678", "Passport", ["passport", "E12345678", None, None]),
        ("军字第1234567号", "military_id", ["military_id", "军1234567", None, None]),
        ("军1234567", "military_id", ["military_id", "军1234567", None, None]),
        ("H1234567802", "hk_macau_permit", ["hk_macau_permit", "H12345678", None, None]),
        ("m12345678(02)", "hk_macau_permit", ["hk_macau_permit", "M12345678", None, None]),
        ("C12345678", "hk_macau_permit", ["hk_macau_permit", "C12345678", None, None]),
        ("12345678", "taiwan_permit", ["taiwan_permit", "12345678", None, None]),
        ("0123456789（A）", "taiwan_permit", ["taiwan_permit", "01234567", None, None]),
        (
            "USA110080010101",
            "foreign resident id",
            ["foreign_resident_id", "USA110080010101", None, None],
        ),
        ("湘民字123号", "other", ["other", "湘民字123号", None, None]),
        ("E12345678", "something", [None, "E12345678", None, None]),
        ("123456789012345", None, [None, "123456789012345", None, None]),
    ],
)
def test_documents(typed: str, kind: str | None, row: list[Any]) -> None:
    stated, number, born, sex = row
    assert document(typed, kind) == [stated, number, None, born, sex]


@pytest.mark.parametrize("kind", [None, "foreign_resident_id", "passport", "resident_id"])
def test_a_foreigners_permit_of_2023(kind: str | None) -> None:
    body = "91115619900101001"
    total = sum(int(digit) * 2 ** (17 - place) for place, digit in enumerate(body))
    number = body + "10X98765432"[total % 11]
    expected = ["foreign_resident_id", number, None, date(1990, 1, 1), None]
    assert document(number, kind) == expected


@pytest.mark.parametrize(
    ("value", "kind", "reason"),
    [
        ("无", "passport", "placeholder"),
        ("-", "resident_id", "placeholder"),
        ("E1234****", "passport", "masked"),
        ("110105194912310021", "resident_id", "check_digit"),
        ("110105194912310021", None, "check_digit"),
        ("110105194912310021", "foreign_resident_id", "check_digit"),
        ("110105194912310021", "passport", "length"),
        ("E12345678", "resident_id", "characters"),
        ("4.3E+17", None, "scientific"),
        ("12345678901234567.0", "other", "decimal"),
        ("E12", "passport", "length"),
        ("护照E12345678", "passport", "characters"),
        ("A12345678", "hk_macau_permit", "characters"),
        ("H1234567", "hk_macau_permit", "length"),
        ("𠮷𠮷𠮷𠮷", "other", "characters"),
    ],
)
def test_refused_documents(value: str, kind: str | None, reason: str) -> None:
    known = kind if kind in DOCUMENT_TYPES else None
    assert document(value, kind) == [known, None, reason, None, None]


@given(ANY_COLUMN, st.integers(0, 8))
def test_any_email_and_account_in_any_chunks(values: list[str | None], cut: int) -> None:
    whole = pa.array(values, pa.string())
    parts = pa.chunked_array([whole[:cut], whole[cut:]])
    for standardise in (standardise_emails, standardise_accounts):
        rows = standardise(whole)
        assert rows.equals(standardise(parts))
        once = rows.field(0)
        assert once.equals(standardise(once).field(0))
        for value, row in zip(values, rows.to_pylist(), strict=True):
            assert value is not None or set(row.values()) == {None}


@given(st.emails())
def test_ordinary_emails_stay(address: str) -> None:
    once, reason = email(address)
    assert reason in {None, "mailbox", "domain", "placeholder", "masked", "too_long"}
    assert once is None or email(once) == [once, None]


@given(
    st.lists(
        st.tuples(
            st.none() | st.text(max_size=20) | st.from_regex(r"\A[A-Z0-9()-]{5,18}\Z"),
            st.none() | st.sampled_from(DOCUMENT_TYPES) | st.text(max_size=5),
        ),
        max_size=8,
    ),
    st.integers(0, 8),
)
def test_any_document_in_any_chunks(rows: list[tuple[str | None, str | None]], cut: int) -> None:
    values = pa.array([value for value, _ in rows], pa.string())
    types = pa.array([kind for _, kind in rows], pa.string())
    whole = standardise_documents(values, types)
    parts = pa.chunked_array([values[:cut], values[cut:]])
    assert whole.equals(standardise_documents(parts, types.dictionary_encode()))
    again = standardise_documents(whole.field("number"), whole.field("type"))
    for name in ("type", "number", "birth_date", "sex"):
        assert whole.field(name).equals(again.field(name))


def test_wrong_columns() -> None:
    text, numbers = pa.array(["a"]), pa.array([1])
    for standardise in (standardise_emails, standardise_accounts):
        with pytest.raises(TypeError, match="int64"):
            standardise(numbers)
    with pytest.raises(TypeError, match="int64"):
        standardise_documents(text, numbers)
    with pytest.raises(TypeError, match="int64"):
        standardise_documents(numbers, text)
    with pytest.raises(ValueError, match="1 numbers, but 2 types"):
        standardise_documents(text, pa.array(["passport", None]))
    assert len(standardise_documents(pa.nulls(0), pa.nulls(0))) == 0
