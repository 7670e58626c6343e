"""What the made-up insurer sells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample.columns import Bools, Floats, Ints
from graphcrm.sample.wording import rows

LINES = ["life", "health", "accident", "motor", "property", "liability", "other"]
LIFE, HEALTH, ACCIDENT, MOTOR, PROPERTY, LIABILITY, OTHER = range(7)


@dataclass(frozen=True)
class Products:
    """One product a row; `term` in days (0 = whole life), `premium` the median in CNY a year."""

    code: list[str]
    name: list[str]
    line: Ints
    term: Ints
    premium: Floats
    sigma: Floats
    share: Floats
    group: Bools  # sold to institutions

    @classmethod
    def offered(cls) -> Products:
        """Return the products of `data/products.csv`."""
        table = rows("products.csv")
        return cls(
            code=[r["code"] for r in table],
            name=[r["name"] for r in table],
            line=np.array([LINES.index(r["line"]) for r in table]),
            term=np.array([int(r["term_days"]) for r in table]),
            premium=np.array([float(r["premium_median"]) for r in table]),
            sigma=np.array([float(r["premium_sigma"]) for r in table]),
            share=np.array([float(r["share"]) for r in table]),
            group=np.array([r["holder"] == "institution" for r in table]),
        )

    def table(self) -> pa.Table:
        """Return the `products` table."""
        lines = [LINES[line] for line in self.line]
        return pa.table({"code": self.code, "name": self.name, "line": lines})
