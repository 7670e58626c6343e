"""Reading what is really so: which records are of one and the same person or institution."""

from pathlib import Path

import duckdb

from graphcrm.errors import SourceError, UsageError

_LABELS = {"persons": "Person", "institutions": "Institution"}
_READERS = {
    ".csv": "read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"')",
    ".parquet": "read_parquet(?)",
}


def read_truth(work: duckdb.DuckDBPyConnection, truth: Path) -> list[str]:
    """Make the table `entity` (label, id, entity) of a truth; returns the labels it covers.

    `truth` is a folder with persons and institutions (either may be missing), or one of these
    files, as CSV or Parquet with the columns id and entity_id. Raises UsageError where there is no
    such file, SourceError where one can't be read or gives an id two entities.
    """
    work.execute("CREATE OR REPLACE TEMP TABLE entity (label TEXT, id TEXT, entity TEXT)")
    labels = []
    for path in _files(truth):
        label = _LABELS[path.stem]
        try:
            work.execute(
                "INSERT INTO entity SELECT DISTINCT ?, id::TEXT, entity_id::TEXT "
                f"FROM {_READERS[path.suffix]} WHERE id IS NOT NULL AND entity_id IS NOT NULL",
                [label, str(path)],
            )
        except duckdb.Error as error:
            reason = str(error).split("\n", 1)[0]
            raise SourceError(
                f"{path}: can't be read as a truth (id, entity_id): {reason}"
            ) from error
        twice = work.execute(
            "SELECT min(id) FROM entity WHERE label = ? GROUP BY id HAVING count(*) > 1 LIMIT 1",
            [label],
        ).fetchall()
        if twice:
            raise SourceError(f"{path}: gives the id {twice[0][0]!r} two entities")
        labels.append(label)
    return labels


def _files(truth: Path) -> list[Path]:
    names = [f"{stem}{suffix}" for stem in _LABELS for suffix in _READERS]
    if truth.is_dir():
        found = [truth / name for name in names if (truth / name).is_file()]
        both = {path.stem for path in found}
        if not found or len(both) < len(found):
            raise UsageError(f"{truth}: needs one file each of persons, institutions ({_forms()})")
        return found
    if not truth.is_file():
        raise UsageError(f"{truth}: there is no such file or folder")
    if truth.name not in names:
        raise UsageError(f"{truth}: a truth is named persons or institutions ({_forms()})")
    return [truth]


def _forms() -> str:
    return " or ".join(_READERS)
