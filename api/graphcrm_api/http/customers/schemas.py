"""What answers about customers look like."""

from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import Path
from pydantic import AfterValidator, BaseModel, Field, computed_field, create_model

from graphcrm.model import VOCABULARY
from graphcrm.store import questions
from graphcrm_api.http.conventions.schemas import View, any_node, row_schema

CustomerLabel = Literal["Person", "Institution", "Department", "Customer"]
ACustomer = any_node("Person", "Institution", "Department", "Customer")
ANode = any_node(*VOCABULARY.nodes)
Label = Annotated[
    str,
    AfterValidator(lambda label: _known(label)),
    Path(description="The node's type.", json_schema_extra={"enum": list(VOCABULARY.nodes)}),
]
Id = Annotated[
    str, Path(description="The node's id; percent-encoded where it has signs.", max_length=500)
]

SECTIONS = {
    name: questions()[f"customer_{name}"]
    for name in ("records", "policies", "claims", "contacts", "ties")
}
"""What hangs on a customer, and the named question that answers it."""


class Reference(BaseModel):
    """A node by its identity."""

    label: str = Field(description="The node's type.", examples=["Person"])
    id: str = Field(description="Its id.", examples=["core:P204"])


class References(BaseModel):
    """The nodes that have an id, in the order of the vocabulary."""

    items: list[Reference] = Field(description="The nodes.")


class Earlier(BaseModel):
    """Earlier states of a node; what was not known is absent."""

    items: list[dict[str, Any]] = Field(
        description="Each with its properties, `at` (when the load began that brought it) and "
        "`replaced_by_load`."
    )


class Change(BaseModel):
    """What a load changed of a record."""

    at: str = Field(description="When the load began.")
    load: int = Field(description="Its number.")
    fields: dict[str, dict[str, object]] = Field(
        description="Each changed property with its value `before` and `after`."
    )


class FurtherRecords(View):
    """That the customer has further records in your branches, on which more may hang."""

    customer_id: str = Field(description="The customer.")
    records: int = Field(description="How many further records there are.", ge=1)

    @computed_field(description="Where what hangs on all of them is.")  # type: ignore[prop-decorator]
    @property
    def href(self) -> str:
        """The address of the customer."""
        return f"/v1/customers/Customer/{quote(self.customer_id, safe='')}"


class _Customer(BaseModel):
    """A customer with everything that hangs on them, as far as the caller may see it."""

    history: list[Change] = Field(description="Earlier values, newest first.")
    further: FurtherRecords | None = Field(
        description="What lies beyond this record: all but `records` is of it alone."
    )
    outside: list[str] = Field(
        description="The sections of which a part lies outside your branches."
    )


_ROWS: dict[str, Any] = {"record": (ACustomer, Field(description="The record itself."))} | {
    name: (list[row_schema(asked)], Field(description=asked.purpose))  # type: ignore[misc]
    for name, asked in SECTIONS.items()
}
CustomerView = create_model("CustomerView", __base__=_Customer, __doc__=_Customer.__doc__, **_ROWS)


def _known(label: str) -> str:
    if label not in VOCABULARY.nodes:
        raise ValueError(f"there is no type of node {label!r}")
    return label
