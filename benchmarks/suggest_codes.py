"""Codes as other systems write them, for the made-up exports of `suggest.py`."""

SEX = {"M": "男", "F": "女"}
SEX_NUMBERS = {"M": "1", "F": "2"}
ID_TYPES = {
    "resident_id": "居民身份证",
    "passport": "护照",
    "military_id": "军官证",
    "hk_macau_permit": "港澳居民来往内地通行证",
    "taiwan_permit": "台胞证",
    "foreign_resident_id": "外国人永久居留证",
    "other": "其他",
}
STATUS = {
    "in_force": "有效",
    "lapsed": "失效",
    "surrendered": "退保",
    "matured": "满期",
    "terminated": "终止",
    "pending": "待生效",
}
STATUS_LETTERS = {
    "in_force": "IF",
    "lapsed": "LA",
    "surrendered": "SU",
    "matured": "MA",
    "terminated": "TE",
    "pending": "PE",
}
FREQUENCY = {
    "single": "趸交",
    "annual": "年交",
    "half_yearly": "半年交",
    "quarterly": "季交",
    "monthly": "月交",
}
CHANNEL = {"agent": "个险", "bank": "银保", "broker": "经代", "direct": "直销", "online": "网销"}
AGENT_STATUS = {"active": "在职", "on_leave": "休假", "suspended": "停职", "departed": "离职"}
CLAIM = {"open": "未决", "paid": "已结案", "rejected": "拒赔", "withdrawn": "撤案"}
WAY = {
    "phone": "电话",
    "message": "微信",
    "visit": "上门拜访",
    "branch": "柜面",
    "email": "邮件",
    "web": "APP",
}
TOPIC = {
    "sales": "产品推介",
    "renewal": "续期缴费",
    "claim": "理赔咨询",
    "service": "保全办理",
    "complaint": "投诉",
    "notice": "通知",
    "other": "其他",
}
OUTCOME = {
    "reached": "已接通",
    "no_answer": "无人接听",
    "refused": "拒绝",
    "resolved": "已办结",
    "escalated": "转办",
}
KINDS = {
    "company": "企业",
    "government": "政府机关",
    "hospital": "医院",
    "garage": "修理厂",
    "school": "学校",
    "bank": "银行",
    "law_firm": "律所",
    "insurer": "保险公司",
    "other": "其他",
}
