"""Numbers, amounts and days, as the reader's language writes them."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphcrm_api.cli.language import language, text, text_or

_TEN_THOUSAND, _HUNDRED_MILLION = 10_000, 100_000_000
_WRITTEN_OUT = 100_000
"""Below this, amounts in Chinese are written out; above, in 万 or 亿."""

_FEWEST = 1_000
"""What is less can't be seen any more in 万 with two digits."""


def count(number: int) -> str:
    """A number of things, exact: `12,345`."""
    return f"{number:,}"


def amount(value: float | None, currency: str | None) -> str:
    """Money with its currency, to the unit: `CNY 1,234,567`, `123.5万元`; empty where unknown."""
    if value is None:
        return ""
    if language() == "en":
        return f"{currency or '?'} {value:,.0f}"
    return f"{_chinese(value)}{_unit(currency)}"


def amounts(by_currency: Mapping[str, float]) -> str:
    """Sums of several currencies, the largest first; they are never added up."""
    ordered = sorted(by_currency.items(), key=lambda item: -item[1])
    return text("list_joint").join(amount(v, c) for c, v in ordered) or amount(0.0, "CNY")


class AmountColumn:
    """The amounts of one column, each currency in one unit: in Chinese 元 or 万元 throughout."""

    def __init__(self, sums: Iterable[Mapping[Any, float | None]]) -> None:
        """Choose the units by all amounts that will stand in the column."""
        self._in_ten_thousands = set[str | None]()
        sizes: dict[str | None, list[float]] = {}
        for by_currency in sums:
            for currency, value in by_currency.items():
                if value:
                    sizes.setdefault(currency, []).append(abs(value))
        for currency, found in sizes.items():
            if max(found) >= _WRITTEN_OUT and min(found) >= _FEWEST:
                self._in_ten_thousands.add(currency)

    def amount(self, value: float | None, currency: str | None) -> str:
        """One amount; empty where unknown."""
        if value is None or language() == "en":
            return amount(value, currency)
        if currency in self._in_ten_thousands:
            return f"{value / _TEN_THOUSAND:,.2f}万{_unit(currency)}"
        return f"{value:,.0f}{_unit(currency)}"

    def amounts(self, by_currency: Mapping[str, float]) -> str:
        """Sums of several currencies, the largest first."""
        ordered = sorted(by_currency.items(), key=lambda item: -item[1])
        return text("list_joint").join(self.amount(v, c) for c, v in ordered) or amount(0.0, "CNY")


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


def _unit(currency: str | None) -> str:
    return text_or(f"currency_{currency}", currency or "?")


def _chinese(value: float) -> str:
    if abs(value) >= _HUNDRED_MILLION:
        return f"{value / _HUNDRED_MILLION:,.2f}亿"
    if abs(value) >= _WRITTEN_OUT:
        return f"{value / _TEN_THOUSAND:,.1f}万"
    return f"{value:,.0f}"
