"""Progress on standard error, where a person watches; nothing where none does."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from graphcrm_api.cli.dedupe_words import stage_words
from graphcrm_api.cli.language import language
from graphcrm_api.cli.output import cleaned, errors_console, say


class Bar:
    """A line that says what is being done, and how much of it is done."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        """Use `working` instead."""
        self._progress, self._task = progress, task

    def __call__(self, words: str | None = None, done: int | None = None, total: int = 0) -> None:
        """Say what is being done now; `done` of `total` where that is known."""
        if words is not None:
            self._progress.update(self._task, description=cleaned(words))
        if total:
            self._progress.update(self._task, completed=done, total=total)

    def stage(self, name: str, share: float | None) -> None:
        """What an analysis of duplicates is doing, and how much of it is done, where it knows."""
        done = 0 if share is None else round(100 * share)
        self(stage_words(name), done, 0 if share is None else 100)

    def note(self, words: str) -> None:
        """A line that stays, also where nobody watches: it explains why nothing moves."""
        say(self._progress.console, words)

    def hear(self, said: str) -> str | None:
        """Note for whom somebody waits, if that is what the library says; returns the words."""
        from graphcrm.words.doing import doing_words, is_waiting

        if not is_waiting(said):
            return None
        words = doing_words(said, language())
        self.note(words)
        return words


@contextmanager
def working(words: str, total: int | None = None) -> Iterator[Bar]:
    """Show progress during the block; the line goes away at its end."""
    console = errors_console()
    columns = [
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    ]
    if total is not None:
        columns.insert(3, MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        yield Bar(progress, progress.add_task(cleaned(words), total=total))
