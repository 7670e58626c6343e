"""What a small book has more of, for its size, than a large one: the numbers, by name.

All are GraphCRM's own choice. With one agent to 150 persons and one ring to 5,000 a book of a
thousand persons would have hardly any kind of what there is to be found. With these numbers 1,000
persons are the least size at which every kind of ring, look-alike, misconduct, orphan and error of
a record is planted. One kind may still be wanting where nobody could have done it, in about one
book of fifteen at that size and one of thirty at 1,500. So small a book has a larger share of all
of them, and fewer look-alikes to a ring, than a large one.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SmallBook(BaseModel):
    """The least numbers of a small book; a large one has more of all by its usual shares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    customers_per_city: int = Field(200, ge=1, description="persons to a city, three at least")
    agents: int = Field(40, ge=0, description="agents, as soon as there are persons for them")
    customers_per_agent: int = Field(25, ge=1, description="persons to each of those agents")
    institutions: int = Field(
        120, ge=0, description="institutions, as soon as there are persons for them"
    )
    customers_per_institution: int = Field(
        10, ge=1, description="persons to each of those institutions"
    )
    claims_per_ring: int = Field(
        25, ge=1, description="claims to each of the first five rings, one of each kind"
    )
    claims_per_look_alike: int = Field(
        20, ge=1, description="claims to one honest look-alike, at least"
    )
    errors_from: int = Field(
        500, ge=1, description="records from which on every error of records occurs"
    )

    def least_agents(self, customers: int) -> int:
        """Return the least number of agents of a book of so many persons."""
        return min(self.agents, customers // self.customers_per_agent)

    def least_institutions(self, customers: int) -> int:
        """Return the least number of records of institutions of a book of so many persons."""
        return min(self.institutions, customers // self.customers_per_institution)
