"""Graph files whose own record is damaged: a sentence that names the file, never a traceback."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

import graphcrm

DAMAGE = {
    "no schema": "DELETE FROM meta WHERE name = 'schema'",
    "a schema that is no number": "UPDATE meta SET value = 'abc' WHERE name = 'schema'",
    "a schema before the first": "UPDATE meta SET value = '0' WHERE name = 'schema'",
    "a schema that is no text": "UPDATE meta SET value = x'31' WHERE name = 'schema'",
    "a schema of broken text": "UPDATE meta SET value = CAST(x'ff' AS TEXT) WHERE name = 'schema'",
    "no change": "DELETE FROM meta WHERE name = 'change'",
    "a change that is no number": "UPDATE meta SET value = '1.5' WHERE name = 'change'",
    "no state": "DELETE FROM meta WHERE name = 'state'",
    "a key that is none": "UPDATE meta SET value = 'zz' WHERE name = 'identity_key'",
    "no entry at all": "DELETE FROM meta",
}


def _change(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(sql)
    db.close()


@pytest.mark.parametrize("damage", list(DAMAGE))
def test_a_damaged_record_is_told(book: Any, damage: str) -> None:
    book.load(persons="id,name\nP1,王丽")
    _change(book.path, DAMAGE[damage])
    with pytest.raises(graphcrm.StoreError) as caught:
        book.open()
    assert str(caught.value).startswith(f"{book.path}: is ")


def test_a_damaged_report_is_told(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    _change(book.path, "UPDATE load SET report = '{'")
    with book.open() as graph, pytest.raises(graphcrm.StoreError, match="report of its load 1"):
        graph.status()
