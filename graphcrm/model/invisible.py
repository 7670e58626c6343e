"""Characters that print nothing, which come along when text is copied from pages and messages."""

INVISIBLE = (
    r"\x01-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad"
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""To stand inside a class of `re` or of RE2: control characters that are not white space,
zero-width and direction marks, soft hyphen, fillers, variation selectors (a chosen glyph of the
same ideograph), tags. Written out, since the tables of `unicodedata` change with the release of
Python. NUL is not among them. Private-use characters stay: Chinese systems keep rare surnames
there."""

SPACES = "".join(
    map(chr, [*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B),
              0x2028, 0x2029, 0x202F, 0x205F, 0x3000])
)  # fmt: skip
"""All white space, as Unicode has it: the ideographic space and the no-break space too."""
