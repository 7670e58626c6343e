"""Looks of lists of claims and contacts."""

from __future__ import annotations

from suggest_codes import CLAIM, OUTCOME, TOPIC, WAY
from suggest_exports import Export, Row, day, money, numbered, of, told


def claims_list(rows: list[Row]) -> Export:
    return Export(
        "理赔案件清单.xlsx",
        "claims",
        numbered(rows),
        [
            ("序号", "-", of("#")),
            ("赔案号", "id", of("id")),
            ("保单号", "policy_id", of("policy_id")),
            ("出险日期", "loss_on", day("loss_on", "short")),
            ("报案日期", "reported_on", day("reported_on", "short")),
            ("结案日期", "settled_on", day("settled_on", "short")),
            ("出险原因", "cause", of("cause")),
            ("出险地点", "place", of("place")),
            ("车牌号", "vehicle.plate", of("v.plate")),
            ("查勘员", "assessor.name|assessor.id", of("s.name")),
            ("修理厂", "repairer.name|repairer.id", of("r.name")),
            ("就诊医院", "hospital.name|hospital.id", of("hos.name")),
            ("索赔金额", "amount_claimed", money("amount_claimed")),
            ("赔付金额", "amount_paid", money("amount_paid")),
            ("收款账号", "payee_account", of("payee_account")),
            ("案件状态", "status", told("status", CLAIM)),
        ],
        above=[["2026年上半年理赔案件清单"]],
        below=[["合计", "", "", "", "", "", "", "", "", "", "", "", "1", "2"]],
    )


def claims_core(rows: list[Row]) -> Export:
    return Export(
        "CLM_EXTRACT.csv",
        "claims",
        rows,
        [
            ("CLM_NO", "id", of("id")),
            ("POL_NO", "policy_id", of("policy_id")),
            ("EVT_ID", "event_id", of("event_id")),
            ("LOSS_DT", "loss_on", day("loss_on", "%Y-%m-%d")),
            ("LOSS_TM", "loss_at", of("loss_at")),
            ("RPT_DT", "reported_on", of("reported_on")),
            ("CLOSE_DT", "settled_on", of("settled_on")),
            (
                "CLM_STS",
                "status",
                told("status", {"open": "O", "paid": "P", "rejected": "R", "withdrawn": "W"}),
            ),
            ("CLM_AMT", "amount_claimed", of("amount_claimed")),
            ("PAID_AMT", "amount_paid", of("amount_paid")),
            ("OS_RSV", "reserve", of("reserve")),
            ("ADJ_ID", "assessor.id", of("assessor_id")),
            ("GARAGE_CD", "repairer.id", of("repairer_id")),
            ("HOSP_CD", "hospital.id", of("hospital_id")),
            ("LOSS_LOC", "place", of("place")),
            ("PAYEE_ACCT", "payee_account", of("payee_account")),
        ],
        delimiter=";",
    )


def contacts_log(rows: list[Row]) -> Export:
    return Export(
        "客户联系记录.csv",
        "contacts",
        rows,
        [
            ("客户编号", "customer.id", of("customer_id")),
            ("客户姓名", "customer.name", of("c.name")),
            ("联系日期", "contacted_at", day("contacted_at", "short")),
            ("联系时间", "contacted_at", lambda row: row["contacted_at"][11:16]),
            ("联系方式", "channel", told("channel", WAY)),
            ("呼入/呼出", "direction", told("direction", {"in": "呼入", "out": "呼出"})),
            ("联系人员", "agent.id|agent.name", of("a.name")),
            ("事项", "topic", told("topic", TOPIC)),
            ("联系结果", "outcome", told("outcome", OUTCOME)),
            ("满意度", "satisfaction", of("satisfaction")),
            ("相关保单号", "policy_id", of("policy_id")),
            ("沟通内容", "note", of("note")),
        ],
    )
