"""Proposing a mapping for files that nobody has described."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from graphcrm.errors import SourceError
from graphcrm.store.loads import is_result
from graphcrm.words import Language
from graphcrm_loaders.sources import FORMATS
from graphcrm_loaders.suggest.choose import choose, table_of
from graphcrm_loaders.suggest.complete import complete
from graphcrm_loaders.suggest.drafts import Reason, SheetDraft
from graphcrm_loaders.suggest.grid import find_grid
from graphcrm_loaders.suggest.profile import Profile
from graphcrm_loaders.suggest.reading import samples
from graphcrm_loaders.suggest.sheets import Choice, Sheet
from graphcrm_loaders.suggest.write import as_yaml

_CONTAINED = 0.7
_FEWEST = 3
_PASSED_OVER = (".", "~$")


@dataclass(frozen=True)
class Suggestion:
    """A proposed mapping as YAML, and how many of its lines a person should look at."""

    text: str
    sheets: tuple[SheetDraft, ...]

    @property
    def doubtful(self) -> int:
        """Lines that are marked for a person."""
        tables = [table for sheet in self.sheets for table in sheet.tables]
        return sum(1 for table in tables for draft in table.drafts if draft.doubtful)


def suggest_mapping(sources: Iterable[Path], language: Language = "en") -> Suggestion:
    """Propose a mapping for files and folders, by headers and by some of the values.

    Use it for files of a system that nobody has described. The proposal can be loaded as it stands;
    its comments give reasons, and mark what a person should look at. The same files give the same
    proposal. Raises SourceError where no file can be read, and where no table can be told and a
    header is there twice.
    """
    sheets: list[Sheet] = []
    problems: list[str] = []
    for path in _files(sources):
        try:
            sheets += _sheets(path)
        except SourceError as error:
            problems.append(str(error))
    proposed = tuple(_drafted(sheets))
    for sheet, draft in zip(sheets, proposed, strict=True):
        if not draft.tables and sheet.grid.twice is not None:
            problems.append(_repeated(sheet, *sheet.grid.twice))
    if not any(draft.tables for draft in proposed) and (problems or not sheets):
        raise SourceError("\n".join(problems) or "there is no table in what was named")
    return Suggestion(as_yaml(proposed, problems, language), proposed)


def _files(sources: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for source in sources:
        if not source.exists():
            raise SourceError(f"{source}: there is no such file or folder")
        if source.is_dir():
            inside = [p for p in sorted(source.iterdir()) if p.suffix.lower() in FORMATS]
            tables = [p for p in inside if p.is_file() and not is_result(p)]
            found += [p for p in tables if not p.name.startswith(_PASSED_OVER)]
        else:
            found.append(source)
    return found


def _sheets(path: Path) -> list[Sheet]:
    """The sheets of a file that have records. Raises SourceError where none has."""
    found = samples(path)
    grids = [(sample, find_grid(sample)) for sample in found]
    sheets = [Sheet(sample, grid) for sample, grid in grids if grid is not None]
    if sheets:
        return sheets
    if any(sample.names or any(map(any, sample.first)) for sample in found):
        raise SourceError(f"{path}: there are no rows below the header")
    raise SourceError(f"{path}: the file is empty")


def _repeated(sheet: Sheet, name: str, first: int, second: int) -> str:
    """What loading says of a header that is there twice."""
    line = sheet.grid.shape.header_row
    return (
        f"{sheet.sample.path}: line {line}: the column {name!r} is there twice "
        f"(columns {first} and {second})"
    )


def _drafted(sheets: list[Sheet]) -> Iterable[SheetDraft]:
    choices = [choose(sheet) for sheet in sheets]
    if len(sheets) > 1:
        ids = _ids(choices)
        choices = [
            choose(sheet, _references(sheet, [i for n, i in enumerate(ids) if n != own]))
            for own, sheet in enumerate(sheets)
        ]
    for own, (sheet, choice) in enumerate(zip(sheets, choices, strict=True)):
        others = {c.main.table for n, c in enumerate(choices) if c is not None and n != own}
        draft = SheetDraft(sheet.sample.path.name, sheet.sample.sheet, sheet.grid.shape, [])
        if choice is None:
            draft.notes.append(Reason("no_table"))
        else:
            draft.tables = complete(choice, others - {choice.main.table})
        yield draft


Ids = dict[str, frozenset[str]]
"""Ids per table."""


def _ids(choices: list[Choice | None]) -> list[Ids]:
    """The ids of the main table of each sheet."""
    found: list[Ids] = []
    for choice in choices:
        place = (choice.at("", "id") or choice.at("", "code")) if choice is not None else None
        if choice is None or place is None or place.sureness < 0.5:
            found.append({})
            continue
        counts = choice.sheet.profiles[place.column].counts
        found.append({table_of(choice.main, place.slot): frozenset(counts)})
    return found


def _references(sheet: Sheet, ids: list[Ids]) -> dict[int, dict[str, float]]:
    """For each column the tables of other sheets whose ids it holds, and how far."""
    found: dict[int, dict[str, float]] = {}
    for n, p in enumerate(sheet.profiles):
        if len(p.counts) < _FEWEST or max(p.dates.share, p.mobile, p.decimals) > 0.5:
            continue
        for held in ids:
            for table, known in held.items():
                share = _held(p, known)
                if share >= _CONTAINED:
                    best = found.setdefault(n, {})
                    best[table] = max(best.get(table, 0.0), share)
    return found


def _held(p: Profile, known: frozenset[str]) -> float:
    """The share of the values that are among the known ids; short numbers are so by chance."""
    if p.integer > 0.9 and p.largest < 1000:
        return 0.0
    return sum(1 for v in p.values if v in known) / len(p.values)
