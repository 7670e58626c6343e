"""Who sold each policy: an agent of the place who worked on the day and may sell the line."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.agents import ACCOUNT_MANAGER, BANK, BROKER, SELLER, Agents
from graphcrm.sample.columns import Bools, Floats, Ints, Rng
from graphcrm.sample.places import Local
from graphcrm.sample.policies import Policies
from graphcrm.sample.products import LIFE, LINES, MOTOR
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

_TRIES = 6
_DIRECT, _LOYAL = 0.05, 0.8
_THROUGH_LIFE = 0.7
"""Persons whom a seller of life policies brought in; the others came through a motor policy."""


class Authorised:
    """Agents to be drawn for a city and a line: one of the city, or of anywhere, who may sell it.

    `draw` gives -1 where nobody at all may.
    """

    def __init__(self, those: Ints, agents: Agents, weight: Floats, cities: int) -> None:
        """Take the agents to draw from and the weight of each of them."""
        at, line = np.nonzero(agents.lines[those])
        self._cities = cities
        self._has = np.bincount(
            agents.city[those[at]] * len(LINES) + line, minlength=cities * len(LINES)
        )
        key = agents.city[those[at]] * len(LINES) + line
        self._near = Local(those[at], key, weight[at], cities * len(LINES))
        self._far = Local(those[at], line, weight[at], len(LINES))
        self._anywhere = np.bincount(line, minlength=len(LINES))

    def draw(self, rng: Rng, city: Ints, line: Ints) -> Ints:
        """Return one agent for each city and line."""
        key = city * len(LINES) + line
        near, far = self._near.draw(rng, key), self._far.draw(rng, line)
        found = np.where(self._has[key] > 0, near, far)
        return np.where(self._anywhere[line] > 0, found, -1)


def selling(agents: Agents) -> tuple[Ints, Floats]:
    """Return who sells, and the weight of each: more for a higher tier."""
    kinds = [SELLER, ACCOUNT_MANAGER, BROKER, BANK]
    sellers = np.flatnonzero(np.isin(agents.kind, kinds))
    return sellers, 1.0 + agents.tier[sellers].astype(float) ** 1.5


def home_agents(streams: Streams, agents: Agents, city: Ints, cities: int) -> Ints:
    """Return the selling agent who brought each person record in, of its city if it has one."""
    sellers, weight = selling(agents)
    local = Authorised(sellers, agents, weight, cities)
    rng = streams.of("home agents")
    line = np.where(rng.random(len(city)) < _THROUGH_LIFE, LIFE, MOTOR)
    return local.draw(rng, city, line)


def sell(
    streams: Streams, book: Policies, agents: Agents, home: Ints, cities: int, shape: SampleShape
) -> Ints:
    """Return who sold each policy; -1 where no agent did.

    A customer mostly stays with the agent who brought him in, for other lines than life with a
    second one; a few sales are made by an agent without authority for the line.
    """
    rng = streams.of("sellers")
    n = book.rows
    those, weight = selling(agents)
    able = Authorised(those, agents, weight, cities)
    anybody = Local(those, agents.city[those], weight, cities)
    person = book.human >= 0
    customer = np.where(person, book.holder, 0)
    city_of = np.zeros(len(home), np.int64)
    city_of[customer[person]] = book.city[person]
    sells_life = agents.lines[np.maximum(home, 0), LIFE]
    second = able.draw(rng, city_of, np.where(sells_life, MOTOR, LIFE))
    blind = rng.random(n) < shape.unauthorised

    def fits(sold: Ints) -> Bools:
        known = np.maximum(sold, 0)
        allowed = blind | agents.lines[known, book.line]
        right: Bools = (sold >= 0) & agents.works_on(known, book.applied) & allowed
        return right

    sold = home[customer]
    other = np.where(agents.lines[np.maximum(sold, 0), book.line], sold, second[customer])
    sold = np.where(blind, sold, other)
    sold[~person | (rng.random(n) >= _LOYAL)] = -1
    for _ in range(_TRIES):
        wrong = np.flatnonzero(~fits(sold))
        drawn = able.draw(rng, book.city[wrong], book.line[wrong])
        careless = anybody.draw(rng, book.city[wrong])
        sold[wrong] = np.where(blind[wrong], careless, drawn)
    sold[~fits(sold) | (rng.random(n) < _DIRECT)] = -1
    # A renewal stays with the agent of the policy before it, if that one is still there.
    renewed = np.flatnonzero(book.renews >= 0)
    before = sold[book.renews[renewed]]
    same = (before >= 0) & agents.works_on(before, book.applied[renewed])
    sold[renewed[same]] = before[same]
    return sold
