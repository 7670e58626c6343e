"""The assignment of columns to places against trying all of them."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from graphcrm_loaders.suggest.assign import best_places


@pytest.mark.parametrize("seed", range(40))
def test_the_best_of_all(seed: int) -> None:
    print(f"seed {seed}")
    random = np.random.default_rng(seed)
    rows, columns = int(random.integers(1, 6)), int(random.integers(1, 7))
    gains = random.normal(0.1, 1.0, (rows, columns))
    places = best_places(gains)
    taken = [place for place in places if place >= 0]
    assert len(taken) == len(set(taken))
    total = sum(gains[row, place] for row, place in enumerate(places) if place >= 0)
    assert total == pytest.approx(_best(gains))


def _best(gains: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> float:
    rows, columns = gains.shape
    choices = [*range(columns), *([-1] * rows)]
    return max(
        sum(float(gains[row, place]) for row, place in enumerate(chosen) if place >= 0)
        for chosen in set(itertools.permutations(choices, rows))
    )


def test_nothing_to_assign() -> None:
    assert best_places(np.zeros((0, 3))) == []
    assert best_places(np.full((2, 2), -1.0)) == [-1, -1]
