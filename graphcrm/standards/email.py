"""E-mail addresses."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.damage import SCIENTIFIC, excel_damage
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import fold, is_masked, is_placeholder

FIELDS = pa.struct([("address", pa.string()), ("reason", pa.string())])
"""Arrow type of what `standardise_emails` returns."""

_PLAIN = r"^[a-z0-9]+(?:[._+-][a-z0-9]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*\.[a-z]{2,}$"
_WRAPPING = r"^(?:[^<>]*<)?(?:mailto:)?[ '\"]*|[ '\".;,]*(?:>[^<>]*)?$"

# Dot-atom of RFC 5322, with letters and digits of any script (RFC 6531).
_ATOM = r"[\pL\pM\pN!#$%&'*+/=?^_`{|}~-]+"
_MAILBOX = rf"^{_ATOM}(?:\.{_ATOM})*@"
_HOST_LABEL = r"[\pL\pN](?:[\pL\pM\pN-]*[\pL\pM\pN])?"
_DOMAIN = rf"^[^@]*@(?:{_HOST_LABEL}\.)+(?:[\pL\pM]{{2,}}|xn--[a-z0-9-]+)$"
_LONG_LABEL = r"@(?:.*\.)?[^.]{64}"

_NOBODY = r"^(?:none|null|noemail|no-email|nomail|x{2,}|a{3,}|0+|1{4,}|无)@(?:[a-z0-9]+\.)+[a-z]+$"
_SEVERAL = r"@[^@]*[^\pL\pM\pN.@-][^@]*@"


def standardise_emails(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each e-mail address in its one form, or why it has none.

    A struct array of the same length with the fields `address` (lower-case, NFKC; null where
    unusable) and `reason` (`Reason` code, null for a valid address and for a blank one).

    'mailto:', a name with the address in angle brackets, quotation marks and punctuation around it
    go; the ideographic full stop of a Chinese keyboard counts as a dot. Mailboxes are compared
    without regard to case, though RFC 5321 lets a server tell them apart: none in use does. Dots
    and +tags in the mailbox stay, since what they mean differs by provider. Addresses in quotes
    ("a b"@example.com) and by number (a@[10.0.0.1]) are refused: no customer has one. Whether the
    domain exists is not asked.

    Raises TypeError for other than text. Source: RFC 5321 (lengths), RFC 5322 (dot-atom), RFC 6531
    (other scripts), RFC 1035 (labels).
    """
    folded = fold(values)
    address = folded
    odd = pc.invert(pc.match_substring_regex(folded, _PLAIN))
    if pc.any(odd, min_count=0).as_py():
        address = pc.replace_with_mask(folded, odd, _unwrap(folded.filter(odd)))
    reason = first_of(
        (pc.or_(is_placeholder(folded), is_placeholder(address)), Reason.PLACEHOLDER),
        (pc.match_substring_regex(address, _NOBODY), Reason.PLACEHOLDER),
        (is_masked(folded, letters=True), Reason.MASKED),
        (pc.equal(excel_damage(folded), SCIENTIFIC.value), SCIENTIFIC),
        (pc.match_substring_regex(address, _SEVERAL), Reason.SEVERAL),
        (pc.invert(pc.match_substring(address, "@")), Reason.NO_AT),
        (pc.match_substring(address, " "), Reason.CHARACTERS),
        (pc.greater(pc.binary_length(address), 254), Reason.TOO_LONG),
        (pc.invert(pc.match_substring_regex(address, _MAILBOX)), Reason.MAILBOX),
        (pc.greater(pc.find_substring(address, "@"), 64), Reason.MAILBOX),
        (pc.invert(pc.match_substring_regex(address, _DOMAIN)), Reason.DOMAIN),
        (pc.match_substring_regex(address, _LONG_LABEL), Reason.DOMAIN),
    )
    nothing = pa.scalar(None, pa.string())
    return pa.StructArray.from_arrays(
        [pc.if_else(pc.is_null(reason), address, nothing), reason], fields=list(FIELDS)
    )


def _unwrap(folded: pa.Array) -> pa.Array:
    """Return the addresses in lower case, without what is written around them."""
    # A lower-case letter may have a plainer form than its capital, hence folded once more.
    text = pc.replace_substring(pc.utf8_lower(folded), "。", ".")
    text = pc.replace_substring_regex(text, _WRAPPING, "")
    text = pc.replace_substring_regex(text, r" *([@.]) *", r"\1")
    return pc.coalesce(fold(text), pc.if_else(pc.is_valid(text), "", text))
