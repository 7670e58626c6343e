"""Headers of customer lists, in the languages they come in."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from graphcrm.duplicates.roles import Role
from graphcrm_loaders.lists import looks
from graphcrm_loaders.lists.headers import said_by

_FURTHER = {
    looks.FIRM, looks.CONTACT, looks.RECORD, looks.ENTRY, looks.AMOUNT, looks.NOTE,
    looks.CLUSTER,
}  # fmt: skip


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("姓名", "name"), ("客户姓名*", "name"), ("投保人姓名", "name"), ("Full Name", "name"),
        ("氏名", "name"), ("FirstName", "given_name"), ("fname", "given_name"),
        ("Vorname", "given_name"), ("LAST_NAME", "family_name"), ("apellidos", "family_name"),
        ("姓", "family_name"), ("名", "given_name"), ("出生日期", "birth_date"),
        ("date_of_birth", "birth_date"), ("DOB", "birth_date"), ("Geburtsdatum", "birth_date"),
        ("性别", "sex"), ("gender", "sex"), ("证件号码", "id_number"), ("soc_sec_id", "id_number"),
        ("SSN", "id_number"), ("统一社会信用代码", "id_number"), ("证件类型", "id_type"),
        ("手机号", "phone"), ("联系电话2", "phone"), ("home phone", "phone"), ("電話番号", "phone"),
        ("contactPhone", "phone"), ("邮箱", "email"), ("E-Mail", "email"),
        ("email address", "email"),
        ("银行卡号", "account"), ("IBAN", "account"), ("家庭住址", "address"),
        ("address_1", "address"), ("street_number", "address"), ("公司地址", "address"),
        ("suburb", "place"), ("birth_place", "place"), ("城市", "place"), ("邮编", "postcode"),
        ("PLZ", "postcode"), ("postcode_fake", "postcode"), ("工作单位", "employer"),
        ("单位名称", looks.FIRM), ("company name", looks.FIRM), ("职业", "occupation"),
        ("联系人", looks.CONTACT), ("业务员姓名", looks.CONTACT),
        ("agent_name", looks.CONTACT), ("配偶姓名", "evidence"), ("Bank Name", "evidence"),
        ("客户号", looks.RECORD), ("rec_id", looks.RECORD),
        ("序号", looks.RECORD), ("录入日期", looks.ENTRY), ("created_at", looks.ENTRY),
        ("年缴保费", looks.AMOUNT), ("备注", looks.NOTE),
        ("cluster_id_2", looks.CLUSTER), ("民族", "evidence"),
    ],
)  # fmt: skip
def test_what_headers_say(header: str, meaning: str) -> None:
    said = said_by(header)
    assert said is not None
    assert said.meaning == meaning


@pytest.mark.parametrize("header", ["c1", "column_7", "xyz", "??", "", "甲乙", "x" * 200])
def test_other_headers_say_nothing(header: str) -> None:
    assert said_by(header) is None


def test_every_meaning_is_known() -> None:
    text = (files("graphcrm_loaders.lists") / "headers.toml").read_text(encoding="utf-8")
    assert set(tomllib.loads(text)) <= {role.value for role in Role} | _FURTHER


def test_a_name_within_a_longer_header_is_less_sure() -> None:
    exact, at_end, inside = (said_by(h) for h in ("phone", "their phone", "phone_of_x"))
    assert exact
    assert at_end
    assert inside
    assert exact.sureness > at_end.sureness > inside.sureness
