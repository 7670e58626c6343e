"""Suspicious defaults: values typed to get past a required field, or by a system in its stead.

Three ways to know one. `known`: it stands in the lists here. `placeholder`: the standards refused
it as a filler when it was loaded. `frequent`: it is plausible in itself, but in a field whose
values tell customers apart far more records hold it than hold any usual value of the field.
"""

import math
from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from graphcrm.quality.fields import Field
from graphcrm.quality.marks import SUSPICIOUS

LEAST_HOLDERS = 20
"""Fewer records than this never make a value suspicious: a family, an office."""

TIMES_USUAL = 3
"""How many times as many records as a usual value a frequent one is held by."""

USUAL_SHARE = 0.95
"""The share of a field's values that are usual: what the others are compared with."""

_FEWEST_SHOWN = 5
"""A filler that the lists don't know is shown only if so many records hold it."""

_LONGEST = 40
"""Bytes of the longest known default; addresses have more and need no closer look."""

_WORDS = (
    r"[\pP\pS\pZ]+|无|没有|暂无|暂缺|空|空白|未知|不详|不明|不清楚|不知道|无号码?|未提供|未填写?"
    r"|待补充?|待定|测试|n/?a|n\.a\.|nil|none|null|nan|unknown|missing|not available|test|testing"
    r"|tbd|xx+|asdf.*|qwert.*|abc|aaa+"
)
_REPEATED = "|".join(f"{digit}{{4,}}" for digit in "0123456789") + "|0+"
_COUNTED = r"123456(?:7(?:8(?:90?)?)?)?|(?:1234567890)+(?:1(?:2(?:3(?:4(?:5(?:6(?:78?)?)?)?)?)?)?)?"
_TAILS = "|".join(f"{digit}{{8}}" for digit in "0123456789") + "|12345678|23456789|87654321"
_KNOWN = {
    "text": _WORDS,
    "number": rf"{_WORDS}|{_REPEATED}|{_COUNTED}",
    "phone": (
        rf"{_WORDS}|{_REPEATED}|{_COUNTED}"
        rf"|(?:(?:\+|00)?86[ -]?)?(?:1[3-9][0-9](?:{_TAILS})|138[ -]?0013[ -]?8000)"
    ),
    "email": (
        rf"{_WORDS}|{_REPEATED}|{_COUNTED}|(?:test|abc|a+|no|none|null|noe?-?mail|x+|0+|1+"
        r"|123|1234|12345|123456)@(?:[a-z0-9-]+\.)+[a-z]+"
    ),
}
_DATES = ("1111-11-11", "1899-12-30", "1899-12-31", "1900-01-01", "1901-01-01", "1970-01-01")
"""Day 0 of spreadsheets, of older systems and of Unix; what typists invent."""

_FAMILIES = {
    "Phone": "phone", "Email": "email", "Address": "text", "Account": "number",
    "Document": "number",
}  # fmt: skip
_BY_NAME = {
    "name": "text", "contact_name": "text", "plate": "number", "vin": "number",
    "licence_no": "number",
}  # fmt: skip
_IDENTIFYING = ("birth_date", "plate", "vin", "licence_no")
_IDENTIFIED = ("Person", "Institution", "Agent", "Vehicle")

_SUSPECT = (
    "CREATE TEMP TABLE suspect (field INTEGER, value VARCHAR, how VARCHAR, usual BIGINT); "
    "CREATE TEMP TABLE held (field INTEGER, value VARCHAR, how VARCHAR, usual BIGINT, "
    "source BIGINT, n BIGINT)"
)

_MARKED = """
INSERT INTO mark SELECT n.key, s.field, '{problem}', s.how
FROM "{table}" n JOIN suspect s ON s.field = {field} AND s.value = n."{name}"::VARCHAR
WHERE n.deleted_on IS NULL
"""

_HELD = """
INSERT INTO held
SELECT s.field, CASE WHEN sum(count(*)) OVER (PARTITION BY s.value) > 1 THEN s.value END AS value,
       s.how, s.usual, n.source, count(*)
FROM "{table}" n JOIN suspect s ON s.field = {field} AND s.value = n."{name}"::VARCHAR
WHERE n.deleted_on IS NULL GROUP BY s.field, s.value, s.how, s.usual, n.source
"""

_FILLERS = """
INSERT INTO held
SELECT m.field, CASE WHEN sum(count(*)) OVER (PARTITION BY n."{name}") >= {fewest}
       THEN n."{name}" END AS value, 'placeholder', NULL, n.source, count(*)
FROM mark m JOIN "{table}" n ON n.key = m.key
WHERE m.field = {field} AND m.detail = 'placeholder' GROUP BY m.field, n."{name}", n.source
"""

