"""Numbers, amounts and days, as the reader's language writes them."""

from collections.abc import Mapping

from graphcrm_api.cli.language import language, text, text_or

_TEN_THOUSAND, _HUNDRED_MILLION = 10_000, 100_000_000
_WRITTEN_OUT = 100_000
"""Below this, amounts in Chinese are written out; above, in 万 or 亿."""


def count(number: int) -> str:
    """A number of things, exact: `12,345`."""
    return f"{number:,}"


def amount(value: float | None, currency: str | None) -> str:
    """Money with its currency, to the unit: `CNY 1,234,567`, `123.5万元`; empty where unknown."""
    if value is None:
        return ""
    if language() == "en":
        return f"{currency or '?'} {value:,.0f}"
    unit = text_or(f"currency_{currency}", currency or "?")
    return f"{_chinese(value)}{unit}"


def amounts(by_currency: Mapping[str, float]) -> str:
    """Sums of several currencies, the largest first; they are never added up."""
    ordered = sorted(by_currency.items(), key=lambda item: -item[1])
    return text("list_joint").join(amount(v, c) for c, v in ordered) or amount(0.0, "CNY")


def plain(value: float | None) -> str:
    """An amount whose currency stands beside it: `1,234`."""
    return "" if value is None else f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """A share in per cent, with one digit: `12.3%`; a dash where there is no whole."""
    return f"{100 * part / whole:.1f}%" if whole else "–"


def seconds(value: float) -> str:
    """A duration: `0.4 s`."""
    return text("seconds", value=f"{value:,.1f}")


def moment(iso: str | None) -> str:
    """A point in time, to the minute, in the zone of this computer."""
    if not iso:
        return ""
    import datetime as dt

    try:
        at = dt.datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return (at.astimezone() if at.tzinfo else at).strftime("%Y-%m-%d %H:%M")


def _chinese(value: float) -> str:
    if abs(value) >= _HUNDRED_MILLION:
        return f"{value / _HUNDRED_MILLION:,.2f}亿"
    if abs(value) >= _WRITTEN_OUT:
        return f"{value / _TEN_THOUSAND:,.1f}万"
    return f"{value:,.0f}"
