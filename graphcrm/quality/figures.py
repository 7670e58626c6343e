"""The charts of the page."""

from collections import Counter
from collections.abc import Iterable, Sequence

from graphcrm.picture.charts import Chart
from graphcrm.quality.assessment import Assessment
from graphcrm.quality.breakdown import Group
from graphcrm.quality.naming import Row, count, group_name, label_name, percent, property_name
from graphcrm.words import Language, word

_PROBLEMS = ("missing", "invalid", "suspicious", "references")
_WORST = 12
_FIELDS = 12
_MONTHS = 60
_YEARS = 25
_VISIBLE = 0.05
_MONTHLY = 20
"""Records a month from which on a share of them says something."""


def overall(found: Assessment, lang: Language) -> list[Chart]:
    """Which records and which fields have the problems."""
    totals = [row for row in found.totals.to_pylist() if row["per_100"] >= _VISIBLE]
    totals.sort(key=lambda row: -row["per_100"])
    labels = [label_name(row["label"], lang) for row in totals]
    by_field = sorted(found.fields.to_pylist(), key=_problems, reverse=True)
    worst = [row for row in by_field if _problems(row)][:_FIELDS]
    return [
        _per_100("labels", totals, labels, lang),
        Chart(
            title=word("quality.chart_fields", lang),
            unit=word("quality.unit_values", lang),
            labels=[
                f"{property_name(row, lang)} · {label_name(row['label'], lang)}" for row in worst
            ],
            series={
                word("quality.series_missing", lang): [_missing(row) for row in worst],
                word("quality.series_invalid", lang): [row["invalid"] for row in worst],
                word("quality.series_suspicious", lang): [row["suspicious"] for row in worst],
            },
            stacked=True,
        ),
    ]


def by_group(found: Assessment, label: str, lang: Language) -> list[Chart]:
    """When, where and by whom the problems of one kind of record came in."""
    average = next(r["per_100"] for r in found.totals.to_pylist() if r["label"] == label)
    charts = _times(_rows(found, "month", label), average, lang)
    note = word("quality.note_average", lang, average=f"{average:,.1f}")
    for by in ("branch", "agent", "source"):
        rows = _rows(found, by, label)
        worst = [row for row in rows if row["per_100"] > average or by == "source"][:_WORST]
        if worst and any(row["id"] is not None for row in rows):
            charts.append(_per_100(by, worst, _names(worst, lang), lang, note, average))
    return charts


def _names(rows: Sequence[Row], lang: Language) -> list[str]:
    """The names; where several have one name, with the ids."""
    names = Counter(row["name"] for row in rows)
    return [
        group_name(row, lang) if names[row["name"]] > 1 else row["name"] or group_name(row, lang)
        for row in rows
    ]


def _rows(found: Assessment, by: Group, label: str) -> list[Row]:
    return [row for row in found.groups[by].to_pylist() if row["label"] == label]


def _times(rows: list[Row], average: float, lang: Language) -> list[Chart]:
    dated = sorted((row for row in rows if row["id"]), key=lambda row: row["id"])
    undated = sum(row["records"] for row in rows if not row["id"])
    if not dated:
        return []
    known = {"average": f"{average:,.1f}", "undated": count(undated)}
    note = word("quality.note_months", lang, **known)
    months = {row["id"]: row for row in dated}
    shown = _months_up_to(dated[-1]["id"], dated[0]["id"])
    recent = [months.get(month) or _nothing(month) for month in shown]
    often = sum(row["records"] for row in recent) >= _MONTHLY * len(recent)
    charts = [_over_time("month", recent, note, lang)] if often else []
    years: dict[str, list[Row]] = {}
    for row in dated:
        years.setdefault(row["id"][:4], []).append(row)
    if len(years) > 1 or not often:
        summed = [_sum(year, parts) for year, parts in years.items()][-_YEARS:]
        charts.insert(0, _over_time("year", summed, note, lang))
    return charts


def _months_up_to(last: str, first: str) -> list[str]:
    """The last months, also those in which nothing was entered, the earliest first."""
    year, month = int(last[:4]), int(last[5:])
    months: list[str] = []
    while len(months) < _MONTHS and (not months or months[-1] > first):
        months.append(f"{year:04}-{month:02}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return months[::-1]


def _sum(name: str, rows: Iterable[Row]) -> Row:
    listed = list(rows)
    summed = {n: sum(row[n] for row in listed) for n in (*_PROBLEMS, "records", "affected")}
    return {"id": name, "name": name} | summed


def _nothing(month: str) -> Row:
    return _sum(month, [])


def _over_time(unit: str, rows: Sequence[Row], note: str, lang: Language) -> Chart:
    return Chart(
        title=word(f"quality.chart_{unit}", lang),
        unit=word("quality.unit_per_100", lang),
        labels=[row["id"] for row in rows],
        series=_series(rows, lang),
        form="columns",
        axis=word(f"quality.axis_{unit}", lang),
        note=note,
        stacked=True,
        more=_more(rows, lang),
    )


def _per_100(
    kind: str,
    rows: Sequence[Row],
    labels: Sequence[str],
    lang: Language,
    note: str = "",
    mark: float | None = None,
) -> Chart:
    return Chart(
        title=word(f"quality.chart_{kind}", lang),
        unit=word("quality.unit_per_100", lang),
        labels=labels,
        series=_series(rows, lang),
        note=note,
        stacked=True,
        mark=mark,
        more=_more(rows, lang),
    )


def _series(rows: Sequence[Row], lang: Language) -> dict[str, Sequence[float]]:
    return {
        word(f"quality.series_{name}", lang): [
            100 * row[name] / row["records"] if row["records"] else 0.0 for row in rows
        ]
        for name in _PROBLEMS
    }


def _more(rows: Sequence[Row], lang: Language) -> dict[str, Sequence[str]]:
    more: dict[str, Sequence[str]] = {}
    if any(row["name"] != row["id"] for row in rows):
        more[word("quality.col_id", lang)] = [row["id"] or "" for row in rows]
    more[word("quality.key_records", lang)] = [count(row["records"]) for row in rows]
    more[word("quality.key_affected", lang)] = [count(row["affected"]) for row in rows]
    more[word("quality.col_affected_share", lang)] = [
        percent(row["affected"], row["records"]) for row in rows
    ]
    return more


def _missing(row: Row) -> int:
    return round((1 - row["filled"]) * row["rows"]) if row["expected"] else 0


def _problems(row: Row) -> int:
    wrong: int = row["invalid"] + row["suspicious"]
    return wrong + _missing(row)
