"""What answers about referrals look like."""

from pydantic import BaseModel, Field

from graphcrm_api.http.conventions.schemas import page_of

OUTSIDE = "Outside"
"""What stands for customers outside of the branches, in the place of their label."""

_LABEL = "Person, Institution or Department; Outside for who lies in none of your branches."


class Party(BaseModel):
    """A customer, or that there is one outside of your branches."""

    label: str = Field(description=_LABEL, examples=["Person"])
    id: str | None = Field(None, description="The id; null outside.", examples=["P0000042"])
    name: str | None = Field(None, description="The name; null outside.", examples=["王*"])


class Referral(BaseModel):
    """Who brought whom."""

    referrer: Party = Field(description="Who brought the other.")
    referred: Party = Field(description="Who was brought.")
    referred_on: str | None = Field(None, description="The day.", examples=["2025-11-03"])
    policy_id: str | None = Field(None, description="The policy that came of it.")


ReferralPage = page_of(Referral, "Referral")


class Brought(Party):
    """A customer in a tree; of those outside of your branches nobody's referrals are told."""

    level: int = Field(description="Referrals from the tree's customer.", examples=[1])
    parent: int = Field(description="The place in the list of who brought them.", examples=[0])
    referred_on: str | None = Field(None, description="The first day.", examples=["2025-11-03"])


class Bringer(Party):
    """Who brought the tree's customer."""

    referred_on: str | None = Field(None, description="The day.", examples=["2024-02-17"])


class TreeView(BaseModel):
    """Whom a customer brought, directly or through others, and who brought them."""

    root: Party = Field(description="The customer.")
    brought_by: list[Bringer] = Field(description="Who brought them.")
    brought: list[Brought] = Field(
        description="Whom they brought, by level: each once, nearest first. The root's place is 0, "
        "the first of the list has the place 1."
    )
    complete: bool = Field(description="False where there are more than `limit`.")


class LoopView(BaseModel):
    """Customers each of whom was brought, in the end, by every other."""

    members: list[Party] = Field(description="Those in your branches, along the referrals.")
    outside: bool = Field(description="Whether others lie in branches that are not yours.")


LoopPage = page_of(LoopView, "Loop")
