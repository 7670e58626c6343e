"""Looks of lists of customers, agents, institutions and vehicles."""

from __future__ import annotations

from suggest_codes import AGENT_STATUS, ID_TYPES, KINDS, SEX, SEX_NUMBERS
from suggest_exports import Export, Row, day, joined, numbered, of, told


def customers_chinese(rows: list[Row]) -> Export:
    return Export(
        "客户信息表.csv",
        "persons",
        numbered(rows),
        [
            ("序号", "-", of("#")),
            ("客户号", "id", of("id")),
            ("姓名", "name", of("name")),
            ("性别", "sex", told("sex", SEX)),
            ("出生日期", "birth_date", day("birth_date", "short")),
            ("证件类型", "id_type", told("id_type", ID_TYPES)),
            ("证件号码", "id_number", of("id_number")),
            ("手机", "phone", of("phone")),
            ("固定电话", "phone_2", of("phone_2")),
            ("单位", "employer.id|employer.name", of("e.name")),
            ("职业", "occupation", of("occupation")),
            ("家庭住址", "address", of("address")),
            ("电子邮箱", "email", of("email")),
            ("建档日期", "created_on", day("created_on", "short")),
            ("客户等级", "-", lambda row: "金银铜"[len(row["name"]) % 3]),
        ],
        encoding="gb18030",
    )


def customers_core(rows: list[Row]) -> Export:
    return Export(
        "CUST_MASTER_20260630.txt",
        "persons",
        rows,
        [
            ("CUST_NO", "id", of("id")),
            ("CUST_NM", "name", of("name")),
            ("GNDR_CD", "sex", told("sex", SEX_NUMBERS)),
            ("DOB", "birth_date", day("birth_date", "%Y%m%d")),
            ("ID_TYP_CD", "id_type", told("id_type", {"resident_id": "01", "passport": "02"})),
            ("ID_NO", "id_number", of("id_number")),
            ("MOB_NO", "phone", of("phone")),
            ("EMAIL_ADDR", "email", of("email")),
            ("RES_ADDR", "address", of("address")),
            ("OCCUP", "occupation", of("occupation")),
            ("CRT_DT", "created_on", day("created_on", "%Y%m%d")),
            ("CRT_BR", "entered_branch_id", of("entered_branch_id")),
            ("LST_UPD_TS", "-", lambda row: "20260630120000"),
        ],
        delimiter="|",
    )


def customers_pinyin(rows: list[Row]) -> Export:
    return Export(
        "khxx.csv",
        "persons",
        rows,
        [
            ("khh", "id", of("id")),
            ("xm", "name", of("name")),
            ("xb", "sex", told("sex", SEX_NUMBERS)),
            ("csrq", "birth_date", day("birth_date", "%d.%m.%Y")),
            ("zjlx", "id_type", told("id_type", ID_TYPES)),
            ("zjhm", "id_number", of("id_number")),
            ("sjh", "phone", of("phone")),
            ("lxdz", "address", of("address")),
            ("zhiye", "occupation", of("occupation")),
            ("dzyx", "email", of("email")),
            ("yhkh", "account", of("account")),
        ],
    )


def customers_bare(rows: list[Row]) -> Export:
    return Export(
        "export.csv",
        "persons",
        rows,
        [
            ("", "id", of("id")),
            ("", "name", of("name")),
            ("", "sex", told("sex", SEX)),
            ("", "birth_date", of("birth_date")),
            ("", "id_number", of("id_number")),
            ("", "phone", of("phone")),
            ("", "email", of("email")),
            ("", "address", of("address")),
        ],
        header=False,
    )


def agents_roster(rows: list[Row]) -> Export:
    return Export(
        "营销员花名册.xlsx",
        "agents",
        rows,
        [
            ("工号", "id", of("id")),
            ("姓名", "name", of("name")),
            ("所属机构", "branch.id", of("branch_id")),
            ("职级", "tier", of("tier")),
            ("手机号码", "phone", of("phone")),
            ("入司日期", "hired_on", day("hired_on", "short")),
            ("离司日期", "departed_on", day("departed_on", "short")),
            ("在职状态", "status", told("status", AGENT_STATUS)),
            ("执业证编号", "licence_no", of("licence_no")),
            ("执业证有效期至", "licence_until", day("licence_until", "short")),
            ("主管工号", "upline_id", of("upline_id")),
            ("工资卡号", "account", of("account")),
            ("学历", "-", lambda row: ["本科", "大专", "高中"][len(row["id"] + row["name"]) % 3]),
        ],
        above=[["营销员花名册", "", "", "", "", "", "", "", "", "", "", "截至2026年6月"]],
    )


def referral_list(rows: list[Row]) -> Export:
    return Export(
        "转介绍登记.csv",
        "referrals",
        rows,
        [
            ("介绍人姓名", "referrer.name", of("x.name")),
            ("介绍人电话", "referrer.phone", of("x.phone")),
            ("介绍人客户号", "referrer.id", of("referrer_id")),
            ("新客户姓名", "referred.name", of("y.name")),
            ("新客户电话", "referred.phone", of("y.phone")),
            ("新客户号", "referred.id", of("referred_id")),
            ("转介日期", "referred_on", day("referred_on", "%Y年%m月%d日")),
            ("成交保单号", "policy_id", of("policy_id")),
        ],
    )


def institution_list(rows: list[Row]) -> Export:
    return Export(
        "团体客户名单.xlsx",
        "institutions",
        rows,
        [
            ("单位编号", "id", of("id")),
            ("单位全称", "name", of("name")),
            ("统一社会信用代码", "uscc", of("uscc")),
            ("单位性质", "kind", told("kind", KINDS)),
            ("注册地址", "address", of("address")),
            ("经办联系人", "contact_name", of("contact_name")),
            ("联系人手机", "contact_phone", of("contact_phone")),
            ("单位电话", "phone", of("phone")),
            ("对公账号", "account", of("account")),
        ],
    )


def vehicles(rows: list[Row], persons: dict[str, Row]) -> Export:
    owned = [joined(row, [("o", persons.get(row["owner_id"]))]) for row in rows]
    return Export(
        "vehicle_list.csv",
        "vehicles",
        owned,
        [
            ("Veh ID", "id", of("id")),
            ("Licence Plate", "plate", of("plate")),
            ("Chassis No.", "vin", of("vin")),
            ("Brand", "make", of("make")),
            ("Model", "model", of("model")),
            ("Owner Cust No", "owner.id", of("owner_id")),
            ("Owner Name", "owner.name", of("o.name")),
        ],
    )
