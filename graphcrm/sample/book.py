"""The whole book, from the first person to the last file."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from pathlib import Path

from pydantic import BaseModel

from graphcrm.sample.companies import divide
from graphcrm.sample.company_book import FILES, write_company
from graphcrm.sample.desk import Desk, Progress
from graphcrm.sample.movers import Movers
from graphcrm.sample.numbering import Numbering
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.write import Format, whole_directory

AS_OF = date(2026, 6, 30)
"""The day on which the book stands unless another is given."""


class SampleReport(BaseModel):
    """What was written: rows of each table, plants of each kind, and the seconds it took."""

    rows: dict[str, int]
    plants: dict[str, int]
    seconds: float


def write_sample(
    directory: Path,
    *,
    customers: int,
    seed: int,
    format: Format = "csv",
    as_of: date | None = None,
    progress: Progress | None = None,
    shape: SampleShape | None = None,
) -> SampleReport:
    """Write a made-up insurer's book of `customers` person records into `directory`.

    The directory gets one file for each table of the interchange format, and `truth/`. The same
    `seed` (0 or more), number, `as_of` (the day on which the book stands, 2026-06-30 by default)
    and `shape` give the same bytes. A large book is made company by company (`companies.divide`),
    each written behind the last. `progress` is called with (file, files done, files in all), each
    file counted once for each company.

    Raises ValueError for fewer than one customer, a negative seed or a day before 2010, UsageError
    for a directory that has something in it or can't be written. Nothing is left behind by a run
    that fails.
    """
    if customers < 1:
        raise ValueError(f"customers must be 1 or more, not {customers}")
    day = as_of or AS_OF
    if day.year < 2010:
        raise ValueError(f"as_of must be 2010 or later, not {day}")
    shape = shape or SampleShape()
    streams, start = Streams(seed), time.perf_counter()
    plants: Counter[str] = Counter()
    with whole_directory(Path(directory)) as work:
        companies = divide(customers, shape)
        numbering, movers = Numbering(streams, customers / companies[0].customers), Movers()
        with Desk(work, format, progress, FILES * len(companies)) as desk:
            for company in companies:
                own = Streams(seed, company.number)
                plants.update(write_company(desk, own, numbering, movers, company, day, shape))
    return SampleReport(rows=desk.rows, plants=dict(plants), seconds=time.perf_counter() - start)
