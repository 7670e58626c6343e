"""How well the values of a column fit a column of the interchange format."""

from collections.abc import Callable
from datetime import datetime

from graphcrm.model import Kind
from graphcrm_loaders.suggest.codes import code_list, kind_of_column, understood_share
from graphcrm_loaders.suggest.profile import Profile

_MOST_CODES = 30
_MOST_BARE, _LONGEST_BARE = 12, 3.5
_ADULT_YEARS = 16
Fit = Callable[[Profile], float]


def _scaled(share: float) -> float:
    """From 0..1 to -1..1."""
    return 2 * share - 1


def _id(p: Profile) -> float:
    if p.dates.share > 0.8 and p.dates.forms != ("%Y%m%d",):
        return -0.9
    if p.time > 0.5:
        return -0.9
    wrong = max(p.mobile, p.resident_id, p.email, p.plate, p.address, p.decimals, p.uscc * 0.7)
    if wrong > 0.5:
        return -0.8
    if p.person_name > 0.6 or p.organisation > 0.6:
        return -0.5
    good = p.code * (0.4 + 0.6 * p.one_shape)
    return _scaled(good) * 0.7 - (0.4 if p.length < 2 else 0.0)


def _key(p: Profile) -> float:
    return _id(p) + (0.3 if p.distinctness > 0.98 else -0.6 if p.distinctness < 0.5 else -0.15)


def _name(share: Callable[[Profile], float]) -> Fit:
    def fit(p: Profile) -> float:
        if p.code > 0.8 and p.text < 0.2:
            return -0.8
        return _scaled(min(1.0, share(p) * 1.15))

    return fit


def _organisation(p: Profile) -> float:
    return max(p.organisation, 0.45 * (p.text if p.length > 4 and p.address < 0.3 else 0))


def _branch(p: Profile) -> float:
    return max(p.branch, 0.5 * (p.text if p.length < 16 and p.person_name < 0.5 else 0))


def _phone(p: Profile) -> float:
    return _scaled(min(1.0, p.mobile + p.landline))


def _second_phone(p: Profile) -> float:
    return _scaled(min(1.0, p.landline + 0.75 * p.mobile))


def _plain_text(longest: float, most: float = 1.0) -> Fit:
    def fit(p: Profile) -> float:
        if p.dates.share > 0.7 or p.number > 0.9:
            return -0.7
        named = 0.5 if p.person_name > 0.7 and p.distinctness > 0.3 else 0.0
        return 0.35 * p.text - named - (0.3 if p.length > longest or p.distinctness > most else 0.0)

    return fit


def _note(p: Profile) -> float:
    return 0.4 * p.text - 0.1 if p.length > 4 else -0.2


def _document(p: Profile) -> float:
    if p.resident_id > 0.3:
        return 0.2 + 0.8 * p.resident_id
    if p.mobile > 0.5 or p.dates.share > 0.5 or p.text > 0.5:
        return -0.9
    return 0.1 if p.code > 0.8 and p.length >= 7 and p.distinctness > 0.7 else -0.5


def _account(p: Profile) -> float:
    return _scaled(p.card)


