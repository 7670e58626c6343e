"""What is known of persons and institutions, and where persons were born: the shares, by name.

All are GraphCRM's own choice. Each is of those of whom it can be known (adults, people of working
age); which of it a record keeps depends on the channel (`channels.py`).
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


def _share(default: float, description: str) -> float:
    found: float = Field(default, ge=0, le=1, description=description)
    return found


class Details(BaseModel):
    """How much is known of whom, as shares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    second_phone: float = _share(0.12, "persons with a second phone")
    email: float = _share(0.35, "adults with an e-mail address")
    account: float = _share(0.75, "adults with a bank account")
    occupation: float = _share(0.85, "adults of working age with an occupation")
    income: float = _share(0.60, "adults with an income band")
    language: float = _share(0.30, "persons with a language")
    consent_given: float = _share(0.45, "adults who allow marketing")
    consent_refused: float = _share(0.20, "adults who refuse it")
    child_moved_out: float = _share(0.65, "children over 25 with a home of their own")
    child_phone: float = _share(0.60, "children under 16 with the mother's phone, not the father's")
    born_in_city: float = _share(0.55, "persons born in the city where they live")
    born_in_province: float = _share(0.25, "persons born elsewhere in its province")
    other_document: float = _share(0.025, "Chinese with another document than the resident ID")
    foreign_resident: float = _share(0.30, "Western persons with a foreigner's ID, not a passport")
    institution_phone: float = _share(0.90, "institutions with a telephone")
    institution_contact: float = _share(0.85, "institutions with a person to ask for")
    institution_account: float = _share(0.70, "institutions with a bank account")
