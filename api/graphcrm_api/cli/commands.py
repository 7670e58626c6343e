"""The commands, put together, with their help in the user's language."""

from typing import Any

import typer
from rich.markup import escape
from typer import rich_utils
from typer.main import get_command

from graphcrm_api.cli import (
    audit,
    backup,
    contact,
    copying,
    customer,
    dedupe,
    demo,
    duplicates_explain,
    duplicates_find,
    duplicates_list,
    duplicates_measure,
    duplicates_rules,
    duplicates_search,
    explore,
    keys,
    ledger,
    loading,
    orphans,
    quality,
    quarantine,
    query,
    referrals,
    sample,
    serve,
    status,
)
from graphcrm_api.cli.language import catalogue, text
from graphcrm_api.cli.options import Lang

_PANELS: dict[str, dict[str, Any]] = {
    "begin": {
        "demo": demo.demo,
        "dedupe": dedupe.dedupe,
        "sample": sample.sample,
        "load": loading.load,
        "status": status.status,
    },
    "ask": {
        "duplicates": {
            "find": duplicates_find.find,
            "list": duplicates_list.list_duplicates,
            "explain": duplicates_explain.explain,
            "search": duplicates_search.search,
            "rules": duplicates_rules.list_by_rules,
            "evaluate": duplicates_measure.evaluate,
            "export": duplicates_measure.export,
        },
        "orphans": {"list": orphans.list_orphans},
        "referrals": {"list": referrals.list_referrals, "tree": referrals.show_tree},
        "customer": customer.customer,
        "search": customer.search,
        "explore": explore.explore,
        "query": query.query,
    },
    "keep": {
        "serve": serve.serve,
        "quality": quality.quality,
        "quarantine": {
            "list": quarantine.list_refused,
            "export": quarantine.export_refused,
            "retry": quarantine.retry_refused,
        },
        "keys": {"create": keys.create, "list": keys.list_all, "revoke": keys.revoke},
        "audit": {"list": audit.list_entries, "verify": audit.verify},
        "contact": {"add": contact.add, "correct": contact.correct},
        "ledger": {"replay": ledger.replay},
        "backup": backup.backup,
        "copy": copying.copy,
    },
}
"""The commands as the help shows them: panel → name → function, or the functions of a group."""


def build() -> Any:
    """The command `graphcrm` with all its commands, in the language in use."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
    )
    app.callback()(_top)
    for panel, commands in _PANELS.items():
        title = text(f"panel_{panel}")
        for name, made in commands.items():
            if isinstance(made, dict):
                app.add_typer(_group(made), name=name, rich_help_panel=title)
            else:
                app.command(name, rich_help_panel=title)(made)
    command: Any = get_command(app)
    in_order = [name for commands in _PANELS.values() for name in commands]
    command.commands = {name: command.commands[name] for name in in_order}
    _translate(command, ())
    return command


def _group(functions: dict[str, Any]) -> typer.Typer:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich")
    group.callback()(_nothing)
    for name, function in functions.items():
        group.command(name)(function)
    return group


def _nothing() -> None:
    """A group does nothing of its own; it must be one even with a single command."""


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"graphcrm {version('graphcrm')}")
        except PackageNotFoundError:  # run from the sources
            from graphcrm import __version__

            typer.echo(f"graphcrm {__version__}")
        raise typer.Exit


def _top(
    lang: Lang = None,
    version: bool = typer.Option(False, "--version", callback=_say_version, is_eager=True),
) -> None:
    """The options before any command; all are dealt with as they are read."""


def _translate(command: Any, path: tuple[str, ...]) -> None:
    """Put the catalogue's words into a command and all below it."""
    key = "_".join(path) or "graphcrm"
    command.help = escape(text(f"help_{key}"))
    if f"example_{key}" in catalogue():
        command.epilog = escape(f"{text('example')}\n{text(f'example_{key}')}")
    for parameter in command.params:
        own = f"option_{key}_{parameter.name}"
        if getattr(parameter, "is_flag", False):
            parameter.metavar = " "  # else the help says <bool>, which reads as if it took a value
        parameter.help = escape(text(own if own in catalogue() else f"option_{parameter.name}"))
    context = typer.Context(command)
    help_option = command.get_help_option(context)
    if help_option is not None:
        help_option.help = text("option_help")
        help_option.metavar = " "
    for name, below in getattr(command, "commands", {}).items():
        _translate(below, (*path, name))
    rich_utils.OPTIONS_PANEL_TITLE = text("panel_options")
    rich_utils.ARGUMENTS_PANEL_TITLE = text("panel_arguments")
    rich_utils.DEFAULT_STRING = text("panel_default")
    rich_utils.REQUIRED_LONG_STRING = text("panel_required")