_SPECIAL: dict[str, Fit] = {
    "id_number": _document,
    "uscc": lambda p: _scaled(p.uscc),
    "phone": _phone,
    "contact_phone": _phone,
    "phone_2": _second_phone,
    "email": lambda p: _scaled(p.email),
    "address": lambda p: _scaled(min(1.0, p.address * 1.15)),
    "place": lambda p: _scaled(min(1.0, p.address * 1.1)) if p.address > 0.3 else 0.1 * p.text,
    "plate": lambda p: _scaled(p.plate),
    "vin": lambda p: _scaled(p.vin),
    "region_code": lambda p: _scaled(p.region) if p.region else -0.7,
    "currency": lambda p: _scaled(p.currency),
    "occupation": _plain_text(14, 0.5),
    "industry": _plain_text(16, 0.7),
    "cause": _plain_text(20, 0.6),
    "injury": _plain_text(20, 0.9),
    "make": _plain_text(10, 0.6),
    "model": _plain_text(16, 0.9),
    "reason": _plain_text(30),
    "note": _note,
    "language": _plain_text(10, 0.3),
    "languages": _plain_text(16, 0.5),
    "vulnerability": _plain_text(16, 0.5),
    "income_band": lambda p: 0.2 if p.distinctness < 0.2 and p.dates.share < 0.5 else -0.5,
    "contact_name": _name(lambda p: p.person_name),
    "licence_no": lambda p: _scaled(p.code) * 0.5 if p.length > 7 and p.mobile < 0.5 else -0.6,
    "capacity": lambda p: _scaled(p.integer) * 0.4 - (0.6 if p.largest > 5000 else 0),
    "tier": lambda p: _scaled(p.integer) * 0.5 - (0.6 if p.largest > 20 else 0),
    "satisfaction": lambda p: _scaled(p.integer) * 0.5 - (0.8 if p.largest > 10 else 0),
}

_NAMES: dict[str, Fit] = {
    "persons": _name(lambda p: p.person_name),
    "agents": _name(lambda p: p.person_name),
    "institutions": _name(_organisation),
    "departments": _name(_branch),
    "products": _name(lambda p: p.product),
}


def fit(table: str, column: str, p: Profile, *, main: bool = True) -> float:
    """From -1 (can't be) to 1 (looks exactly so), for a column with values."""
    if not p.filled:
        return 0.0
    kind = kind_of_column(table, column)
    if column == "name" and table in _NAMES:
        return _NAMES[table](p)
    if column.endswith("account"):
        return _account(p)
    if column in _SPECIAL:
        return _SPECIAL[column](p)
    if code_list(kind):
        return _codes(p, kind)
    if kind.duckdb in ("DATE", "TIMESTAMP"):
        return _moments(p, kind, column)
    if kind.duckdb in ("DOUBLE", "INTEGER"):
        return _amount(p)
    if kind.name == "text":
        return _plain_text(20, 0.6)(p)
    return _key(p) if main and column in ("id", "code") else _id(p)


def _codes(p: Profile, kind: Kind) -> float:
    if len(p.counts) > _MOST_CODES or p.dates.share > 0.5:
        return -0.8
    share = understood_share(frozenset(p.counts.items()), str(code_list(kind)))
    few = len(p.counts) <= 1 and p.filled > 3
    bare = len(p.counts) <= _MOST_BARE and p.code > 0.99 and p.length < _LONGEST_BARE
    least = 0.0 if bare else -1.0  # 01, 02, A: nobody can tell what these mean
    return max(_scaled(min(1.0, share * 1.05)), least) - (0.2 if few else 0.0)


def _moments(p: Profile, kind: Kind, column: str) -> float:
    dates = p.dates
    share = max(dates.share, 0.75 * dates.serial)
    if share < 0.3:
        return -0.9
    score = _scaled(share)
    if kind.duckdb == "TIMESTAMP":
        return score if dates.timed > 0.5 else 0.25 * score
    if dates.timed > 0.5:
        score -= 0.25
    years = sorted(day.year for day in dates.days)
    median = years[len(years) // 2] if years else 0
    now = datetime.now().year
    if column == "birth_date":
        born = median and median <= now - _ADULT_YEARS and years[-1] <= now
        return score if born else score - 0.6
    return score - (0.4 if median and median < now - 35 else 0.0)


def _amount(p: Profile) -> float:
    if max(p.mobile, p.resident_id, p.region) > 0.5 or p.dates.share > 0.8 or p.card > 0.5:
        return -0.9
    as_code = 0.6 if p.decimals < 0.05 and p.one_shape > 0.9 and p.length > 5 else 0.0
    return _scaled(p.number) * (0.9 if p.decimals > 0.2 else 0.6) - as_code
