"""What the columns of a list were taken for, and what the user says instead."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphcrm_api.cli.dedupe_words import said
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import catalogue, text
from graphcrm_api.cli.output import Cell, Output

if TYPE_CHECKING:
    from graphcrm.duplicates.roles import Role
    from graphcrm_loaders.lists import CustomerList, Detected

_MAPPED = "mapped"
_LONGEST_EXAMPLE = 60


def with_mapped(
    detected: "Mapping[str, Detected]", mapped: Sequence[str], given: "CustomerList"
) -> "dict[str, Detected]":
    """What was detected, corrected by the user's `COLUMN=ROLE`.

    Raises UsageError for a column that the list has not and for an unknown role, naming what there
    is. A role may be named by its code or in words of either language.
    """
    from graphcrm.errors import UsageError
    from graphcrm_loaders.lists import Detected

    corrected = dict(detected)
    for entry in mapped:
        column, equals, role = entry.rpartition("=")
        if not equals or not column.strip():
            raise UsageError(text("dedupe_map_form", entry=entry))
        name = _column(column.strip(), given)
        if name is None:
            known = text("list_joint").join(given.rows.column_names)
            raise UsageError(text("dedupe_no_column", column=column.strip(), known=known))
        corrected[name] = Detected(_role(role.strip()), _MAPPED, 1.0)
    return corrected


def _column(wanted: str, given: "CustomerList") -> str | None:
    names = given.rows.column_names
    if wanted in names:
        return wanted
    return next((name for name in names if name.lower() == wanted.lower()), None)


def _role(wanted: str) -> "Role":
    from graphcrm.duplicates.roles import Role
    from graphcrm.errors import UsageError

    for role in Role:
        words = catalogue("dedupe")[f"role_{role}"].values()
        if wanted.lower() in (role.value, role.value.replace("_", " "), *words):
            return role
    listed = text("list_joint").join(f"{role} ({said(f'role_{role}')})" for role in Role)
    raise UsageError(text("dedupe_no_such_role", role=wanted, known=listed))


def as_rows(given: "CustomerList", detected: "Mapping[str, Detected]") -> list[dict[str, Any]]:
    """What was detected, for programs."""
    return [
        {
            "column": name,
            "role": known.role.value,
            "reason": known.reason,
            "confidence": known.confidence,
            "example": example(given, name),
        }
        for name, known in detected.items()
    ]


def example(given: "CustomerList", name: str) -> str | None:
    """The first value of a column; None where it is empty."""
    import pyarrow.compute as pc

    column = given.texts.column(name)
    first = pc.index(pc.is_valid(column), True).as_py()
    return None if first < 0 else str(column[first].as_py())[:_LONGEST_EXAMPLE]


def print_columns(
    output: Output, given: "CustomerList", detected: "Mapping[str, Detected]"
) -> None:
    """The table of what was detected."""
    from graphcrm.duplicates.roles import Role

    output.heading(text("head_dedupe_columns"))
    output.table(
        [
            Column(text("col_column")),
            Column(text("col_role_taken")),
            Column(text("col_because")),
            Column(text("col_example")),
        ],
        [
            (
                name,
                Cell(said(f"role_{known.role}"), "dim" if known.role is Role.IGNORED else ""),
                said(f"reason_{known.reason}"),
                example(given, name) or "",
            )
            for name, known in detected.items()
        ],
    )
