"""The documents are what the declarations say today."""

from pathlib import Path

from graphcrm.model import VOCABULARY
from graphcrm.model.document import json_schema, markdown

_DOCUMENT = Path(__file__).parents[2] / "docs" / "model.md"


def test_the_document_is_up_to_date() -> None:
    assert _DOCUMENT.read_text(encoding="utf-8") == markdown(), "run: make docs"


def test_the_document_names_everything() -> None:
    text = markdown()
    for table in VOCABULARY.tables.values():
        assert all(f"`{column.name}`" in text for column in table.columns)
    assert all(f"`{label}`" in text for label in VOCABULARY.nodes)
    assert all(f"`{name}`" in text for name in VOCABULARY.edges)


def test_the_schema_tells_type_requirement_and_sensitivity() -> None:
    definitions = json_schema()["$defs"]
    persons = definitions["table:persons"]
    assert set(persons["required"]) == {"id", "name"}
    assert persons["properties"]["id_number"]["x-sensitivity"] == "sensitive"
    assert persons["properties"]["id_number"]["x-zh"] == "证件号码"
    assert "name_key" not in persons["properties"]
    assert definitions["table:policies"]["properties"]["premium"]["x-unit"]
    assert "class" in definitions["table:services"]["properties"]
    assert definitions["edge:SERVES"]["properties"]["valid_from"]
