"""The options that commands share. Their help is in the catalogue under `option_<name>`."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

import typer

from graphcrm_api.cli.language import Language, text, use


def _speak(chosen: Language | None) -> Language | None:
    if chosen:
        use(chosen)
    return chosen


def day(value: str | dt.date) -> dt.date:
    """A day given as YYYY-MM-DD."""
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise typer.BadParameter(text("not_a_day", value=value)) from None


GraphUrl = Annotated[str | None, typer.Option("--graph", metavar="URL")]
AsJson = Annotated[bool, typer.Option("--json")]
Lang = Annotated[Literal["zh", "en"] | None, typer.Option("--lang", callback=_speak)]
Limit = Annotated[int | None, typer.Option("--limit", min=0, metavar="N")]
OutFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", dir_okay=False)]
AsOf = Annotated[dt.date | None, typer.Option("--as-of", parser=day, metavar="DATE")]
Label = Annotated[str | None, typer.Option("--label", metavar="LABEL")]
