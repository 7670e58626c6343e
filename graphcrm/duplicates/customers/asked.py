"""What is asked for before a customer is entered: told what it can't be, while they are there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from graphcrm.duplicates.customers.persons import PROPERTIES, ROLES
from graphcrm.duplicates.engine.fields import Field
from graphcrm.errors import UsageError
from graphcrm.model.codes import Sex
from graphcrm.standards.text import is_placeholder

_SEXES = {word.casefold(): sex.value for sex in Sex for word in (sex.value, sex.en, sex.zh)}


def asked_texts(record: Mapping[str, Any]) -> dict[str, str | None]:
    """The texts of all that persons are compared by; None where nothing is known.

    Raises UsageError for another property, for a value that can't be such a thing, and where
    nothing at all is known.
    """
    if not isinstance(record, Mapping):
        raise UsageError(
            "a record to search for is a mapping of properties to texts, such as {'name': '张伟'}"
        )
    other = sorted(set(record) - set(PROPERTIES), key=str)
    if other:
        raise UsageError(
            f"{other[0]!r} is not a property that persons are compared by; those are: "
            f"{', '.join(PROPERTIES)}"
        )
    texts = {name: _text(name, record.get(name)) for name in ROLES}
    if not any(texts.values()):
        raise UsageError("give at least one thing that is known, such as a name")
    if texts["sex"] is not None:
        sex = _SEXES.get(texts["sex"].casefold())
        if sex is None:
            codes = ", ".join(sex.value for sex in Sex)
            raise UsageError(f"{texts['sex']!r} is not a sex; it is one of {codes}")
        texts["sex"] = sex
    mail = texts["email"]
    if mail is not None and not {"@", "＠"} & set(mail):
        if not is_placeholder(pa.array([mail])).to_pylist()[0]:
            raise UsageError(f"{mail!r} is not an e-mail address")
        texts["email"] = None
    return texts


def require_date(text: str | None, fields: Iterable[Field]) -> None:
    """Raise UsageError where a birth date was understood as no day that there is."""
    for field in fields:
        if field.name == "birth_date" and len(field.values):
            try:
                day = dt.date.fromisoformat(field.values[0].as_py())
            except ValueError:
                day = dt.date.max
            if day > dt.date.today():
                raise UsageError(f"{text!r} is not a date; write it as YYYY-MM-DD")


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{name}: {value!r} is not a text")
    text = (value or "").strip() or None
    if text is not None and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise UsageError(f"{name}: {value!r} is not a text")
    return text
