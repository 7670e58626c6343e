"""A copy from beginning to end."""

import time
from collections.abc import Callable

from graphcrm.duck import number
from graphcrm.errors import StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import LoadPlan
from graphcrm.store.copying.parts import Part, all_parts
from graphcrm.store.copying.report import CopiedPart, CopyReport
from graphcrm.store.writing.keeper import Keeper

_ROWS = "copied"

Tell = Callable[[str, int, int], None]


def run(source: Keeper, target: Keeper, title: str, tell: Tell) -> CopyReport:
    """Copy all that `source` holds into `target`, which is empty or holds a part of this copy.

    Their DuckDB connections are of one database. Nobody else writes to either meanwhile. `tell`
    hears what is being done, and which step of how many. Raises StoreError where the target, which
    messages call `title`, holds another graph, or something else than the source afterwards.
    """
    started = time.monotonic()
    with source.open(LoadPlan()), target.open(LoadPlan()):
        _require_room(source, target, title)
        parts = all_parts()
        for step, part in enumerate(parts):
            tell(f"copying {part.name}", step, 2 * len(parts))
            part.read(source, _ROWS)
            with target.transaction():
                part.write(target, _ROWS)
        copied: list[CopiedPart] = []
        for step, part in enumerate(parts, len(parts)):
            tell(f"checking {part.name}", step, 2 * len(parts))
            original, here = _sum(part, source), _sum(part, target)
            if original != here:
                raise StoreError(
                    f"{title}: the copy of {part.name} differs from the original "
                    f"({here.count:,} against {original.count:,}); copy into an empty graph"
                )
            copied.append(here)
        target.tidy()
    return CopyReport(parts=copied, seconds=round(time.monotonic() - started, 3))


def _require_room(source: Keeper, target: Keeper, title: str) -> None:
    key = source.identity_key()
    if target.identity_key() == key:
        return
    if any(target.keys.count(label) for label in VOCABULARY.nodes):
        raise StoreError(f"{title}: holds another graph; copy into an empty one")
    with target.transaction():
        target.adopt(key)


def _sum(part: Part, keeper: Keeper) -> CopiedPart:
    part.read(keeper, _ROWS)
    count = number(keeper.work, f"SELECT count(*) FROM {_ROWS}")
    checksum = keeper.work.execute(
        f"SELECT md5(coalesce(sum(hash(c)::HUGEINT), 0)::VARCHAR) FROM {_ROWS} c"
    ).fetchall()[0][0]
    return CopiedPart(name=part.name, count=count, checksum=checksum[:16])
