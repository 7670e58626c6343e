"""How long a sample insurer takes to make, and how much memory at its peak.

    python benchmarks/sample.py [--customers 100000 1000000 2000000] [--folder DIR]
                                [--format csv parquet] [--keep]

Each book is made in a process of its own. The memory must not grow with the book beyond one
provincial company; the last line says by how much it does.
"""

import argparse
import itertools
import json
import shutil
from pathlib import Path

from measuring import Measured, run

_MAKE = """
import json, sys
from pathlib import Path
from graphcrm.sample import write_sample
folder, customers, form = sys.argv[1:]
report = write_sample(Path(folder), customers=int(customers), seed=1, format=form)
print(json.dumps(report.rows))
"""


def main() -> None:
    """Measure every size in every format and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000, 2_000_000])
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data/sample"))
    parser.add_argument("--format", nargs="+", choices=("csv", "parquet"), default=["csv"])
    parser.add_argument("--keep", action="store_true", help="leave the books where they are")
    arguments = parser.parse_args()
    for form in arguments.format:
        peaks = {}
        for customers in sorted(arguments.customers):
            folder = arguments.folder / f"{customers}-{form}"
            shutil.rmtree(folder, ignore_errors=True)
            made = run("-c", _MAKE, folder, str(customers), form)
            peaks[customers] = made.peak_mb
            _line(customers, form, made, _size_mb(folder))
            if not arguments.keep:
                shutil.rmtree(folder)
        for small, large in itertools.pairwise(peaks):
            growth = peaks[large] / peaks[small]
            print(f"{small:,} -> {large:,} customers: {growth:.2f} times the memory")


def _line(customers: int, form: str, made: Measured, size_mb: float) -> None:
    rows = sum(json.loads(made.output).values())
    print(
        f"{customers:>12,} customers, {form:7} {made.seconds:8.1f} s {made.peak_mb:7,.0f} MB  "
        f"{rows:>12,} rows {size_mb:>9,.0f} MB on disk",
        flush=True,
    )


def _size_mb(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*.*")) / 1e6


if __name__ == "__main__":
    main()
