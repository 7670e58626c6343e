"""The fields by which a table's records are compared, from the roles of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine import texts
from graphcrm.duplicates.engine.fields import (
    Codes,
    Field,
    Kind,
    Parts,
    Words,
    as_numpy,
    side_by_side,
)
from graphcrm.duplicates.roles import Role
from graphcrm.standards import pinyin
from graphcrm.standards.characters import HAN

_Task = tuple[Role, Callable[[], Field | None]]

_NAMES = (Role.NAME, Role.GIVEN_NAME, Role.MIDDLE_NAME, Role.FAMILY_NAME)
_TOGETHER: dict[Role, tuple[Kind, texts.Work]] = {
    Role.ORGANISATION: (Kind.WORDS, texts.organisation_words),
    Role.PHONE: (Kind.IDENTIFIER, texts.phones),
    Role.EMAIL: (Kind.IDENTIFIER, texts.emails),
    Role.ACCOUNT: (Kind.IDENTIFIER, texts.numbers),
    Role.ID_NUMBER: (Kind.IDENTIFIER, texts.numbers),
    Role.ADDRESS: (Kind.WORDS, texts.address_words),
    Role.EMPLOYER: (Kind.WORDS, texts.organisation_words),
}
_EACH: dict[Role, tuple[Kind, texts.Work]] = {
    Role.BIRTH_DATE: (Kind.DATE, texts.dates),
    Role.SEX: (Kind.CATEGORY, texts.plain),
    Role.PLACE: (Kind.TEXT, texts.plain),
    Role.POSTCODE: (Kind.CODE, texts.plain),
    Role.OCCUPATION: (Kind.TEXT, texts.plain),
    Role.EVIDENCE: (Kind.TEXT, texts.plain),
}
_IDENTITY = (Role.ORGANISATION, Role.ID_NUMBER, Role.BIRTH_DATE, Role.SEX)
_CATEGORIES = 12
_WORDS_OF_TEXT = 2.5


def fields_of(
    table: pa.Table, roles: Mapping[str, Role], kinds: Mapping[str, Kind] | None = None
) -> list[Field]:
    """The fields of a table of text: columns that play one part together make one field.

    Columns that are empty or ignored make none. `kinds` are those of the fields of a model; without
    them short texts are compared as the table suggests.
    """
    kinds = kinds or {}
    by_role: dict[Role, list[str]] = {}
    for name in table.column_names:
        by_role.setdefault(roles.get(name, Role.IGNORED), []).append(name)
    names = {r: by_role[r] for r in _NAMES if r in by_role}
    made = partial(_made, table)
    tasks: list[_Task] = [(Role.NAME, partial(_person, table, names))]
    for role, (kind, work) in _TOGETHER.items():
        if role in by_role:
            tasks.append((role, partial(made, by_role[role], role, kind, work)))
    for role, (kind, work) in _EACH.items():
        for name in by_role.get(role, []):
            task = partial(made, [name], role, kinds.get(name, kind), work, is_known=name in kinds)
            tasks.append((role, task))
    fields = [field for field in _done(tasks, len(table)) if field is not None]
    if any(field.identity and field.kind is not Kind.CATEGORY for field in fields):
        return fields
    # A list of places, say: what it holds is known by all that is told of it.
    return [replace(field, identity=True) for field in fields]


def _done(tasks: list[_Task], rows: int) -> list[Field | None]:
    """What each task makes; addresses take longest and are begun first, not left for the end."""
    in_turn = sorted(tasks, key=lambda task: task[0] is not Role.ADDRESS)
    with side_by_side(rows) as each:
        made = dict(zip(in_turn, each(lambda task: task[1](), in_turn), strict=True))
    return [made[task] for task in tasks]


def _made(
    table: pa.Table,
    names: list[str],
    role: Role,
    kind: Kind,
    work: texts.Work,
    is_known: bool = False,
) -> Field | None:
    columns = [_worked(work, table[name]) for name in names]
    made = _field(", ".join(names), kind, columns, role in _IDENTITY, is_known=is_known)
    return made and replace(made, weak=role is Role.EVIDENCE)


def _worked(work: texts.Work, column: pa.ChunkedArray) -> pa.Array:
    """A column in one form, without the work where nothing is in it."""
    if column.null_count == len(column):
        return pa.nulls(len(column), pa.string())
    return work(column)


def _person(table: pa.Table, columns: Mapping[Role, list[str]]) -> Field | None:
    """The name of a person out of all columns that hold some of it, the family name last.

    Of a whole name, what the columns of its parts don't say already is added.
    """
    if not columns:
        return None
    parts = [r for r in _NAMES if r is not Role.NAME and r in columns]
    ordered = [name for role in (*parts, Role.NAME) for name in columns.get(role, [])]
    chinese = Role.FAMILY_NAME in columns and _mostly_han(table[columns[Role.FAMILY_NAME][0]])
    if parts and chinese:
        given, family = (
            columns.get(role, [None])[0] for role in (Role.GIVEN_NAME, Role.FAMILY_NAME)
        )
        if given is not None:
            whole = texts.joined([table[family], table[given]], "")
            return _field(f"{family}, {given}", Kind.WORDS, [texts.person_words(whole)], True, True)
    return _field(
        ", ".join(ordered),
        Kind.WORDS,
        [_worked(texts.person_words, table[name]) for name in ordered],
        True,
        True,
    )


def _mostly_han(column: pa.ChunkedArray) -> bool:
    share = pc.mean(pc.match_substring_regex(column, f"[{HAN}]")).as_py()
    return bool(share and share > 0.5)


def _field(
    name: str,
    kind: Kind,
    columns: Sequence[pa.Array],
    identity: bool,
    person: bool = False,
    is_known: bool = False,
) -> Field | None:
    whole = columns[0]
    if len(columns) > 1:
        whole = texts.joined(columns)
    values, codes = _encoded(whole)
    if not len(values):
        return None
    if kind is Kind.TEXT and not is_known:
        kind = _kind_of_text(values)
    words = _words(values) if kind in (Kind.WORDS, Kind.IDENTIFIER) else None
    return Field(
        name, kind, codes, values, _coarse(kind, values, identity), words, person, identity
    )


def words_field(field: Field, texts_: pa.Array) -> Field:
    """A field like another one, of other texts."""
    made = _field(field.name, Kind.WORDS, [texts_], field.identity, field.person)
    assert made is not None
    return made


def _encoded(whole: pa.Array) -> tuple[pa.StringArray, Codes]:
    """The distinct values in their order, and each row's position among them, -1 for null."""
    encoded = whole.dictionary_encode()
    order = pc.sort_indices(encoded.dictionary)
    place = np.empty(len(order) + 1, np.int32)
    place[order.to_numpy()] = np.arange(len(order))
    place[-1] = -1
    codes = encoded.indices.fill_null(len(order)).to_numpy(zero_copy_only=False)
    return encoded.dictionary.take(order), place[codes]


