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


def run(source: Keeper, target: Keeper, of: str, title: str, tell: Tell) -> CopyReport:
    """Copy all that `source` holds into `target`, which is empty or holds a part of this copy.

    A target that holds all of it already is only compared. Their DuckDB connections are of one
    database. Nobody else writes to either meanwhile. `of` is the source's address, `title` how
    messages call the target. `tell` hears what is being done, and which step of how many. Raises
    StoreError where the target holds another graph, or something else than the source afterwards.
    """
    started = time.monotonic()
    with (
        source.open(LoadPlan(), "a copy"),
        target.open(LoadPlan(), "a copy"),
        source.steady(),
    ):
        parts = all_parts()
        takes = _takes(source, target, of, title)
        if takes:
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
        if takes:
            with target.transaction():
                target.note_copy(None)
            target.tidy()
    return CopyReport(parts=copied, seconds=round(time.monotonic() - started, 3))


def _takes(source: Keeper, target: Keeper, of: str, title: str) -> bool:
    """Make ready what is empty or holds a part; False for a whole graph of the same secret."""
    key = source.identity_key()
    empty = not any(target.keys.count(label) for label in VOCABULARY.nodes)
    if target.identity_key() != key and not empty:
        raise StoreError(f"{title}: holds another graph; copy into an empty one")
    if not empty and target.copy_of() is None:
        return False
    with target.transaction():
        target.adopt(key)
        target.note_copy(of)
    return True


def _sum(part: Part, keeper: Keeper) -> CopiedPart:
    part.read(keeper, _ROWS)
    count = number(keeper.work, f"SELECT count(*) FROM {_ROWS}")
    checksum = keeper.work.execute(
        f"SELECT md5(coalesce(sum(hash(c)::HUGEINT), 0)::VARCHAR) FROM {_ROWS} c"
    ).fetchall()[0][0]
    return CopiedPart(name=part.name, count=count, checksum=checksum[:16])
