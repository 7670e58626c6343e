"""What a text asks for that somebody searches by: its words, the forms of its numbers, its slips.

Indexes differ only in how a single word is written in their queries (see `query_of`).
"""

import re
import string
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from graphcrm.standards import pinyin, standardise_resident_ids
from graphcrm.standards.characters import plain_latin, simplify

_SEPARATORS = re.compile(r"[^\w@.]+")
_APOSTROPHES = re.compile("['’`´ʼ]")
_APART = re.compile(r"(?<![^\s])\+?\(?[0-9][0-9 ().-]{5,}[0-9](?![^\s])")
"""A number in groups, such as 138 1234 5678 or (0411) 3121-1943."""

_SHORTEST_WORD, _SHORTEST_NUMBER, _LONGEST_NUMBER = 2, 3, 20
_NUMBER = re.compile(r"[0-9]|[a-z]@")
_NOT_KEPT = re.compile(r"[^0-9a-z@._]")
_CHINESE_PHONE = re.compile(r"((?:00)?86)?(0?)([1-9][0-9]{5,10})")
_MOBILE = re.compile(r"1[3-9][0-9]{4,9}")
_ID_OF_18 = re.compile(r"[0-9]{6}19[0-9]{9}[0-9x]")
_ID_OF_15 = re.compile(r"[0-9]{15}")

