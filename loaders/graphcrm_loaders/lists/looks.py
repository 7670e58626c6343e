"""What a column means by its values alone."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import pyarrow as pa

from graphcrm.duplicates.roles import Role
from graphcrm.standards import standardise_person_names
from graphcrm_loaders.suggest.profile import Profile

FIRM, CONTACT, RECORD = "firm", "contact", "record"
ENTRY, AMOUNT, NOTE, CLUSTER = "entry", "amount", "note", "cluster"
"""What a column may mean beside the roles: an organisation that may be the customer or the
employer, another person than the customer, a record's id; how the row was entered, money, notes,
which records somebody took for one customer before."""

GIVEN, FAMILY = Role.GIVEN_NAME, Role.FAMILY_NAME

_STOCK = tomllib.loads(files(__package__).joinpath("stock.toml").read_text(encoding="utf-8"))
_SEXES, _SURNAMES, _GIVEN = (
    frozenset(_STOCK[kind].split()) for kind in ("sexes", "surnames", "given_names")
)
_DOCUMENTS = re.compile(
    "^(居民)?身份证|^护照|通行证|居住证|军官证|户口[本簿]|驾[驶照]|营业执照|信用代码|资格证|"
    "^(resident[ _]?id|id[ _]?card|passport|driv|national[ _]id|social[ _]sec|uscc|visa|permit)",
    re.IGNORECASE,
)
_FOREIGN_PHONE = re.compile(r"^(\+|00)\d[\d ()./-]{6,18}$|^\(?0\d{1,4}\)?[ ./-]\d[\d ./-]{4,12}$")
_AMERICAN_PHONE = re.compile(r"^\(?[2-9]\d{2}\)?[ .-]?[2-9]\d{2}[ .-]?\d{4}$")
_STREET = re.compile(
    r"\b(street|st|road|rd|avenue|ave|lane|ln|drive|dr|place|pl|court|ct|crescent|close|circuit|"
    r"terrace|boulevard|blvd|way|parade|highway|rue|calle|via|rua|straat|weg|platz|allee)\b\.?"
    r"|stra(ß|ss)e\b|str\.|ул\.|улица",
    re.IGNORECASE,
)
_PLACE = re.compile(
    "^[\u4e00-\u9fff]{1,9}(省|市|自治区|特别行政区|区|县|州|盟|旗)$"
    "|^(北京|上海|天津|重庆|广州|深圳|杭州|南京|武汉|成都|苏州|西安|长沙|青岛|郑州|河北|山西|辽宁|吉林|"
    "黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古"
    "|广西|西藏|宁夏|新疆|香港|澳门)$"
)
_WORDS = re.compile(r"^[^\W\d_][\w'’.-]*([ ,]+[^\W\d_][\w'’.-]*){1,6}$")
_CODES = 40
_LONG_TEXT = 30
_FEW_DATES = 30
_DECADES = 15
"""Dates of birth lie at least so many years apart, those of entries seldom do."""


@dataclass(frozen=True)
class Looks:
    """What values look like, and how sure that is."""

    meaning: str
    sureness: float


def looks_like(profile: Profile) -> Looks | None:
    """What the values of a column look like; None where they could be anything."""
    if not profile.filled:
        return None
    return next(filter(None, (judge(profile) for judge in _JUDGES)), None)


def _numbers(profile: Profile) -> Looks | None:
    """What is known by its form alone."""
    if profile.email > 0.6:
        return Looks(Role.EMAIL, 0.95)
    if profile.resident_id > 0.4 or profile.uscc > 0.4:
        return Looks(Role.ID_NUMBER, 0.95)
    if profile.mobile + profile.landline > 0.6:
        return Looks(Role.PHONE, 0.95)
    if profile.card > 0.7:
        return Looks(Role.ACCOUNT, 0.8)
    if profile.share(_FOREIGN_PHONE.match) > 0.6 or profile.share(_AMERICAN_PHONE.match) > 0.9:
        return Looks(Role.PHONE, 0.75)
    return None


def _codes(profile: Profile) -> Looks | None:
    """Values of which there are only a few."""
    sexes = _of_rows(profile, lambda value: value.lower() in _SEXES)
    if 2 <= len(profile.counts) < _CODES and sexes > 0.9:
        return Looks(Role.SEX, 0.9)
    if len(profile.counts) < _CODES and _of_rows(profile, _DOCUMENTS.search) > 0.7:
        return Looks(Role.ID_TYPE, 0.9)
    return None


def _dates(profile: Profile) -> Looks | None:
    """Days of birth lie decades apart, and long ago."""
    dates = profile.dates
    if dates.share < 0.6 or not dates.days:
        return None
    years = sorted(day.year for day in dates.days)
    low, middle, high = (years[int(part * (len(years) - 1))] for part in (0.05, 0.5, 0.95))
    now = dt.date.today().year
    few = len(years) < _FEW_DATES and high < now - _DECADES
    apart = high - low >= _DECADES and middle < now - _DECADES and high <= now
    if dates.timed < 0.2 and (apart or few):
        return Looks(Role.BIRTH_DATE, 0.7)
    return Looks(ENTRY, 0.6)


def _texts(profile: Profile) -> Looks | None:
    """Names, addresses and places."""
    if profile.share(_PLACE.match) > 0.6:
        return Looks(Role.PLACE, 0.8)
    # an address may name a school, and a school is seldom followed by a number
    if profile.address > 0.4 and profile.address >= profile.organisation:
        return Looks(Role.ADDRESS, 0.85)
    # persons are hardly ever called Ltd or 公司, firms often without
    if profile.organisation > 0.25:
        return Looks(FIRM, 0.85)
    if profile.share(lambda value: " " in value and _STREET.search(value)) > 0.5:
        return Looks(Role.ADDRESS, 0.75)
    if profile.person_name > 0.5:
        return Looks(Role.NAME, 0.8)
    if profile.length > _LONG_TEXT and profile.text > 0.5:
        return Looks(NOTE, 0.6)
    if profile.share(_WORDS.match) > 0.7 and profile.distinctness > 0.3:
        return Looks(Role.NAME, 0.55)
    return None


_FEW_NAMES = 8


def _parts_of_names(profile: Profile) -> Looks | None:
    """Surnames and given names, each in a column of its own; Anna and Ben alone are the sellers."""
    if len(profile.counts) < min(_FEW_NAMES, profile.rows / 4):
        return None
    single = profile.share(lambda value: re.fullmatch("[\u4e00-\u9fff]{1,2}", value))
    if single > 0.8 and len(profile.counts) > 1 and _surname_share(profile) > 0.9:
        return Looks(FAMILY, 0.7)
    known = {GIVEN: known_share(profile, GIVEN), FAMILY: known_share(profile, FAMILY)}
    role = max(known, key=lambda r: known[r])
    return Looks(role, 0.6) if known[role] > 0.1 and len(profile.counts) > 2 else None


def known_share(profile: Profile, role: Role) -> float:
    """The share of rows with one of the most frequent Western given names or surnames."""
    stock = _GIVEN if role == GIVEN else _SURNAMES
    return _of_rows(profile, lambda value: value.lower() in stock)


def _of_rows(profile: Profile, fits: Callable[[str], object]) -> float:
    """The share of the filled rows whose value fits."""
    return sum(n for v, n in profile.counts.items() if fits(v)) / max(profile.filled, 1)


def _surname_share(profile: Profile) -> float:
    """The share of values that are Chinese surnames: with a given name they make a known name."""
    names = standardise_person_names(pa.array([v + "小明" for v in profile.values], pa.string()))
    found: list[str | None] = names.field("surname").to_pylist()
    fitting = sum(s == v for s, v in zip(found, profile.values, strict=True))
    return fitting / max(len(profile.values), 1)


def _measures(profile: Profile) -> Looks | None:
    """Money and other measures; codes of six digits may be postcodes."""
    if profile.decimals > 0.3 and profile.number > 0.8:
        return Looks(AMOUNT, 0.7)
    six = profile.share(re.compile(r"^[0-8]\d{5}$").match)
    if six > 0.9 and profile.distinctness < 0.9 and len(profile.counts) > 1:
        return Looks(Role.PLACE if profile.region > 0.5 else Role.POSTCODE, 0.6)
    return None


_JUDGES: tuple[Callable[[Profile], Looks | None], ...] = (
    _numbers,
    _codes,
    _dates,
    _measures,
    _parts_of_names,
    _texts,
)
