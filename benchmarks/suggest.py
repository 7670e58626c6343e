"""How many columns of unknown exports `load --suggest-mapping` gets right.

Usage: python benchmarks/suggest.py [--seed N] [--keep FOLDER] [--verbose]

Writes exports of different look (see suggest_looks.py) from the sample insurer, proposes a mapping
for each by itself, and prints: columns, right (and of these doubtful), wrong and marked as
doubtful, wrong but sure; then what of the rows a dry run with the proposal refuses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import graphcrm
from graphcrm.sample import write_sample
from graphcrm_loaders.suggest import Suggestion, suggest_mapping
from suggest_exports import Export, read_book
from suggest_looks import exports


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--book", type=Path, help="a sample book that is there already")
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        book = given.book
        if book is None:
            book = Path(scratch) / "book"
            write_sample(book, customers=2000, seed=given.seed)
        _measure(exports(read_book(book), given.seed), folder, verbose=given.verbose)


def _measure(files: list[Export], folder: Path, *, verbose: bool) -> None:
    print(
        f"{'file':<28}{'columns':>8}{'right':>7}{'(doubtful)':>11}{'wrong, doubtful':>17}"
        f"{'wrong, sure':>12}{'seconds':>9}{'refused':>9}"
    )
    sums = [0, 0, 0, 0, 0]
    for export in files:
        path = export.write(folder)
        started = time.perf_counter()
        made = suggest_mapping([path])
        seconds = time.perf_counter() - started
        counts = _judge(export, made, verbose=verbose)
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        refused = _rehearse(path, made, folder)
        columns, right, unsure, wrong, sure = counts
        print(
            f"{export.name:<{28 - sum(1 for c in export.name if not c.isascii())}}{columns:>8}"
            f"{right:>7}{unsure:>11}{wrong:>17}{sure:>12}{seconds:>9.2f}{refused:>9}"
        )
    columns, right, unsure, wrong, sure = sums
    print(f"{'all':<28}{columns:>8}{right:>7}{unsure:>11}{wrong:>17}{sure:>12}")
    print(f"right: {right / columns:.1%}")


def _judge(export: Export, made: Suggestion, *, verbose: bool) -> list[int]:
    (sheet,) = made.sheets
    places: dict[str, list[tuple[str, bool]]] = {}
    table = sheet.tables[0].table if sheet.tables else "-"
    for draft in sheet.tables:
        if draft.role.endswith(" link"):
            continue
        for column in draft.drafts:
            origin = column.origin
            if column.made and "hash" in origin:
                continue
            for name in [origin.get("from"), *origin.get("join", ())]:
                place = f"{draft.role}.{column.column}" if draft.role else column.column
                places.setdefault(str(name), []).append((place, column.doubtful))
    names = _names(export)
    maybe = sheet.tables[0].maybe if sheet.tables else {}
    counts = [len(names), 0, 0, 0, 0]
    for name, (header, truth, _) in zip(names, export.columns, strict=True):
        found = places.get(name, [("-", name in maybe)])
        fitting = {t for part in truth.split("|") for t in (part, _reference(export.table, part))}
        right = table == export.table and any(place in fitting for place, _ in found)
        doubtful = all(unsure for _, unsure in found)
        counts[1] += right
        counts[2] += right and doubtful
        counts[3] += not right and doubtful
        counts[4] += not right and not doubtful
        if verbose and not right:
            print(f"    {export.name}: {header or name}: {truth}, found {table} {found}")
    return counts


_REFERENCES = {
    ("persons", "employer.id"): "institution_id",
    ("policies", "holder.id"): "holder_id",
    ("policies", "agent.id"): "sold_by",
    ("policies", "servicer.id"): "served_by",
    ("policies", "product.code"): "product_code",
    ("policies", "branch.id"): "branch_id",
    ("agents", "branch.id"): "branch_id",
    ("claims", "assessor.id"): "assessor_id",
    ("claims", "repairer.id"): "repairer_id",
    ("claims", "hospital.id"): "hospital_id",
    ("contacts", "customer.id"): "customer_id",
    ("contacts", "agent.id"): "agent_id",
    ("referrals", "referrer.id"): "referrer_id",
    ("referrals", "referred.id"): "referred_id",
    ("vehicles", "owner.id"): "owner_id",
}


def _reference(table: str, place: str) -> str:
    return _REFERENCES.get((table, place), place)


def _names(export: Export) -> list[str]:
    """The names that the columns have in the mapping."""
    from graphcrm_loaders.shape import joined_header, numbered

    headers = [header for header, *_ in export.columns]
    if not export.header:
        return [f"column_{n}" for n in range(1, len(headers) + 1)]
    return numbered(joined_header([export.upper, headers]) if export.upper else headers)


def _rehearse(path: Path, made: Suggestion, folder: Path) -> str:
    """Refused of all rows in a dry run with the proposal."""
    mapping = folder / f"{path.stem}.yaml"
    mapping.write_text(made.text, encoding="utf-8")
    with tempfile.TemporaryDirectory() as scratch, graphcrm.connect(f"{scratch}/x.graph") as graph:
        report = graph.load([path], mapping=mapping, dry_run=True)
    failed = f" {len(report.failed)} failed" if report.failed else ""
    return f"{report.refused}/{sum(file.rows for file in report.files)}{failed}"


if __name__ == "__main__":
    main()
