"""Making values comparable: identity numbers, phones, names, addresses, a whole column at once.

Every function takes an Arrow column of text and returns one of the same length; a value that has no
standard form comes back null with a `Reason`, never as an exception.
"""

from graphcrm.standards.account import standardise_accounts
from graphcrm.standards.address import standardise_addresses
from graphcrm.standards.damage import excel_damage
from graphcrm.standards.document import standardise_documents
from graphcrm.standards.email import standardise_emails
from graphcrm.standards.organisation_name import standardise_organisation_names
from graphcrm.standards.person_name import standardise_person_names
from graphcrm.standards.phone import standardise_phones
from graphcrm.standards.pinyin import initials, pinyin
from graphcrm.standards.reasons import Reason
from graphcrm.standards.resident_id import standardise_resident_ids
from graphcrm.standards.text import fold
from graphcrm.standards.uscc import standardise_usccs

__all__ = [
    "Reason",
    "excel_damage",
    "fold",
    "initials",
    "pinyin",
    "standardise_accounts",
    "standardise_addresses",
    "standardise_documents",
    "standardise_emails",
    "standardise_organisation_names",
    "standardise_person_names",
    "standardise_phones",
    "standardise_resident_ids",
    "standardise_usccs",
]