_SPELT_OUT = {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"}
_SPELT = re.compile(
    "(?<=(?<![iu])a)e|(?<=(?<![au])o)e|(?<=(?<![jqxy])u)e|(?<=ju)e(?=[nr]g)"  # Juergen
)
"""What stands for a mark on the letter before it; behind those excepted it is mostly pinyin."""

_CHARACTERS_WITH_SLIPS = range(2, 25)
_LETTERS_WITH_SLIPS = range(5, 19)
"""Shorter words are like too many others, longer ones have too many forms for an index."""


@dataclass(frozen=True)
class Word:
    """A word or number that is sought, in each of the ways in which it may stand in an index.

    All tokens of one way must be there. `number`: it may be somebody's number, not only a name.
    """

    ways: tuple[tuple[str, ...], ...]
    number: bool

    @cached_property
    def beginnings(self) -> tuple[tuple[str, ...], ...]:
        """The ways as they stand in search texts without accents, each token behind a blank."""
        plain_ways = (tuple(f" {plain_latin(token)}" for token in way) for way in self.ways)
        return tuple(dict.fromkeys(plain_ways))


@dataclass(frozen=True)
class Sought:
    """A text taken apart: Chinese characters, and words.

    `joined` is all of it without what parts it. `whole`: numbers are meant as they are, not as
    beginnings.
    """

    text: str
    characters: str
    words: tuple[Word, ...]
    joined: str
    whole: bool

    @classmethod
    def of(cls, text: str, *, whole: bool = False) -> "Sought":
        """Take a text apart."""
        characters: list[str] = []
        words: list[Word] = []
        for part in _APART.sub(_grouped, folded(text)).split():
            if any(map(is_han, part)):
                tokens = split_query(part)
                characters += [token for token in tokens if is_han(token[0])]
                words += [_word(token) for token in tokens if not is_han(token[0])]
            elif _NUMBER.search(part):
                words.append(_number(part))
            else:
                words += [_word(token) for token in split_query(part)]
        joined = joined_text(text)
        return cls(text, "".join(characters), tuple(words), joined, whole)

    @cached_property
    def plain(self) -> str:
        """`joined` without accents and in simplified characters, as names are standardised."""
        return plain(self.joined)

    @cached_property
    def written(self) -> tuple[str, ...]:
        """Its Chinese characters as they were typed, and simplified where that is another text."""
        return tuple(dict.fromkeys((self.characters, simplify(self.characters))))

    @property
    def has_numbers(self) -> bool:
        """Whether a number of somebody's may be meant."""
        return any(word.number for word in self.words)

    @property
    def short(self) -> bool:
        """Whether it is too short for a beginning: nearly everything begins with it."""
        if self.characters or len(self.words) != 1 or not self.joined.isascii():
            return False
        return len(self.joined) < (_SHORTEST_NUMBER if self.joined.isdigit() else _SHORTEST_WORD)

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The one number that is sought, in all its forms; nothing where there is more to it."""
        if self.characters or len(self.words) != 1 or not self.words[0].number:
            return frozenset()
        return frozenset(way[0] for way in self.words[0].ways if len(way) == 1)

    @cached_property
    def sound(self) -> str:
        """How a text of Chinese characters only is read; empty for others."""
        if self.words or len(self.characters) not in _CHARACTERS_WITH_SLIPS:
            return ""
        (read,) = pinyin(pa.array([self.characters]), person=True).to_pylist()
        return (read or "").replace(" ", "")

    @cached_property
    def one_off(self) -> frozenset[str]:
        """The words that differ in one letter from a text of Latin letters only."""
        if self.characters or self.has_numbers:
            return frozenset()
        letters = _without_accents(self.joined)
        if len(letters) in _LETTERS_WITH_SLIPS and letters.isascii() and letters.isalpha():
            return frozenset(one_letter_off(letters))
        return frozenset()

    def slips(self) -> Iterator[str]:
        """Queries, in the form of every index, for names that may be meant; the likeliest first.

        Another character with the same sound, two in the wrong order, one wrong, one too many or
        one lacking; of letters likewise one. Numbers are what they are: they have none.
        """
        if self.sound:
            yield _phrase([self.sound])
            yield " AND ".join(map(_phrase, dict.fromkeys(self.characters)))
            if len(self.characters) > 2:
                yield _one_left_out(self.characters)
        elif self.one_off:
            yield " OR ".join(_phrase([word]) for word in sorted(self.one_off))


def folded(text: str) -> str:
    """A text in lower case, without apostrophes, full-width letters as plain ones."""
    return _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text)).lower()


def joined_text(text: str) -> str:
    """All tokens of a text in a row: what is left of it without blanks and signs."""
    if text.isalnum():
        plain = unicodedata.normalize("NFKC", text).lower()
        if plain.isalnum():
            return plain
    return "".join(split_query(text))


def plain(text: str) -> str:
    """A name in the form in which names meet however typed: 張偉, 张伟; Müller, muller."""
    return plain_latin(simplify(text))


def split_query(text: str) -> list[str]:
    """The tokens of a query: Chinese characters one by one, words and numbers whole."""
    text = folded(text)
    spaced = "".join(f" {c} " if is_han(c) else c for c in text)
    tokens = _SEPARATORS.sub(" ", spaced).split(" ")
    return [token for token in tokens if any(c.isalnum() for c in token)]


def cleaned(number: str) -> str:
    """A number as search texts have it: letters, digits, and the signs of an e-mail address."""
    return _NOT_KEPT.sub("", number.lower())


def query_of(sought: Sought, terms_of: Callable[[str, bool], str]) -> str | None:
    """A query for all parts of a text: Chinese characters as one phrase, words by their ways.

    `terms_of` writes a token for an index, as a beginning or (True) whole. None for an empty text.
    """
    parts = [_either(sought)] if sought.characters else []
    for word in sought.words:
        whole = sought.short or (word.number and sought.whole)
        ways = [" AND ".join(terms_of(token, whole) for token in way) for way in word.ways]
        parts.append(ways[0] if len(ways) == 1 else f"({' OR '.join(f'({w})' for w in ways)})")
    return " AND ".join(parts) or None


def _either(sought: Sought) -> str:
    """The Chinese characters as they were typed, or simplified, as persons' names are indexed."""
    phrases = [_phrase(characters) for characters in sought.written]
    return f"({' OR '.join(phrases)})" if len(phrases) > 1 else phrases[0]


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, which the index holds by itself."""
    code = ord(character)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x323AF


def one_letter_off(word: str) -> set[str]:
    """All words that differ in one letter: another, one more, one less, or two changed about."""
    found: set[str] = set()
    for at in range(len(word) + 1):
        before, behind = word[:at], word[at:]
        found.update(before + letter + behind for letter in string.ascii_lowercase)
        if behind:
            found.update(before + letter + behind[1:] for letter in string.ascii_lowercase)
            found.add(before + behind[1:])
        if len(behind) > 1:
            found.add(before + behind[1] + behind[0] + behind[2:])
    return found - {word}


def forms_of_number(number: str) -> list[str]:
    """A cleaned number in the forms in which it may have been recorded; its own comes first.

    A Chinese phone with and without the country's code (ITU-T E.164), a resident ID of 18 digits
    and its older form of 15 (GB 11643-1999).
    """
    forms = [number]
    phone = _CHINESE_PHONE.fullmatch(number)
    if phone:
        code, trunk, national = phone.groups()
        if not trunk and _MOBILE.fullmatch(national):
            forms += [national, f"86{national}", f"0086{national}"]
        elif code or trunk:
            forms += [f"0{national}", f"86{national}", f"860{national}", f"0086{national}"]
    if _ID_OF_18.fullmatch(number):
        forms.append(number[:6] + number[8:17])
    elif _ID_OF_15.fullmatch(number):
        (longer,) = standardise_resident_ids(pa.array([number])).field("number").to_pylist()
        forms += [longer.lower()] if longer else []
    return list(dict.fromkeys(forms))


def _grouped(match: re.Match[str]) -> str:
    digits = re.sub("[^0-9]", "", match[0])
    return digits if len(digits) <= _LONGEST_NUMBER else match[0]


def _word(token: str) -> Word:
    number = "@" in token or any(c.isnumeric() for c in token)
    forms = (token,) if number else _spellings(token)
    return Word(tuple((form,) for form in dict.fromkeys(forms)), number)


def _spellings(token: str) -> Iterator[str]:
    """A word, and how else it is written: Müller, Muller, Mueller; Weiß, Weiss.

    Indexes take accents away themselves.
    """
    yield token
    if not token.isascii():
        plain = plain_latin(token)
        if plain != _without_accents(token):
            yield plain
        yield plain_latin(
            "".join(_SPELT_OUT.get(c, c) for c in unicodedata.normalize("NFC", token))
        )
    elif len(token) >= _LETTERS_WITH_SLIPS.start:
        yield _SPELT.sub("", token)


def _number(part: str) -> Word:
    """A part with digits: as it parts into tokens, and as a number in all its forms."""
    own = tuple(split_query(part))
    plain = cleaned(part)
    forms = [(form,) for form in forms_of_number(plain)] if plain else []
    return Word(tuple(dict.fromkeys([*([own] if own else []), *forms])), True)


def _phrase(tokens: list[str] | str) -> str:
    return '"' + " ".join(tokens) + '"'


def _one_left_out(characters: str) -> str:
    """Names that hold all but one of some characters, side by side where they stood so."""
    ways = []
    for at in range(len(characters)):
        around = [part for part in (characters[:at], characters[at + 1 :]) if part]
        ways.append(f"({' AND '.join(map(_phrase, around))})")
    return " OR ".join(ways)


def _without_accents(text: str) -> str:
    return "".join(
        c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn"
    )
