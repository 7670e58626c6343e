"""Giving each column of a file its place, so that the whole fits best."""

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]


def best_places(gains: Matrix) -> list[int]:
    """For each row the column it gets, each column once, with the largest sum of gains; -1 = none.

    A row gets none where that is better than any gain it could have. Gains below 0 are never taken.
    The Hungarian method with potentials (Kuhn 1955, Munkres 1957), in O(rows² · columns).
    """
    rows, columns = gains.shape
    if not rows:
        return []
    cost = np.concatenate([-np.maximum(gains, 0.0), np.zeros((rows, rows))], axis=1)
    total = columns + rows
    row_potential, column_potential = np.zeros(rows + 1), np.zeros(total + 1)
    taken_by = np.zeros(total + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        _augment(cost, row, row_potential, column_potential, taken_by)
    places = [-1] * rows
    for column in range(1, columns + 1):
        row = int(taken_by[column])
        if row and gains[row - 1, column - 1] > 0:
            places[row - 1] = column - 1
    return places


def _augment(
    cost: Matrix, row: int, row_potential: Matrix, column_potential: Matrix,
    taken_by: npt.NDArray[np.int64],
) -> None:  # fmt: skip
    """Find a place for one more row along the cheapest chain of moves."""
    total = cost.shape[1]
    taken_by[0] = row
    least = np.full(total + 1, np.inf)
    way = np.zeros(total + 1, dtype=np.int64)
    seen = np.zeros(total + 1, dtype=np.bool_)
    column = 0
    while True:
        seen[column] = True
        owner = taken_by[column]
        reduced = cost[owner - 1] - row_potential[owner] - column_potential[1:]
        free = ~seen[1:]
        better = free & (reduced < least[1:])
        least[1:][better] = reduced[better]
        way[1:][better] = column
        open_least = np.where(free, least[1:], np.inf)
        following = int(np.argmin(open_least)) + 1
        step = open_least[following - 1]
        row_potential[taken_by[seen]] += step
        column_potential[seen] -= step
        least[~seen] -= step
        column = following
        if taken_by[column] == 0:
            break
    while column:
        before = int(way[column])
        taken_by[column] = taken_by[before]
        column = before