def _kind_of_text(values: pa.Array) -> Kind:
    if len(values) <= _CATEGORIES:
        return Kind.CATEGORY
    blanks = pc.mean(pc.count_substring(values, " ")).as_py()
    return Kind.WORDS if blanks + 1 > _WORDS_OF_TEXT else Kind.TEXT


def _words(values: pa.Array) -> Words:
    """The distinct words of each value."""
    lists = pc.utf8_split_whitespace(values)
    flat = lists.flatten().dictionary_encode()
    owner = pc.list_parent_indices(lists).to_numpy(zero_copy_only=False).astype(np.int64)
    size = max(len(flat.dictionary), 1)
    # Nearly in order already, which a stable sort makes use of.
    pairs = np.sort(owner * size + as_numpy(flat.indices), kind="stable")
    pairs = pairs[np.concatenate(([len(pairs) > 0], pairs[1:] != pairs[:-1]))]
    offsets = np.searchsorted(pairs, np.arange(len(values) + 1) * size)
    return Words(offsets.astype(np.int64), (pairs % size).astype(np.int32), flat.dictionary)


def _coarse(kind: Kind, values: pa.Array, sounds: bool) -> tuple[Parts, ...]:
    """The groupings of values that are nearly equal, by kind."""
    if kind is Kind.DATE:
        parts = [pc.utf8_slice_codeunits(values, 0, 4), pc.utf8_slice_codeunits(values, 4)]
    elif kind is Kind.IDENTIFIER:
        parts = [pc.utf8_slice_codeunits(values, 0, 6), pc.utf8_slice_codeunits(values, -4)]
    elif kind is Kind.WORDS:
        first = pc.replace_substring_regex(values, " .*$", "")
        last = pc.replace_substring_regex(values, "^.* ", "")
        if sounds:
            first, last = _sound(first), _sound(last)
        parts = [pc.utf8_slice_codeunits(part, 0, 4) for part in (first, last)]
    else:
        parts = [pc.utf8_slice_codeunits(values, 0, 4)]
    encoded = [part.dictionary_encode() for part in parts]
    return tuple(Parts(as_numpy(each.indices), each.dictionary) for each in encoded)


def _sound(texts_: pa.Array) -> pa.Array:
    """Chinese names by their sound, others as they are."""
    return pc.replace_substring(pc.coalesce(pinyin(texts_), texts_), " ", "")
