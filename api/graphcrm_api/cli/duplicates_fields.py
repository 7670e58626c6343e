"""What the fields are called by which records of the graph are compared, and their values."""

from typing import TYPE_CHECKING

from graphcrm_api.cli.language import Language, language
from graphcrm_api.cli.naming import property_name, property_value

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Explained
    from graphcrm.graph import Graph

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


def with_names(found: "Explained", graph: "Graph") -> "Explained":
    """The same, with the names of employers and departments in place of their ids."""
    from graphcrm.store.remote.address import is_service

    asked = [
        (_REFERRING[step.column].removesuffix("_id"), id)
        for step in found.steps
        if step.column in _REFERRING
        for id in (step.left, step.right)
        if id is not None
    ]
    if not asked:
        return found
    names = (_names_there if is_service(graph.url) else _names)(graph, asked)
    steps = [
        step.model_copy(
            update={"left": names.get(step.left) or step.left,
                    "right": names.get(step.right) or step.right}
        )
        if step.column in _REFERRING
        else step
        for step in found.steps
    ]  # fmt: skip
    return found.model_copy(update={"steps": steps})


def _names(graph: "Graph", asked: list[tuple[str, str]]) -> dict[str | None, str | None]:
    """The names of nodes by their ids, which are compared without regard to capitals."""
    from graphcrm.duck import engine

    with engine(graph.snapshot(), read_only=True) as work:
        found = {
            id: work.execute(
                f"SELECT name FROM {table} WHERE lower(id) = lower(?) ORDER BY id", [id]
            ).fetchone()
            for table, id in asked
        }
    return {id: row[0] for id, row in found.items() if row}


def _names_there(graph: "Graph", asked: list[tuple[str, str]]) -> dict[str | None, str | None]:
    """The same where a service has the graph, of what may be seen there."""
    found = {id: graph.store.node(table.capitalize(), id) for table, id in asked}
    return {id: node.get("name") for id, node in found.items() if node}


def _name(column: str, lang: Language | None) -> str:
    from graphcrm.model import VOCABULARY

    stated = _REFERRING.get(column)
    if stated is None:
        return property_name("Person", column, lang)
    if (lang or language()) == "en":
        return stated.removesuffix("_id")
    return next(c.traits.zh for c in VOCABULARY.tables["persons"].columns if c.name == stated)
