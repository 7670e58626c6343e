"""What the values of a column look like, measured once."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards import standardise_resident_ids, standardise_usccs
from graphcrm.standards.person_name import standardise_person_names
from graphcrm.standards.regions import regions
from graphcrm_loaders.suggest.dates import Dates, read_dates

_JUDGED = 800
"""So many distinct values tell what a column is."""

_FEW = 0.05
"""Values in a smaller share of the rows tell nothing."""

_MOBILE = re.compile(r"^(\+?86[- ]?)?1[3-9]\d{9}$|^(\+?86[- ]?)?1[3-9]\d[- ]\d{4}[- ]\d{4}$")
_LANDLINE = re.compile(
    r"^(\+?86[- ]?)?[(（]?0\d{2,3}[)）]?[- ]?\d{7,8}([-转]\d{1,5})?$|^[48]00-?\d{3}-?\d{4}$"
)
_MASKED_PHONE = re.compile(r"^1\d{2}\*{4}\d{4}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$")
_PLATE = re.compile(
    "^[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-Z][·• -]?"
    "[A-Z0-9挂学警港澳]{4,7}$"
)
_VIN = re.compile("^[A-HJ-NPR-Z0-9]{17}$")
_NUMBER = re.compile(
    r"^[-+(]?[¥￥$€]?\s?[-+]?(\d{1,3}([,，]\d{3})+|\d+)(\.\d+)?\s?(元|万元|万|%|CNY|RMB)?\)?$"
)
_PLAIN_NUMBER = re.compile(r"^[+-]?\d{1,13}(\.\d{1,6})?$")
_INTEGER = re.compile(r"^[+-]?\d{1,9}(\.0)?$")
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_\-.]*$")
_ORGANISATION = re.compile(
    "公司|集团|医院|学校|大学|中学|小学|幼儿园|厂$|银行|委员会|事务所|研究[院所]|中心$|协会|合作社"
    "|局$|诊所|卫生院|4S店|商行|酒店|超市|政府|车行|维修|学院|部队"
    r"|(?i:\b(?:ltd|limited|inc|incorporated|corp|corporation|co\.|company|plc|llc|llp|l\.l\.c|gmbh"
    r"|ag|pty|bv|srl|sarl|holdings|group|services|systems|solutions|partners|associates|industries"
    r"|enterprises|hospital|university|college|school|bank|garage|foundation|association|council"
    r"|trust|clinic|ministry|church)\b)"
)
_BRANCH = re.compile(
    "(分公司|支公司|营业部|营销服务部|中支|中心支公司|网点|部|中心|科|处|区|组|团队|办公室|总公司|室"
    "|课|支行|分行|[Bb]ranch|[Oo]ffice|[Dd]ept|[Tt]eam|[Uu]nit)$"
)
_PRODUCT = re.compile(
    "险|保障|年金|医疗|重疾|意外|寿|养老|两全|计划|[Ii]nsurance|[Ll]ife|[Mm]otor|[Hh]ealth"
    "|[Aa]ccident|[Cc]over|[Tt]ravel|[Pp]lan"
)
_ADDRESS = re.compile(
    "(省|市|区|县|镇|乡|村|州|旗|盟).*(路|街|道|号|巷|弄|村|组|栋|室|园|镇|乡|大厦|小区)"
    r"|(路|街|大道|巷).*\d+|\d+号|\d+ .*(Street|Road|Ave|St\.)"
)
_CARD = re.compile(r"^\d{15,21}$|^\d{4}( \d{4}){3}( \d{1,3})?$")
_TIME = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?$")
_CURRENCY = re.compile("^(CNY|RMB|USD|EUR|HKD|JPY|GBP|人民币|美元|港币|欧元|01)$")
_CHINESE_NAME = re.compile("^([\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{2,}[·•][\u4e00-\u9fff·•]+)$")
_WESTERN_NAME = re.compile(r"^[A-Z][A-Za-z'’.-]+([ ,]+[A-Z][A-Za-z'’.-]*){1,4}$")


@dataclass(frozen=True)
class Profile:
    """The values of a column: how many say anything, how many are distinct, a sample of them."""

    rows: int
    counts: Counter[str]

    @property
    def filled(self) -> int:
        """How many values say anything."""
        return self.counts.total()

    @property
    def distinctness(self) -> float:
        """Distinct values by values, 1 where every value is another."""
        return len(self.counts) / self.filled if self.filled else 0.0

    @property
    def telling(self) -> bool:
        """Whether the values alone may tell what they are: several, and in more than a few rows."""
        varied = len(self.counts) > 1 or self.rows == 1
        return varied and self.filled >= _FEW * self.rows

    @cached_property
    def values(self) -> list[str]:
        """Distinct values, the frequent ones first."""
        return [value for value, _ in self.counts.most_common(_JUDGED)]

    def share(self, fits: Callable[[str], object]) -> float:
        """The share of the distinct values that fit."""
        return sum(1 for v in self.values if fits(v)) / len(self.values) if self.values else 0.0

    @cached_property
    def dates(self) -> Dates:
        """What of the values are dates."""
        return read_dates(self.values)

    def _sound(self, result: pa.StructArray) -> float:
        reasons = result.field("reason")
        sound = pc.and_(pc.is_null(reasons), pc.is_valid(result.field("number")))
        return float(pc.sum(sound).as_py() or 0) / max(len(self.values), 1)

    @cached_property
    def resident_id(self) -> float:
        """Valid resident ID numbers (a wrong check digit counts half)."""
        shaped = self.share(re.compile(r"^\d{17}[\dXx]$|^\d{15}$|^\d{6}\*+[\dXx]{2,4}$").match)
        if shaped < 0.2:
            return 0.0
        sound = self._sound(standardise_resident_ids(pa.array(self.values, pa.string())))
        return max(sound, min(0.5 * shaped, 0.45))

    @cached_property
    def uscc(self) -> float:
        """Valid unified social credit codes."""
        if self.share(re.compile("^[0-9A-Za-z]{18}$").match) < 0.2:
            return 0.0
        return self._sound(standardise_usccs(pa.array(self.values, pa.string())))

    @cached_property
    def mobile(self) -> float:
        """Mobile numbers."""
        return self.share(lambda v: _MOBILE.match(v) or _MASKED_PHONE.match(v))

    @cached_property
    def landline(self) -> float:
        """Landline numbers."""
        return self.share(_LANDLINE.match)

    @cached_property
    def email(self) -> float:
        """E-mail addresses."""
        return self.share(_EMAIL.match)

    @cached_property
    def plate(self) -> float:
        """Licence plates."""
        return self.share(_PLATE.match)

    @cached_property
    def vin(self) -> float:
        """Vehicle identification numbers."""
        return self.share(lambda v: _VIN.match(v) and not v.isdigit())

    @cached_property
    def card(self) -> float:
        """Numbers as long as bank accounts, resident IDs left out."""
        return max(self.share(_CARD.match) - self.resident_id, 0.0)

    @cached_property
    def region(self) -> float:
        """Codes of regions."""
        known = {region.code for region in regions()}
        return self.share(lambda v: v in known) if len(self.values[0]) == 6 else 0.0

    @cached_property
    def number(self) -> float:
        """Numbers, also with separators, currency and unit."""
        return self.share(_NUMBER.match)

    @cached_property
    def plain_number(self) -> float:
        """Numbers that need no form."""
        return self.share(_PLAIN_NUMBER.match)

    @cached_property
    def integer(self) -> float:
        """Whole numbers."""
        return self.share(_INTEGER.match)

    @cached_property
    def largest(self) -> float:
        """The largest of the plain numbers; 0 where there is none."""
        return max((float(v) for v in self.values if _PLAIN_NUMBER.match(v)), default=0.0)

    @cached_property
    def decimals(self) -> float:
        """Numbers with decimals, or separators between the thousands."""
        return self.share(lambda v: _NUMBER.match(v) and ("." in v or "," in v or "，" in v))

    @cached_property
    def code(self) -> float:
        """Values written as codes and ids are."""
        return self.share(_CODE.match)

    @cached_property
    def one_shape(self) -> float:
        """How many of the values have the most frequent shape (letters and count of digits)."""
        shapes = Counter(shape_of(v) for v in self.values)
        return max(shapes.values()) / len(self.values) if shapes else 0.0

    @cached_property
    def person_name(self) -> float:
        """Names as persons have them."""
        if self.code > 0.9 and self.text < 0.1:
            return 0.0
        names = standardise_person_names(pa.array(self.values, pa.string()))
        surnames = names.field("surname").to_pylist()
        good = 0
        for value, surname in zip(self.values, surnames, strict=True):
            chinese = surname and _CHINESE_NAME.match(value) and not _PRODUCT.search(value)
            good += bool(chinese or _WESTERN_NAME.match(value))
        varied = min(1.0, len(self.values) / 4)
        return good / max(len(self.values), 1) * (0.6 + 0.4 * varied) * (1 - self.organisation)

    @cached_property
    def organisation(self) -> float:
        """Names as companies, hospitals and the like have them."""
        return self.share(_ORGANISATION.search)

    @cached_property
    def branch(self) -> float:
        """Names as branches and departments have them."""
        return self.share(lambda v: _BRANCH.search(v) and len(v) < 30)

    @cached_property
    def product(self) -> float:
        """Names as products have them."""
        return self.share(lambda v: _PRODUCT.search(v) and not _CODE.match(v) and len(v) < 40)

    @cached_property
    def address(self) -> float:
        """Postal addresses."""
        return self.share(lambda v: len(v) > 5 and _ADDRESS.search(v))

    @cached_property
    def time(self) -> float:
        """Times of day without a date."""
        return self.share(_TIME.match)

    @cached_property
    def currency(self) -> float:
        """Currencies."""
        return self.share(_CURRENCY.match)

    @cached_property
    def length(self) -> float:
        """The mean length of a value."""
        return sum(map(len, self.values)) / max(len(self.values), 1)

    @cached_property
    def text(self) -> float:
        """Values that are words, not codes and numbers."""
        return self.share(lambda v: re.search("[\u4e00-\u9fff]|[A-Za-z]{3,} ", v))


def shape_of(value: str) -> str:
    """Letters as A, digits as 9: what all ids of a system have in common."""
    return re.sub("[0-9]", "9", re.sub("[A-Za-z]", "A", value))


def profile(values: list[str]) -> Profile:
    """The profile of a column's values."""
    return Profile(len(values), Counter(value for value in values if value))
