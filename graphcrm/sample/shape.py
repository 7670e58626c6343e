"""The proportions of the made-up insurer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class SampleShape(BaseModel):
    """Proportions of the book, each a share (0 to 1) unless its description says otherwise.

    Give one to `write_sample` to get another insurer; the defaults are GraphCRM's own. Invalid
    values raise `pydantic.ValidationError`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # who there is
    customers_per_institution: float = Field(40, gt=0, description="persons to one institution")
    customers_per_agent: float = Field(150, gt=0, description="persons to one agent")
    cities: int = Field(20, ge=1, description="cities with a branch of ours, at any size")
    customers_per_further_city: int = Field(25_000, ge=1, description="persons to a further city")
    western: float = Field(0.03, ge=0, le=1, description="persons with a Western name")
    married: float = Field(0.62, ge=0, le=1, description="household heads with a spouse here")
    children: float = Field(1.1, ge=0, description="mean children of a couple, at most 3")
    twins: float = Field(0.03, ge=0, le=1, description="families of two or more with twins")
    deceased: float = Field(0.006, ge=0, le=1, description="adults who have died")
    employed: float = Field(0.55, ge=0, le=1, description="adults with a known employer")
    relations_known: float = Field(0.7, ge=0, le=1, description="families whose relations we know")

    # look-alikes that are not the same
    father_son_name: float = Field(0.012, ge=0, le=1, description="sons with their father's name")
    same_name_strangers: float = Field(
        0.002, ge=0, le=1, description="persons with another's name, sex and birth date"
    )
    shared_phone: float = Field(0.08, ge=0, le=1, description="couples with one phone")
    shared_everything: float = Field(
        0.03, ge=0, le=1, description="couples with one phone, second phone, e-mail and account"
    )
    phone_lending_agents: float = Field(
        0.06, ge=0, le=1, description="sellers who enter their own phone for customers"
    )
    phone_lent: float = Field(0.15, ge=0, le=1, description="of such an agent's customers")

    # second entries
    duplicates: float = Field(0.05, ge=0, le=0.4, description="persons that are further entries")
    third_entries: float = Field(0.1, ge=0, le=1, description="of those, a third entry")
    institution_duplicates: float = Field(0.02, ge=0, le=0.3, description="of institutions")
    institution_departments: float = Field(
        0.05, ge=0, le=0.3, description="institutions that are a department of another one"
    )
    noise: float = Field(
        1.0, ge=0, le=5, description="factor on the usual slips of every record, planted or not"
    )

    # policies
    policies_per_customer: float = Field(3.0, gt=0, description="mean policies to one person")
    institution_policies: float = Field(1.2, ge=0, description="mean policies of an institution")
    in_force: float = Field(0.70, ge=0, le=1, description="policies in force")
    foreign_currency: float = Field(0.01, ge=0, le=1, description="life policies in USD")
    changed_hands: float = Field(0.04, ge=0, le=1, description="in force, from active to active")
    premium_histories: float = Field(0.02, ge=0, le=1, description="policies with premiums rows")

    # agents who no longer serve, and the policies they leave behind
    departed: float = Field(0.14, ge=0, le=0.8, description="agents")
    suspended: float = Field(0.03, ge=0, le=0.3, description="agents")
    on_leave: float = Field(0.05, ge=0, le=0.3, description="agents")
    left_by_departed: float = Field(0.45, ge=0, le=1, description="of their policies in force")
    left_by_suspended: float = Field(0.5, ge=0, le=1, description="of their policies in force")
    left_by_on_leave: float = Field(0.5, ge=0, le=1, description="of their policies in force")
    unknown_agent: float = Field(0.005, ge=0, le=1, description="in force, agent in no file")
    no_agent: float = Field(0.01, ge=0, le=1, description="in force, nobody serves")

    # what happens
    claims: float = Field(0.06, ge=0, le=1, description="claims to one policy")
    contacts_per_customer: float = Field(1.0, ge=0, description="mean contacts to one person")
    services_per_customer: float = Field(0.1, ge=0, description="mean services to one person")
    referred: float = Field(0.09, ge=0, le=0.9, description="adults in a referral tree")
    referral_depth: int = Field(7, ge=1, le=20, description="longest chain, in referrals")
    customers_per_loop: int = Field(2_500, ge=1, description="persons to one referral loop")
