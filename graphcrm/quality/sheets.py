"""The tables of the page: fields as a heat table, defaults, references."""

from itertools import groupby
from typing import Any

from graphcrm.quality.assessment import Assessment
from graphcrm.quality.naming import (
    Row,
    count,
    form_words,
    how_words,
    label_name,
    percent,
    property_name,
    reason_words,
    shown_value,
)
from graphcrm.words import Language, word

_LEVELS = (0.001, 0.01, 0.05, 0.2)
"""Shares of values that are wrong from which on a cell is one shade darker."""

_DEFAULTS = 25
_REFERENCES = 15


def heat(found: Assessment, lang: Language) -> list[dict[str, Any]]:
    """By label with anything wrong: the fields that should be filled, or have wrong values."""
    parts = []
    for label, rows in groupby(found.fields.to_pylist(), key=lambda row: row["label"]):
        listed = list(rows)
        shown = [row for row in listed if row["expected"] or _wrong(row)]
        if any(_wrong(row) or (row["expected"] and row["filled"] < 1) for row in listed):
            title = f"{label_name(label, lang)} ({count(listed[0]['rows'])})"
            parts.append({"label": title, "rows": [_field(row, lang) for row in shown]})
    return parts


def default_rows(found: Assessment, lang: Language) -> tuple[list[dict[str, Any]], int]:
    """The defaults with the most records, and how many more there are."""
    rows = found.defaults.to_pylist()
    top = rows[0]["records"] if rows else 1
    shown = [
        {
            "label": label_name(row["label"], lang),
            "field": property_name(row, lang),
            "value": shown_value(row, lang),
            "records": count(row["records"]),
            "long": round(96 * row["records"] / top, 1),
            "share": percent(row["share"], 1),
            "why": how_words(row, lang),
            "sources": row["sources"] or "",
        }
        for row in rows[:_DEFAULTS]
    ]
    return shown, len(rows) - len(shown)


def reference_rows(found: Assessment) -> tuple[list[dict[str, str]], int]:
    """The columns with the most references that lead nowhere, and how many more there are."""
    rows = found.references.to_pylist()
    shown = [
        {"column": r["origin"], "pending": count(r["pending"]), "ids": count(r["missing"])}
        for r in rows[:_REFERENCES]
    ]
    return shown, len(rows) - len(shown)


def _wrong(row: Row) -> int:
    wrong: int = row["invalid"] + row["suspicious"] + row["nonconforming"]
    return wrong


def _field(row: Row, lang: Language) -> dict[str, Any]:
    present = round(row["filled"] * row["rows"])
    empty = row["rows"] - present
    chiefly = (reason_words(row, lang), form_words(row, lang))
    return {
        "field": property_name(row, lang),
        "expected": row["expected"],
        "cells": [
            _cell(empty, row["rows"], shaded=row["expected"]),
            *(_cell(row[n], present) for n in ("invalid", "suspicious", "nonconforming")),
        ],
        "chiefly": word("quality.joint", lang).join(filter(None, chiefly)),
    }


def _cell(wrong: int, whole: int, *, shaded: bool = True) -> dict[str, Any]:
    share = wrong / whole if whole else 0.0
    level = 0 if not (wrong and shaded) else 1 + sum(share >= least for least in _LEVELS)
    return {
        "share": percent(whole - wrong, whole),
        "wrong": count(wrong) if wrong else "",
        "level": level,
    }
