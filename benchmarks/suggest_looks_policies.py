"""Looks of lists of policies and premiums."""

from __future__ import annotations

from suggest_codes import CHANNEL, FREQUENCY, SEX, STATUS, STATUS_LETTERS
from suggest_exports import Export, Row, day, money, numbered, of, some, told


def counter_list(rows: list[Row]) -> Export:
    return Export(
        "银行柜面出单清单.xlsx",
        "policies",
        numbered(some(rows, 400, 3)),
        [
            ("序号", "-", of("#")),
            ("出单网点", "branch.id|branch.name", of("b.name")),
            ("保险合同号", "id", of("id")),
            ("产品名称", "product.name|product.code", of("p.name")),
            ("客户姓名", "holder.name", of("h.name")),
            ("身份证号", "holder.id_number", of("h.id_number")),
            ("联系电话", "holder.phone", of("h.phone")),
            ("保费（元）", "premium", money("premium")),
            ("交费方式", "frequency", told("frequency", FREQUENCY)),
            ("承保日期", "issued_on", day("issued_on", "short")),
            ("理财经理", "agent.name|agent.id", of("a.name")),
            ("备注", "-", lambda row: ""),
        ],
        above=[["XX银行代理保险业务出单清单"], ["统计期间：2026年1月至6月", "", "", "单位：元"]],
        below=[["合计", "", "", "", "", "", "", "1,234,567.00"], ["制表人：", "", "", "复核："]],
    )


def flat_policies(rows: list[Row]) -> Export:
    return Export(
        "有效保单清单.csv",
        "policies",
        rows,
        [
            ("保单号", "id", of("id")),
            ("险种代码", "product.code", of("product_code")),
            ("险种名称", "product.name", of("p.name")),
            ("投保人客户号", "holder.id", of("holder_id")),
            ("投保人姓名", "holder.name", of("h.name")),
            ("投保人性别", "holder.sex", told("h.sex", SEX)),
            ("投保人证件号码", "holder.id_number", of("h.id_number")),
            ("投保人手机", "holder.phone", of("h.phone")),
            ("被保险人姓名", "insured.name", of("i.name")),
            ("被保险人证件号", "insured.id_number", of("i.id_number")),
            ("业务员代码", "agent.id", of("sold_by")),
            ("业务员姓名", "agent.name", of("a.name")),
            ("承保机构", "branch.id|branch.name", of("branch_id")),
            ("缴费方式", "frequency", told("frequency", FREQUENCY)),
            ("期缴保费", "premium", of("premium")),
            ("基本保额", "sum_insured", of("sum_insured")),
            ("签单日期", "issued_on", day("issued_on", "%Y%m%d")),
            ("生效日期", "starts_on", day("starts_on", "%Y%m%d")),
            ("满期日", "ends_on", day("ends_on", "%Y%m%d")),
            ("保单状态", "status", told("status", STATUS)),
            ("销售渠道", "channel", told("channel", CHANNEL)),
        ],
        encoding="gb18030",
    )


def flat_two_rows(rows: list[Row]) -> Export:
    return Export(
        "车险业务台账.xlsx",
        "policies",
        [row for row in rows if row.get("v.id")][:400],
        [
            ("保单号", "id", of("id")),
            ("姓名", "holder.name", of("h.name")),
            ("证件号码", "holder.id_number", of("h.id_number")),
            ("手机", "holder.phone", of("h.phone")),
            ("车牌号", "vehicle.plate", of("v.plate")),
            ("车架号", "vehicle.vin", of("v.vin")),
            ("厂牌型号", "vehicle.model|vehicle.make", of("v.model")),
            ("起保日期", "starts_on", day("starts_on", "chinese")),
            ("终保日期", "ends_on", day("ends_on", "chinese")),
            ("签单日期", "issued_on", day("issued_on", "serial")),
            ("保费", "premium", money("premium", "¥{:,.2f}")),
            ("工号", "agent.id", of("sold_by")),
            ("姓名", "agent.name", of("a.name")),
            ("状态", "status", told("status", STATUS)),
        ],
        above=[["车险业务台账"], []],
        upper=["", "投保人", "", "", "车辆信息", "", "", "保险期间", "", "", "", "业务员", "", ""],
        below=[["总计", "", "", "", "", "", "", "", "", "", "98765"]],
    )


