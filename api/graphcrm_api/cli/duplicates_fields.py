"""What the fields are called by which records of the graph are compared, and their values."""

from pathlib import Path
from typing import TYPE_CHECKING

from graphcrm_api.cli.language import Language, language
from graphcrm_api.cli.naming import property_name, property_value

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Explained

_REFERRING = {"works_at": "institution_id", "works_in": "department_id"}
"""Fields that are no property of a person but a reference, and the column that states it."""


def field_words(field: str, lang: Language | None = None) -> str:
    """A field, which may be of several properties, in a language or that of the user."""
    names = [_name(column, lang) for column in field.split(", ")]
    joint = "、" if (lang or language()) == "zh" else ", "
    return joint.join(dict.fromkeys(names))


def value_words(field: str, value: str, lang: Language | None = None) -> str:
    """A value of a field; codes, which are compared without regard to capitals, in words."""
    code = value.upper()
    told = property_value("Person", field, code, lang)
    return value if told == code else told


def with_names(found: "Explained", snapshot: Path) -> "Explained":
    """The same, with the names of employers and departments in place of their ids."""
    from graphcrm.duck import engine

    steps = list(found.steps)
    with engine(snapshot, read_only=True) as work:
        for place, step in enumerate(steps):
            if step.column not in _REFERRING:
                continue
            table = _REFERRING[step.column].removesuffix("_id")
            named = {}
            for side, id in (("left", step.left), ("right", step.right)):
                # Ids are compared without regard to capitals.
                asked = f"SELECT name FROM {table} WHERE lower(id) = lower(?) ORDER BY id"
                row = work.execute(asked, [id]).fetchone()
                named[side] = row[0] if row and row[0] else id
            steps[place] = step.model_copy(update=named)
    return found.model_copy(update={"steps": steps})


def _name(column: str, lang: Language | None) -> str:
    from graphcrm.model import VOCABULARY

    stated = _REFERRING.get(column)
    if stated is None:
        return property_name("Person", column, lang)
    if (lang or language()) == "en":
        return stated.removesuffix("_id")
    return next(c.traits.zh for c in VOCABULARY.tables["persons"].columns if c.name == stated)
