"""What is taken for something else: characters that look alike, and nicknames."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphcrm.standards.resemblance as resemblance
from graphcrm.standards.resemblance import nicknames, shapes

_DATA = Path(resemblance.__file__).parent / "data"


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("bill", {"william"}),
        ("peggy", {"margaret"}),
        ("jack", {"jacob", "john"}),
        ("william", {"william"}),
    ],
)
def test_nicknames_stand_for_names(word: str, names: set[str]) -> None:
    assert set(nicknames()[word]) == names


def test_what_is_no_nickname() -> None:
    assert "wilson" not in nicknames()
    assert all(word == word.lower().strip() for word in nicknames())


@pytest.mark.parametrize("alike", ["己已巳", "戊戌戍", "末未", "杨扬", "汶汝"])
def test_characters_that_look_alike(alike: str) -> None:
    assert len({int(shapes()[ord(sign)]) for sign in alike}) == 1


def test_characters_that_do_not_look_alike() -> None:
    assert shapes()[ord("张")] == ord("张") != shapes()[ord("章")]
    assert shapes()[0] == 0


def test_no_character_is_in_two_groups() -> None:
    text = (_DATA / "shape_alike.txt").read_text("utf-8")
    signs = [sign for line in text.splitlines() if not line.startswith("#") for sign in line]
    assert len(signs) == len(set(signs)) > 150
