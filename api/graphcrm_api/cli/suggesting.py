"""`graphcrm load --suggest-mapping`: a mapping for files that nobody has described."""

import sys
from pathlib import Path

from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.output import Output, errors_console, say


def suggest(output: Output, sources: list[str]) -> None:
    """Print a proposed mapping; what is to be done next goes beside it, to the error stream."""
    from graphcrm.errors import UsageError
    from graphcrm_loaders.suggest import suggest_mapping

    if any("://" in source for source in sources):
        raise UsageError(text("suggest_only_files"))
    made = suggest_mapping([Path(source) for source in sources], language())
    if output.as_json:
        output.data({"mapping": made.text, "doubtful": made.doubtful})
        return
    sys.stdout.write(made.text)
    sys.stdout.flush()
    if sys.stdout.isatty():
        return
    say(errors_console(), text("suggested", doubtful=made.doubtful))
