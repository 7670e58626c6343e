"""What a column of a list says of the customer: the roles by which the engine compares."""

from enum import StrEnum


class Role(StrEnum):
    """The part that a column plays. Several columns may play the same part (two phones)."""

    NAME = "name"
    """A person's whole name."""
    GIVEN_NAME = "given_name"
    MIDDLE_NAME = "middle_name"
    FAMILY_NAME = "family_name"
    ORGANISATION = "organisation"
    """The name of the organisation that the row is about."""
    BIRTH_DATE = "birth_date"
    SEX = "sex"
    ID_NUMBER = "id_number"
    """Of a resident ID, passport, social security, tax or credit code: unique by intent."""
    ID_TYPE = "id_type"
    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT = "account"
    ADDRESS = "address"
    """A whole address, or its street part."""
    PLACE = "place"
    """A town, district, province, state or country, also a birth place."""
    POSTCODE = "postcode"
    EMPLOYER = "employer"
    OCCUPATION = "occupation"
    EVIDENCE = "evidence"
    """Anything else that two records of one customer tend to agree in."""
    IGNORED = "ignored"
    """What says nothing about who it is: row numbers, amounts, entry dates, constants."""