def policies_english(rows: list[Row]) -> Export:
    return Export(
        "PolicyExtract.csv",
        "policies",
        rows,
        [
            ("Policy Number", "id", of("id")),
            ("Plan Code", "product.code", of("product_code")),
            ("Policyholder ID", "holder.id", of("holder_id")),
            ("Policyholder Name", "holder.name", of("h.name")),
            ("Date of Birth", "holder.birth_date", day("h.birth_date", "%d/%m/%Y")),
            ("Mobile Phone", "holder.phone", of("h.phone")),
            ("Annual Premium", "premium", of("premium")),
            ("Sum Assured", "sum_insured", of("sum_insured")),
            (
                "Billing Frequency",
                "frequency",
                told(
                    "frequency",
                    {
                        "annual": "Annual",
                        "monthly": "Monthly",
                        "single": "Single",
                        "quarterly": "Quarterly",
                        "half_yearly": "Semi-Annual",
                    },
                ),
            ),
            ("Issue Date", "issued_on", day("issued_on", "%d/%m/%Y")),
            ("Effective Date", "starts_on", day("starts_on", "%d/%m/%Y")),
            ("Maturity Date", "ends_on", day("ends_on", "%d/%m/%Y")),
            (
                "Contract Status",
                "status",
                told(
                    "status",
                    {
                        "in_force": "In Force",
                        "lapsed": "Lapsed",
                        "surrendered": "Surrendered",
                        "matured": "Matured",
                        "terminated": "Terminated",
                        "pending": "Pending",
                    },
                ),
            ),
            ("Selling Agent Code", "agent.id", of("sold_by")),
            ("Servicing Agent Code", "servicer.id", of("served_by")),
            ("Currency", "currency", of("currency")),
            ("Underwriter Comments", "-", lambda row: "std"),
        ],
    )


def policies_initials(rows: list[Row]) -> Export:
    return Export(
        "T_BD_2026.csv",
        "policies",
        rows,
        [
            ("BDH", "id", of("id")),
            ("XZDM", "product.code", of("product_code")),
            ("XZMC", "product.name", of("p.name")),
            ("TBRKHH", "holder.id", of("holder_id")),
            ("TBRXM", "holder.name", of("h.name")),
            ("TBRZJHM", "holder.id_number", of("h.id_number")),
            ("YWYGH", "agent.id", of("sold_by")),
            ("YWYXM", "agent.name", of("a.name")),
            ("JGDM", "branch.id", of("branch_id")),
            ("BF", "premium", of("premium")),
            ("BE", "sum_insured", of("sum_insured")),
            ("JFFS", "frequency", told("frequency", FREQUENCY)),
            ("QDRQ", "issued_on", day("issued_on", "%Y%m%d")),
            ("SXRQ", "starts_on", day("starts_on", "%Y%m%d")),
            ("ZZRQ", "ends_on|ended_on", day("ends_on", "%Y%m%d")),
            ("BDZT", "status", told("status", STATUS_LETTERS)),
        ],
    )


def premium_list(rows: list[Row]) -> Export:
    return Export(
        "续期应收清单.csv",
        "premiums",
        rows,
        [
            ("保单号", "policy_id", of("policy_id")),
            ("应缴日期", "due_on", day("due_on", "short")),
            ("应缴保费", "amount", money("amount")),
            ("实收日期", "paid_on", day("paid_on", "short")),
            ("扣款账号", "paid_by_account", of("paid_by_account")),
        ],
    )
