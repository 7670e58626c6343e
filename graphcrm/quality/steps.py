"""What to do next: the few things that mend most, each with the command that lists it."""

from dataclasses import dataclass

from graphcrm.quality.assessment import Assessment
from graphcrm.quality.breakdown import Group
from graphcrm.quality.naming import (
    Row,
    count,
    form_words,
    group_name,
    label_name,
    property_name,
    reason_words,
    shown_value,
)
from graphcrm.words import Language, word

_FEWEST = 10
"""Fewer values than this are no step of their own."""

_CLEARLY = 1.25
"""A group is worth a look from so many times the average on."""


@dataclass(frozen=True)
class Step:
    """A sentence, and a command."""

    words: str
    command: str


def next_steps(found: Assessment, lang: Language) -> list[Step]:
    """The steps, the most urgent first."""
    fields = found.fields.to_pylist()
    defaults, references = found.defaults.to_pylist(), found.references.to_pylist()
    steps = [
        _step("default", row, row["records"], "--by default --out defaults.csv", lang,
              value=shown_value(row, lang))
        for row in _of_different_fields(defaults)[:2] if row["records"] >= _FEWEST
    ]  # fmt: skip
    worst = max(fields, key=lambda row: row["invalid"], default=None)
    if worst and worst["invalid"] >= _FEWEST:
        steps.append(_step("invalid", worst, worst["invalid"], "--by field --out fields.csv", lang,
                           reason=reason_words(worst, lang)))  # fmt: skip
    expected = [row for row in fields if row["expected"]]
    emptiest = max(expected, key=_missing, default=None)
    if emptiest and _missing(emptiest) >= _FEWEST:
        where = f"--by branch --label {emptiest['label']} --out branches.csv"
        steps.append(_step("missing", emptiest, _missing(emptiest), where, lang))
    for by in ("branch", "agent"):
        steps += _group(found, by, lang)
    if references:
        first = references[0]
        words = word("quality.next_references", lang, column=first["origin"],
                     n=count(first["pending"]))  # fmt: skip
        steps.append(Step(words, "graphcrm quarantine list"))
    oddest = max(fields, key=lambda row: row["nonconforming"], default=None)
    if oddest and oddest["nonconforming"] >= _FEWEST:
        steps.append(_step("form", oddest, oddest["nonconforming"], "--by field --out fields.csv",
                           lang, reason=form_words(oddest, lang)))  # fmt: skip
    return steps


def _step(kind: str, row: Row, n: int, options: str, lang: Language, **values: str) -> Step:
    named = {"label": label_name(row["label"], lang), "field": property_name(row, lang)}
    words = word(f"quality.next_{kind}", lang, n=count(n), **named, **values)
    return Step(words, f"graphcrm quality {options}")


def _of_different_fields(defaults: list[Row]) -> list[Row]:
    """The first default of each field."""
    first: dict[tuple[str, str], Row] = {}
    for row in defaults:
        first.setdefault((row["label"], row["property"]), row)
    return list(first.values())


def _group(found: Assessment, by: Group, lang: Language) -> list[Step]:
    """The group that stands out first, among the records with the most problems."""
    total = max(found.totals.to_pylist(), key=lambda row: row["problems"], default=None)
    for row in found.groups[by].to_pylist():
        if total is None or row["label"] != total["label"] or row["id"] is None:
            continue
        if row["problems"] < _FEWEST or row["per_100"] < _CLEARLY * total["per_100"]:
            continue
        words = word(
            "quality.next_group",
            lang,
            name=f"{group_name(row, lang)} · {label_name(row['label'], lang)}",
            per_100=f"{row['per_100']:,.1f}",
            average=f"{total['per_100']:,.1f}",
        )
        return [Step(words, f"graphcrm quality --by {by} --label {row['label']}")]
    return []


def _missing(row: Row) -> int:
    empty: float = (1 - row["filled"]) * row["rows"]
    return round(empty)
