"""From the arguments to an exit code; every error that a user can mend becomes a line or two."""

import sqlite3
import sys
import warnings
from collections.abc import Sequence

import typer

from graphcrm_api.cli.commands import build
from graphcrm_api.cli.language import chosen_language, text, use
from graphcrm_api.cli.messages import in_language
from graphcrm_api.cli.output import cleaned, errors_console, say
from graphcrm_api.cli.streams import json_text, print_whatever_comes

DONE, PROBLEM, WRONG_USE, INTERRUPTED = 0, 1, 2, 130

_WRONG_USE = ("UsageError", "UnknownNodeError", "UnknownQuestionError")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    print_whatever_comes()
    use(chosen_language(given))
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # what libraries tell programmers; `python -W` shows it
    try:
        _require_text(given)
        code = build().main(args=given, prog_name="graphcrm", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except Exception as error:
        return _report(error, as_json="--json" in given)
    if code == INTERRUPTED:
        _complain(text("interrupted"))
    return code if isinstance(code, int) else DONE


def _require_text(arguments: Sequence[str]) -> None:
    """Raises UsageError for an argument that is no text: what stores names can't keep it."""
    from graphcrm.errors import UsageError

    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            raise UsageError(text("not_text", argument=cleaned(argument))) from None


def _report(error: Exception, *, as_json: bool) -> int:
    """Say what went wrong; raises the error again where it is none of the user's."""
    said = _words_of(error)
    if said is None:
        raise error
    words, code = said
    if as_json:
        sys.stdout.write(json_text({"error": words, "type": type(error).__name__}) + "\n")
    elif words:
        _complain(words)
    return code


def _words_of(error: Exception) -> tuple[str, int] | None:
    """An error's message and exit code; None for one that is a fault of the program."""
    from graphcrm.errors import GraphCRMError

    if isinstance(error, GraphCRMError):
        wrong = type(error).__name__ in _WRONG_USE
        return in_language(str(error)), WRONG_USE if wrong else PROBLEM
    if isinstance(error, UnicodeError | OverflowError):
        return text("unfit_value", reason=error), WRONG_USE
    if hasattr(error, "format_message"):  # what Typer raises for arguments it can't accept
        if type(error).__name__ == "NoArgsIsHelpError":
            return "", WRONG_USE
        return _wrong_arguments(error), WRONG_USE
    if isinstance(error, OSError | sqlite3.Error) or _no_room(error):
        return in_language(str(error)), PROBLEM
    return None


def _no_room(error: Exception) -> bool:
    """Whether DuckDB could not write, or ran out of memory; it is not imported for that."""
    duckdb = sys.modules.get("duckdb")
    return duckdb is not None and isinstance(
        error, (duckdb.IOException, duckdb.OutOfMemoryException)
    )


def _wrong_arguments(error: Exception) -> str:
    message = in_language(error.format_message())  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    if context is None:
        return message
    return f"{message}\n{text('try_help', command=context.command_path)}"


def _complain(words: str) -> None:
    console = errors_console()
    first, *rest = words.strip().splitlines() or [""]
    say(console, text("error", message=first), "red")
    for line in rest:
        say(console, line.strip(), "red", indent="  ")