_FOUND = """
WITH by_source AS (
    SELECT h.field, h.value, h.how, h.usual, coalesce(o.name, '') AS source, sum(h.n)::BIGINT AS n
    FROM held h LEFT JOIN origin_name o ON o.source = h.source GROUP BY ALL
)
SELECT f.label, f.property, b.value, b.how, sum(b.n)::BIGINT AS records,
       sum(b.n)::DOUBLE / f.present AS share, any_value(b.usual) AS usual,
       string_agg(b.source || ': ' || b.n, '; ' ORDER BY b.n DESC, b.source)
           FILTER (b.source <> '') AS sources
FROM by_source b JOIN field f ON f.field = b.field
GROUP BY f.label, f.property, b.value, b.how, f.present
ORDER BY records DESC, f.label, f.property, b.value
"""


def mark_defaults(work: duckdb.DuckDBPyConnection, fields: Iterable[Field]) -> None:
    """Mark the values that are known as defaults, or that too many records hold."""
    work.execute(_SUSPECT)
    for field in fields:
        family = _family(field)
        if family is None or not field.present:
            continue
        _suspect(work, field, _known(family))
        names = {"table": field.node.table, "name": field.name, "field": field.number}
        if work.execute("SELECT 1 FROM suspect WHERE field = ?", [field.number]).fetchall():
            work.execute(_MARKED.format(problem=SUSPICIOUS, **names))
            work.execute(_HELD.format(**names))


def suspicious_defaults(work: duckdb.DuckDBPyConnection, fields: Iterable[Field]) -> pa.Table:
    """The defaults that were marked, once the standards' fillers are marked too.

    Columns: label, property, value (NULL: several, which may be somebody's own: known ones of one
    record each, fillers by their form of fewer than five), how, records, share (of the field's
    values), usual (the most records that a usual value has; NULL unless `frequent`), sources
    (`name: records`, joined by `; `; NULL where no source is named). The most first.
    """
    filled = work.execute("SELECT DISTINCT field FROM mark WHERE detail = 'placeholder'").fetchall()
    with_fillers = {field for (field,) in filled}
    for field in fields:
        if field.number in with_fillers:
            names = {"table": field.node.table, "name": field.name, "field": field.number}
            work.execute(_FILLERS.format(fewest=_FEWEST_SHOWN, **names))
    return work.sql(_FOUND).to_arrow_table()


def threshold(holders: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """From how many records on a value is suspicious, and how many a usual one has at most.

    `holders` are pairs (records, how many values are held by so many), the most records first. A
    twentieth of the values, and at least one, counts as unusual; what comes next is the most that
    a usual value has. Suspicious are three times as many records, and 20 at least.
    """
    unusual = math.ceil((1 - USUAL_SHARE) * sum(values for _, values in holders))
    passed = 0
    for records, values in holders:
        passed += values
        if passed > unusual:
            return max(LEAST_HOLDERS, TIMES_USUAL * records), records
    return LEAST_HOLDERS, 0


def _family(field: Field) -> str | None:
    if field.prop.kind.duckdb == "DATE":
        return "date"
    link = field.prop.link
    return _FAMILIES.get(link.to[0]) if link else _BY_NAME.get(field.name)


def _identifying(field: Field) -> bool:
    link = field.prop.link
    shared = link is not None and link.to[0] in ("Phone", "Email", "Account", "Document")
    return field.node.label in _IDENTIFIED and (shared or field.name in _IDENTIFYING)


def _known(family: str) -> str:
    """SQL that tells a default by the lists, over `value`."""
    if family == "date":
        listed = ", ".join(f"DATE '{day}'" for day in _DATES)
        return f"value IN ({listed})"
    pattern = f"regexp_full_match(value, '(?i){_KNOWN[family]}')"
    return f"(CASE WHEN strlen(value) <= {_LONGEST} THEN {pattern} ELSE false END)"


def _suspect(work: duckdb.DuckDBPyConnection, field: Field, known: str) -> None:
    values = (
        f'SELECT "{field.name}" AS value, count(*) AS n FROM "{field.node.table}" '
        f'WHERE deleted_on IS NULL AND "{field.name}" IS NOT NULL GROUP BY 1'
    )
    if not _identifying(field):
        work.execute(
            f"INSERT INTO suspect SELECT {field.number}, value::VARCHAR, 'known', NULL "
            f'FROM (SELECT "{field.name}" AS value FROM "{field.node.table}" '
            f"WHERE deleted_on IS NULL) WHERE {known} GROUP BY value"
        )
        return
    work.execute(f"CREATE OR REPLACE TEMP TABLE counted AS {values}")
    holders = work.execute("SELECT n, count(*) FROM counted GROUP BY n ORDER BY n DESC").fetchall()
    least, usual = threshold(holders)
    work.execute(
        f"INSERT INTO suspect SELECT {field.number}, value::VARCHAR, "
        f"CASE WHEN {known} THEN 'known' ELSE 'frequent' END, "
        f"CASE WHEN {known} THEN NULL ELSE {usual} END "
        f"FROM counted WHERE n >= {least} OR {known}"
    )
