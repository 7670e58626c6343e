"""How often records err, and how a further entry of a person differs: the shares, by name.

Most shares are GraphCRM's own choice; where one rests on a published figure, it says so:

- MPI: Just, Marc, Munns, Sandefer, "Why Patient Matching Is a Challenge", Perspectives in Health
  Information Management 2016 (PMC4832129): of 398,939 confirmed duplicates in hospitals' indexes,
  the identity number differed in 54 % of the pairs; names differed mostly by misspelling (53 % of
  the first names that differ, 34 % of the last names), else by swapped parts.
- AHIMA: Journal of AHIMA, August 2019: 8 to 12 % of the records of an index are duplicates.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Shares(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _share(default: float, description: str) -> float:
    found: float = Field(default, ge=0, le=1, description=description)
    return found


class EntryKinds(_Shares):
    """How a further entry of a person differs: weights, of which one falls on each entry.

    With the defaults the identity number differs in a third of the entries and the name in another
    third (MPI: both more often in hospitals, whose clerks check no card), and the first three keep
    all of name, sex, birth date, ID type and ID number, so that the usual check for five equal
    fields finds about a quarter of the pairs.
    """

    same: float = _share(0.06, "nothing of what identifies")
    other_phone: float = _share(0.17, "a new phone")
    other_address: float = _share(0.09, "a new address, four of five in the city")
    name_slip: float = _share(0.06, "a character of the name wrong, missing or swapped")
    name_sound_alike: float = _share(0.07, "a character of the same reading: 张炜, 张伟")
    name_shape_alike: float = _share(0.05, "a character that looks alike: 婷, 停")
    name_traditional: float = _share(0.03, "in traditional characters")
    name_decorated: float = _share(0.03, "with 先生, 女士, spaces")
    name_in_pinyin: float = _share(0.03, "in pinyin: ZHANG WEI, Wei Zhang")
    name_in_english: float = _share(0.02, "with an English given name: David Zhang")
    name_after_marriage: float = _share(0.02, "under the husband's surname, or with it in front")
    id_digit_wrong: float = _share(0.04, "one digit of the ID wrong")
    id_digits_swapped: float = _share(0.05, "two neighbouring digits of the ID swapped")
    id_of_15_digits: float = _share(0.06, "the old ID of 15 digits")
    id_missing: float = _share(0.06, "without an ID")
    id_of_other_type: float = _share(0.05, "with another document")
    id_placeholder: float = _share(0.02, "the ID filled with 111111…")
    id_full_width: float = _share(0.02, "the ID in full-width digits")
    birth_wrong: float = _share(0.03, "day and month swapped, or one of them or the year off")
    birth_first_of_year: float = _share(0.01, "1 January of the year")
    birth_placeholder: float = _share(0.01, "1900-01-01 and the like")
    sex_wrong: float = _share(0.02, "the other sex")


class Slips(_Shares):
    """What any record suffers, first entry or further, honest or not: shares of the records.

    They are about a fifth of what a further entry suffers, so that no kind of error betrays by
    itself a person who was entered twice.
    """

    name_slip: float = _share(0.004, "records")
    name_sound_alike: float = _share(0.005, "records")
    name_shape_alike: float = _share(0.004, "records")
    name_traditional: float = _share(0.004, "records")
    name_decorated: float = _share(0.010, "records")
    name_in_pinyin: float = _share(0.005, "records")
    name_in_english: float = _share(0.003, "records")
    name_after_marriage: float = _share(0.003, "records")
    id_digit_wrong: float = _share(0.004, "records")
    id_digits_swapped: float = _share(0.004, "records")
    id_of_15_digits: float = _share(0.012, "records")
    id_missing: float = _share(0.035, "records")
    id_of_other_type: float = _share(0.004, "records")
    id_placeholder: float = _share(0.004, "records")
    id_full_width: float = _share(0.003, "records")
    birth_wrong: float = _share(0.004, "records")
    birth_first_of_year: float = _share(0.004, "records")
    birth_placeholder: float = _share(0.004, "records")
    birth_missing: float = _share(0.008, "records")
    sex_wrong: float = _share(0.003, "records")
    sex_missing: float = _share(0.008, "records")
    phone_digit_wrong: float = _share(0.004, "records")
    phone_missing: float = _share(0.04, "records")
    phone_placeholder: float = _share(0.004, "records")
    address_missing: float = _share(0.06, "records")
    address_placeholder: float = _share(0.004, "records")
    email_placeholder: float = _share(0.003, "records")


class InstitutionKinds(_Shares):
    """How a further entry of an institution differs: weights, of which one falls on each entry."""

    same: float = _share(0.10, "nothing in the name")
    name_form_differs: float = _share(0.22, "深圳市恒盛…, 深圳恒盛…, 恒盛…（深圳）…")
    name_short: float = _share(0.28, "without place and legal form: 恒盛科技")
    legal_form_differs: float = _share(0.15, "有限公司, 有限责任公司")
    name_traditional: float = _share(0.05, "in traditional characters")
    uscc_digit_wrong: float = _share(0.08, "a digit of the region in the USCC wrong")
    uscc_missing: float = _share(0.12, "without a USCC")


class InstitutionSlips(_Shares):
    """What any institution's record suffers: shares of the records."""

    name_short: float = _share(0.04, "records")
    name_traditional: float = _share(0.01, "records")
    uscc_digit_wrong: float = _share(0.01, "records")
    uscc_missing: float = _share(0.12, "records")


class Channels(_Shares):
    """Through which channel records came in: weights. No column names it; it shows in what is
    filled, in how the records err, and in who keyed them and when.
    """

    core_system: float = _share(0.45, "keyed at a branch, by clerks and sellers")
    bank_counter: float = _share(0.15, "ID cards are read by machine; no e-mail, no occupation")
    claims_desk: float = _share(0.10, "what a claim needs, in haste")
    agents_app: float = _share(0.18, "typed by sound, or a photo of the card is read")
    old_system: float = _share(0.12, "migrated: old IDs, no e-mail, no consent, filled-in dates")


ERRORS = (
    *dict.fromkeys(
        kind
        for kinds in (EntryKinds, Slips, InstitutionKinds, InstitutionSlips)
        for kind in kinds.model_fields
        if kind != "same"
    ),
    "agents_phone",
)
"""Every kind of error, as `truth/errors` names it."""
