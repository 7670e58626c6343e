"""The proportions of the made-up insurer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from graphcrm.sample.detail_shape import Details
from graphcrm.sample.error_shape import (
    Channels,
    EntryKinds,
    InstitutionKinds,
    InstitutionSlips,
    Slips,
)
from graphcrm.sample.small_shape import SmallBook


class SampleShape(BaseModel):
    """Proportions of the book, each a share (0 to 1) unless its description says otherwise.

    Give one to `write_sample` to get another insurer; the defaults are GraphCRM's own. Invalid
    values raise `pydantic.ValidationError`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # who there is
    customers_per_institution: float = Field(40, gt=0, description="persons to one institution")
    customers_per_agent: float = Field(150, gt=0, description="persons to one agent")
    cities: int = Field(20, ge=1, description="cities with a branch of ours")
    customers_per_further_city: int = Field(25_000, ge=1, description="persons to a further city")
    company_customers: int = Field(
        250_000, ge=1, description="persons to a provincial company, the part made at once"
    )
    small: SmallBook = Field(SmallBook(), description="what a small book has more of")
    details: Details = Field(Details(), description="what is known of whom")
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
    sister_companies: float = Field(
        0.04, ge=0, le=0.5, description="companies with another's brand and contact"
    )
    institution_branches: float = Field(
        0.05, ge=0, le=0.5, description="companies that are a branch of another one"
    )
    same_brand: float = Field(
        0.04, ge=0, le=0.5, description="companies with the brand of one in another city or trade"
    )
    phone_lending_agents: float = Field(
        0.06, ge=0, le=1, description="sellers who enter their own phone for customers"
    )
    phone_lent: float = Field(0.15, ge=0, le=1, description="of such an agent's customers")

    # second entries
    duplicates: float = Field(
        0.05,
        ge=0,
        le=0.4,
        description="persons that are further entries, so that a tenth of the records are of "
        "somebody who has two (8 to 12 % in hospitals' indexes: Journal of AHIMA, August 2019)",
    )
    moved_between_companies: float = Field(
        0.002, ge=0, le=0.1, description="persons whom two provincial companies have, after a move"
    )
    third_entries: float = Field(0.1, ge=0, le=1, description="of those, a third entry")
    institution_duplicates: float = Field(0.02, ge=0, le=0.3, description="of institutions")
    institution_kinds: InstitutionKinds = Field(
        InstitutionKinds(), description="how further entries of institutions differ"
    )
    institution_slips: InstitutionSlips = Field(
        InstitutionSlips(), description="what any institution's record suffers"
    )
    institution_sections_alone: float = Field(
        0.08, ge=0, le=1, description="institutions known by one department alone"
    )
    institution_departments: float = Field(
        0.05, ge=0, le=0.3, description="institutions that are a department of another one"
    )
    kinds: EntryKinds = Field(EntryKinds(), description="how further entries differ")
    slips: Slips = Field(Slips(), description="what any record suffers")
    channels: Channels = Field(Channels(), description="through which records came in")
    noise: float = Field(
        1.0, ge=0, le=5, description="factor on the usual slips of every record, planted or not"
    )

    # policies
    policies_per_customer: float = Field(3.0, gt=0, description="mean policies to one person")
    institution_policies: float = Field(1.2, ge=0, description="mean policies of an institution")
    fleets: float = Field(
        0.02, ge=0, le=1, description="institutions that insure 4 to 20 vehicles each"
    )
    replaced: float = Field(
        0.5, ge=0, le=1, description="surrendered, where the holder bought life again later"
    )
    relative_pays: float = Field(0.08, ge=0, le=1, description="personal policies with a payer")
    employer_pays: float = Field(0.02, ge=0, le=1, description="personal policies the firm pays")
    grace_days: int = Field(
        60, ge=0, le=90,
        description="days from an unpaid premium to the lapse; 60 in the terms of Chinese life"
        " policies (xiangrikui.com/shouxian/liangquan/20131108/347889_1.html, clause 15)",
    )  # fmt: skip
    first_premium_lapse: float = Field(
        0.45, gt=0, le=1, description="lapses at the first anniversary, and so on for the rest"
    )
    in_force: float = Field(0.70, ge=0, le=1, description="policies in force")
    foreign_currency: float = Field(0.01, ge=0, le=1, description="life policies in USD")
    changed_hands: float = Field(0.04, ge=0, le=1, description="in force, from active to active")
    sellers_in_history: float = Field(
        0.03, ge=0, le=1, description="policies whose sellers stand among the servings too"
    )
    sold_jointly: float = Field(0.2, ge=0, le=1, description="of those, sold by two agents")
    collected: float = Field(
        0.04,
        ge=0,
        le=1,
        description="policies that an agent collects for, none of a single premium",
    )
    collected_by_another: float = Field(
        0.35, ge=0, le=1, description="of those, by a service agent, not by who serves the policy"
    )
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

    hired_in_waves: float = Field(
        0.5, ge=0, le=1, description="agents hired in March or September, after a campaign"
    )
    departed_in_waves: float = Field(
        0.4, ge=0, le=1, description="departures in January or April, after the bonus"
    )
    licence_run_out: float = Field(
        0.015, ge=0, le=1, description="agents whose licence has run out"
    )
    unauthorised: float = Field(
        0.1, ge=0, le=1,
        description="sales and hand-overs made without a look at the agent's lines, a quarter of"
        " them to one who may not sell the line",
    )  # fmt: skip
    stated_authorities: float = Field(
        0.15, ge=0, le=1, description="agents with authorities that change over time"
    )

    # what happens
    claims: float = Field(0.06, ge=0, le=1, description="claims to one policy")
    paid_to_garage: float = Field(0.65, ge=0, le=1, description="claims with a garage, paid to it")
    third_parties: float = Field(0.7, ge=0, le=1, description="collisions with a third party")
    passengers: float = Field(0.3, ge=0, le=1, description="motor claims with a passenger")
    witnesses: float = Field(0.12, ge=0, le=1, description="motor claims with a witness")
    lawyers: float = Field(0.04, ge=0, le=1, description="claims with an injury and a law firm")
    doctors_named: float = Field(
        0.6, ge=0, le=1, description="claims with a hospital, doctor named"
    )
    contacts_per_customer: float = Field(1.0, ge=0, description="mean contacts to one person")
    services_per_customer: float = Field(0.1, ge=0, description="mean services to one person")
    referred: float = Field(0.09, ge=0, le=0.9, description="adults in a referral tree")
    referrals_buy: float = Field(
        0.5, ge=0, le=1, description="persons brought within 60 days before they buy, if they do"
    )
    referred_by_institution: float = Field(
        0.08, ge=0, le=1, description="referral trees begun by an institution or a department"
    )
    referral_bursts: float = Field(
        0.08, ge=0, le=1, description="persons who bring all of theirs within ten days"
    )
    service_conflicts: float = Field(
        0.01, ge=0, le=1, description="hand-overs in force that the tables tell in two ways"
    )
    referral_depth: int = Field(7, ge=1, le=20, description="longest chain, in referrals")
    customers_per_loop: int = Field(2_500, ge=1, description="persons to one referral loop")

    # rings of fraudsters, and who looks like one
    customers_per_ring: int = Field(
        5_000, ge=0, description="persons to one fraud ring; 0 = no rings. Small books have one of"
        " each of the five kinds as soon as they have the claims",
    )  # fmt: skip
    ring_least: int = Field(6, ge=4, description="claims of the smallest ring")
    ring_most: int = Field(14, ge=4, description="claims of the largest ring")
    ring_random_links: float = Field(
        0.2, ge=0, le=1, description="links of a ring's claims that chance made"
    )
    look_alikes_per_ring: float = Field(10, ge=0, description="honest look-alikes to one ring")
    rings_found: float = Field(
        0.2, ge=0, le=1, description="rings with confirmed claims, half each"
    )
    look_alikes_cleared: float = Field(0.06, ge=0, le=1, description="look-alikes looked into")
    investigated: float = Field(0.01, ge=0, le=1, description="claims looked into by chance")
    fraud_of_one: float = Field(
        0.25, ge=0, le=1, description="of those, fraud by one person on his own; the rest cleared"
    )

    # sellers' misconduct
    misconduct: float = Field(
        0.06, ge=0, le=1, description="sellers at work who misbehave, in one of nine ways each; at"
        " least one seller for each way where there are ten"
    )  # fmt: skip
    own_policy: float = Field(
        0.6, ge=0, le=1, description="honest agents who sold one policy to themselves"
    )
    paid_by_another: float = Field(
        0.06, ge=0, le=1, description="policies whose premiums somebody else's account pays"
    )
    campaign_days: float = Field(
        0.12, ge=0, le=1, description="agents who reached many customers on one honest day"
    )
