"""The code lists of the vocabulary, each member with its English and Chinese word."""

from enum import StrEnum
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from graphcrm.model.refusals import refuse


class Code(StrEnum):
    """A code with a word for people: `Sex.M.en`, `Sex.M.zh`."""

    en: str
    zh: str

    def __new__(cls, value: str, en: str, zh: str) -> "Code":
        """Create a member from its code and its two words."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.en, member.zh = en, zh
        return member

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Refuse an unknown code in the vocabulary's own words."""

        def known(value: Any) -> Any:
            if isinstance(value, str) and value not in {code.value for code in cls}:
                raise refuse("unknown_code")
            return value

        return core_schema.no_info_before_validator_function(known, handler(source))


class Sex(Code):
    """Sex as on the identity document."""

    M = "M", "male", "男"
    F = "F", "female", "女"


class YesNo(Code):
    """A yes or a no; unknown is an empty cell."""

    YES = "yes", "yes", "是"
    NO = "no", "no", "否"


class PartyKind(Code):
    """Which kind of party an id names."""

    PERSON = "person", "person", "个人"
    INSTITUTION = "institution", "institution", "机构"
    DEPARTMENT = "department", "department", "部门"


class InstitutionKind(Code):
    """What an institution is."""

    COMPANY = "company", "company", "企业"
    GOVERNMENT = "government", "government body", "政府机关"
    HOSPITAL = "hospital", "hospital", "医院"
    GARAGE = "garage", "garage", "修理厂"
    SCHOOL = "school", "school", "学校"
    BANK = "bank", "bank", "银行"
    LAW_FIRM = "law_firm", "law firm", "律师事务所"
    INSURER = "insurer", "insurer", "保险公司"
    OTHER = "other", "other", "其他"


class IdType(Code):
    """Type of identity document."""

    RESIDENT_ID = "resident_id", "resident ID", "居民身份证"
    PASSPORT = "passport", "passport", "护照"
    MILITARY_ID = "military_id", "military ID", "军官证"
    HK_MACAU_PERMIT = "hk_macau_permit", "Hong Kong/Macau permit", "港澳居民来往内地通行证"
    TAIWAN_PERMIT = "taiwan_permit", "Taiwan permit", "台湾居民来往大陆通行证"
    FOREIGN_RESIDENT_ID = "foreign_resident_id", "foreign resident ID", "外国人永久居留身份证"
    OTHER = "other", "other document", "其他证件"


class ContactPreference(Code):
    """How a customer wants to be reached."""

    ANY = "any", "any way", "均可"
    PHONE = "phone", "phone", "电话"
    MESSAGE = "message", "message", "短信"
    NONE = "none", "not at all", "不希望联系"


class AgentKind(Code):
    """What an agent does."""

    SELLER = "seller", "sales agent", "营销员"
    SERVICE = "service", "service agent", "服务专员"
    ACCOUNT_MANAGER = "account_manager", "account manager", "客户经理"
    ASSESSOR = "assessor", "claims assessor", "查勘定损员"
    CLERK = "clerk", "clerk", "内勤"
    BROKER = "broker", "broker", "经纪人"
    BANK = "bank", "bank channel", "银保渠道"


class AgentStatus(Code):
    """Whether an agent works for us today."""

    ACTIVE = "active", "active", "在职"
    ON_LEAVE = "on_leave", "on leave", "休假"
    SUSPENDED = "suspended", "suspended", "停职"
    DEPARTED = "departed", "departed", "离职"


class Line(Code):
    """Product line (class of insurance)."""

    LIFE = "life", "life", "寿险"
    HEALTH = "health", "health", "健康险"
    ACCIDENT = "accident", "accident", "意外险"
    MOTOR = "motor", "motor", "车险"
    PROPERTY = "property", "property", "财产险"
    LIABILITY = "liability", "liability", "责任险"
    OTHER = "other", "other", "其他"


class Frequency(Code):
    """How often premium falls due."""

    SINGLE = "single", "single premium", "趸交"
    ANNUAL = "annual", "annual", "年交"
    HALF_YEARLY = "half_yearly", "half-yearly", "半年交"
    QUARTERLY = "quarterly", "quarterly", "季交"
    MONTHLY = "monthly", "monthly", "月交"


class BusinessType(Code):
    """How the policy came to us."""

    NEW = "new", "new business", "新保"
    TRANSFERRED = "transferred", "transferred", "转入"
    RENEWAL = "renewal", "renewal", "续保"


