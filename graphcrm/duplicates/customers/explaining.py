"""Why two persons are one customer, or are not, by the model that was used."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from graphcrm.duplicates.customers.answers import earlier_customers
from graphcrm.duplicates.customers.kept import model_of
from graphcrm.duplicates.customers.persons import opened, persons_in
from graphcrm.duplicates.customers.steps import Step, steps_of
from graphcrm.duplicates.engine.matching import Matched, score
from graphcrm.errors import UnknownNodeError, UsageError
from graphcrm.store import Say, Store


class Explained(BaseModel):
    """Why two records are one customer or not; `apart` says that a source states they are two.

    The steps' weights add up to the log2-odds against the stronger alternative, which `weight`
    (against all alternatives) comes close to.
    """

    left: str
    right: str
    probability: float
    weight: float
    same: bool
    apart: bool
    model_version: str
    steps: list[Step]


def explain(store: Store, one: str, other: str, say: Say = lambda text: None) -> Explained:
    """Compare two persons with the model of the last finding.

    Raises UnknownNodeError for an id, UsageError where customers weren't found yet, or found by
    other fields than there are now.
    """
    if one == other:
        raise UsageError(f"{one!r} can't be compared with itself")
    snapshot = store.snapshot(say)
    frozen = model_of(store)
    with opened(snapshot) as work:
        persons = persons_in(work, pa.table({"id": [one, other]}))
    ids = persons.ids.to_pylist()
    for id in (one, other):
        if id not in ids:
            raise UnknownNodeError(f"there is no Person with the id {id!r}")
    matched = score(persons.fields(frozen), np.array([0]), np.array([1]), frozen.learned)
    return explained(
        matched,
        (ids[0], ids[1]),
        same=_same(earlier_customers(snapshot), ids),
        apart=len(persons.apart[0]) > 0,
        version=frozen.version,
    )


def explained(
    matched: Matched, ids: tuple[str, str], *, same: bool, apart: bool, version: str
) -> Explained:
    """What the comparison of two persons came to: of the only pair that was scored."""
    match = float(matched.odds.match[0])
    return Explained(
        left=ids[0],
        right=ids[1],
        probability=1 / (1 + math.exp(-match)),
        weight=match / math.log(2),
        same=same,
        apart=apart,
        model_version=version,
        steps=steps_of(matched, np.array([0]))[0],
    )


def _same(customers: pa.Table, ids: list[str]) -> bool:
    mine = customers.filter(pc.is_in(customers["id"], pa.array(ids, pa.string())))
    return len(mine) == 2 and len(pc.unique(mine["customer_id"])) == 1
