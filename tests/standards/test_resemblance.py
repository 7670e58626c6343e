"""What is known of names and characters: look-alikes, nicknames, what many bear."""

from __future__ import annotations

from pathlib import Path

import pytest

import graphcrm.standards.resemblance as resemblance
from graphcrm.standards.resemblance import bearers, nicknames, shapes

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


def test_common_names_have_their_share_of_bearers() -> None:
    shares = bearers()
    assert shares["王"] == pytest.approx(0.072, abs=0.001)
    assert shares["smith"] == pytest.approx(0.0101, abs=0.0001)
    assert shares["王"] > shares["欧阳"] > 0
    # As a surname and as a given name.
    assert shares["thomas"] > 0.0069
    assert "阚璇" not in shares
    assert all(0 < share < 0.1 for share in shares.values())
    assert all(name == name.lower() for name in shares)