class Channel(Code):
    """The channel a policy was sold through."""

    AGENT = "agent", "agent", "个人代理"
    BANK = "bank", "bank", "银保"
    BROKER = "broker", "broker", "经纪"
    DIRECT = "direct", "direct", "直销"
    ONLINE = "online", "online", "网销"
    OTHER = "other", "other", "其他"


class PolicyStatus(Code):
    """State of a policy; `in_force` alone says that cover stands."""

    IN_FORCE = "in_force", "in force", "有效"
    LAPSED = "lapsed", "lapsed", "失效"
    SURRENDERED = "surrendered", "surrendered", "退保"
    MATURED = "matured", "matured", "满期"
    TERMINATED = "terminated", "terminated", "终止"
    PENDING = "pending", "pending", "待生效"


class PolicyRole(Code):
    """Role of a party in a policy beside the policyholder."""

    INSURED = "insured", "insured", "被保险人"
    BENEFICIARY = "beneficiary", "beneficiary", "受益人"
    PAYER = "payer", "payer", "交费人"


class ServingRole(Code):
    """What an agent does for a policy."""

    SOLD = "sold", "sold it", "销售"
    SERVES = "serves", "serves it", "服务"
    COLLECTS = "collects", "collects its premium", "收费"


class ClaimStatus(Code):
    """State of a claim."""

    OPEN = "open", "open", "处理中"
    PAID = "paid", "paid", "已赔付"
    REJECTED = "rejected", "rejected", "拒赔"
    WITHDRAWN = "withdrawn", "withdrawn", "撤案"


class Finding(Code):
    """What an investigation of a claim found."""

    CONFIRMED_FRAUD = "confirmed_fraud", "confirmed fraud", "确认欺诈"
    CLEARED = "cleared", "cleared", "排除欺诈"


class ClaimRole(Code):
    """Role of a party in a claim."""

    CLAIMANT = "claimant", "claimant", "索赔人"
    DRIVER = "driver", "driver", "驾驶人"
    PASSENGER = "passenger", "passenger", "乘客"
    WITNESS = "witness", "witness", "证人"
    THIRD_PARTY = "third_party", "third party", "第三者"
    DOCTOR = "doctor", "doctor", "医生"
    LAWYER = "lawyer", "lawyer", "律师"


class VehicleRole(Code):
    """Role of a vehicle in a claim."""

    INSURED = "insured", "insured vehicle", "标的车"
    THIRD_PARTY = "third_party", "third-party vehicle", "三者车"


class Direction(Code):
    """Who started a contact."""

    IN = "in", "incoming", "呼入"
    OUT = "out", "outgoing", "呼出"


class ContactChannel(Code):
    """The way of a contact."""

    PHONE = "phone", "phone", "电话"
    MESSAGE = "message", "message", "短信"
    VISIT = "visit", "visit", "拜访"
    BRANCH = "branch", "at the branch", "柜面"
    EMAIL = "email", "e-mail", "邮件"
    WEB = "web", "web", "网络"


class Topic(Code):
    """What a contact was about."""

    SALES = "sales", "sales", "销售"
    RENEWAL = "renewal", "renewal", "续保"
    CLAIM = "claim", "claim", "理赔"
    SERVICE = "service", "service", "保全"
    COMPLAINT = "complaint", "complaint", "投诉"
    NOTICE = "notice", "notice", "通知"
    OTHER = "other", "other", "其他"


class Outcome(Code):
    """How a contact ended."""

    REACHED = "reached", "reached", "已联系"
    NO_ANSWER = "no_answer", "no answer", "未接通"
    REFUSED = "refused", "refused", "拒绝"
    RESOLVED = "resolved", "resolved", "已解决"
    ESCALATED = "escalated", "escalated", "已升级"


class ServiceClass(Code):
    """Whether a service is owed or a courtesy."""

    CORE = "core", "core service", "基础服务"
    VALUE_ADDED = "value_added", "value-added service", "增值服务"


class RelationKind(Code):
    """Family relation of the first person to the second."""

    SPOUSE = "spouse", "spouse", "配偶"
    PARENT = "parent", "parent", "父母"
    CHILD = "child", "child", "子女"
    SIBLING = "sibling", "sibling", "兄弟姐妹"
    OTHER = "other", "other relation", "其他"
