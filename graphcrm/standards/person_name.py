"""Names of persons, Chinese and Western."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from graphcrm.standards.characters import HAN, WORD, plain_latin, simplify
from graphcrm.standards.column import blank_to_null, join, over_distinct, split
from graphcrm.standards.pinyin import first_letters, syllables
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import fold, is_masked, is_placeholder

FIELDS = pa.struct(
    [
        ("standard", pa.string()),
        ("script", pa.string()),
        ("surname", pa.string()),
        ("given", pa.string()),
        ("pinyin", pa.string()),
        ("initials", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Arrow type of what `standardise_person_names` returns."""

_SURNAMES = Path(__file__).parent / "data" / "cn_surnames.csv"
_LONGEST = 100  # characters
_LONGEST_CHINESE = 4  # characters of a Chinese name; longer ones are transcriptions of other names

_FILLER = (
    "^(?:测试.*|无名氏?|不知道?|匿名|某+|某先生|某女士|客户|投保人|被保险人|受益人|本人|空白?|暂缺|"
    "test(?: .*)?|testing|no ?name|anonymous|n a|x+|asdf.*|qwert.*|customer|dummy|null|none)$"
)
_MASKED = f"^[{HAN}]?\\*[{HAN}]?$"
# One character over and over: 啊啊啊, zzz.
_REPEATED = re.compile(r"^(\S)\1\1+$", re.M)

_CHINESE_TITLES = (
    "先生|女士|小姐|太太|夫人|老师|医生|大夫|教授|博士|律师|师傅|同志|总经理|经理|主任"
)
_ONLY_TITLES = re.compile(f"^(?:{_CHINESE_TITLES}| )+$", re.M)
_TITLES_AT_END = re.compile(f"(?<=\\S)(?: ?(?:{_CHINESE_TITLES}))+$", re.M)
_TITLES = re.compile(
    r"(?<![^\s])(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|madam|mme|herr|frau|phd|esq|vip[0-9]*)"
    r"(?![^\s])"
)

_TAG = re.compile(r"<[a-z/!][^<>\n]*>|&(?:[a-z]{2,8}|#[0-9]{1,6});", re.I)
_NOTE = re.compile(r"[(\[{【〔〈《「『][^()\[\]{}【】〔〕〈〉《》「」『』\n]*[)\]}】〕〉》」』]")
_ALL_IN_BRACKETS = re.compile(
    r"^[(\[{【〔〈《「『]([^()\[\]{}【】〔〕〈〉《》「」『』\n]*)[)\]}】〕〉》」』]$", re.M
)
_OPEN_NOTE = re.compile(r"(?<=[^\s(\[{【〔〈《「『])[ ]*[(\[{【〔〈《「『].*$", re.M)
_AFTER_DASH = re.compile(f"(?<=[{HAN}][{HAN}]) ?[-‐-―−_|#@~/\\\\、;:].*$", re.M)
_AFTER_SPACED_DASH = re.compile(r"(?<=\S) [-‐-―−|#@~/\\] .*$", re.M)
# Middle dots of minority names in all the forms in which they are typed.
_BETWEEN_HAN = re.compile(f"(?<=[{HAN}])[ .·・•‧∙⋅․。●▪]+(?=[{HAN}])")

_DEGREE = re.compile(r"[, ]+(?:ph\.?d|m\.?d|esq|cpa|mba)\.?$", re.M)
_GENERATIONS = "jr|sr|ii|iii|iv"
_COMMA = re.compile(rf"^([^,\n{HAN}]+),(?! ?(?:{_GENERATIONS})\b)([^,\n{HAN}]+)$", re.M)
# Stands before a surname that came first: what Unicode keeps from ever being a character.
_MARK = "\ufdd0"

_BORDER = re.compile(f"(?<=[{HAN}])(?=[^\n {HAN}])|(?<=[^\n {HAN}])(?=[{HAN}])")
_PARTICLES = "van|von|der|den|de|del|della|di|da|dos|du|la|le|ter|ten|zu|bin|ibn|al|el|st|san"


def standardise_person_names(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each person's name in a form that can be compared, taken apart.

    A struct array of the same length with the fields of `FIELDS`:

    - standard: without titles (先生, Dr.), notes in brackets or after a dash (张伟(配偶),
      王小明-VIP), digits and signs. Chinese: simplified, no spaces and no middle dots. Latin:
      lower case, no accents, apostrophes or dots, 'Smith, John' as 'john smith'. Both: a space
      between. Of several names in one cell (张伟/李四) the first.
    - script: 'han', 'latin', 'mixed', 'other'.
    - surname, given: of a Chinese name of up to 4 characters whose surname is known (the two
      characters of 欧阳 before the one of 欧); of a Latin name the last word with its particles
      (van der berg), or what stood before the comma. Null where it cannot be told.
    - pinyin, initials: 'zhang wei' and 'zw', the surname in its own reading (单 shan).
    - reason: `Reason` code where there is no standard (all else is null then), or null.

    Titles are taken away too where little is left: 张先生 is 张, which tells nothing by itself.

    Raises TypeError for other than text. Sources: data/SOURCES.md (surnames), OpenCC (simplified
    forms), pypinyin (readings).
    """
    return over_distinct(values, _standardise)


def _standardise(folded: pa.Array) -> pa.StructArray:
    marked = _clean(folded)
    standard = fold(pc.replace_substring_regex(marked, f" ?{_MARK} ?", " "))
    letters = pc.match_substring_regex(folded, rf"[\p{{L}}{HAN}]")
    repeated = pc.is_null(split(_REPEATED.sub("", join(standard)), len(standard)))
    filler = pc.or_kleene(
        pc.match_substring_regex(standard, _FILLER),
        pc.or_kleene(
            pc.or_kleene(is_placeholder(folded), is_placeholder(standard)),
            pc.and_(repeated, pc.is_valid(standard)),
        ),
    )
    reason = first_of(
        (pc.greater(pc.utf8_length(folded), _LONGEST), Reason.TOO_LONG),
        (pc.greater(pc.utf8_length(standard), _LONGEST), Reason.TOO_LONG),
        (pc.or_(is_masked(folded), pc.match_substring_regex(folded, _MASKED)), Reason.MASKED),
        (pc.invert(letters), Reason.CHARACTERS),
        (filler, Reason.PLACEHOLDER),
        (pc.and_(pc.is_valid(folded), pc.is_null(standard)), Reason.EMPTY_AFTER_CLEANING),
    )
    standard = pc.if_else(pc.is_null(reason), standard, pa.scalar(None, pa.string()))
    script = _script(standard)
    surname, given = _parts(standard, marked, script)
    spelled = syllables(standard, person=True)
    columns = [standard, script, surname, given, spelled, first_letters(spelled), reason]
    return pa.StructArray.from_arrays(columns, fields=list(FIELDS))


def _clean(folded: pa.Array) -> pa.Array:
    """Return the standards, a surname that stood before a comma marked by `_MARK`."""
    text = plain_latin(_TAG.sub(" ", simplify(join(folded)).replace(_MARK, " ")))
    text = _BETWEEN_HAN.sub("", _without_notes(text))
    text = _AFTER_SPACED_DASH.sub("", _AFTER_DASH.sub("", text))
    text = _COMMA.sub(rf"\2 {_MARK} \1", _DEGREE.sub("", text))
    text = text.replace("'", "").replace("’", "")
    words = pc.replace_substring_regex(split(text, len(folded)), f"[^{WORD}{_MARK} ]+", " ")
    # Numbers tell records apart (张伟2), not persons, and wait to be taken off until signs are.
    text = _BORDER.sub(" ", join(pc.replace_substring_regex(words, r"\p{Nd}+", " ")))
    text = _TITLES.sub("", text)
    text = join(fold(split(text, len(folded))))
    text = _ONLY_TITLES.sub("", _BETWEEN_HAN.sub("", text))
    return fold(split(_TITLES_AT_END.sub("", text), len(folded)))


def _without_notes(text: str) -> str:
    """Return the text without what stands in brackets, or without the brackets if that is all."""
    text = _ALL_IN_BRACKETS.sub(r"\1", text)
    shorter = _NOTE.sub(" ", text)
    while shorter != text:
        text, shorter = shorter, _NOTE.sub(" ", shorter)
    return _OPEN_NOTE.sub("", text)


def _script(standard: pa.Array) -> pa.Array:
    han = pc.match_substring_regex(standard, f"[{HAN}]")
    latin = pc.match_substring_regex(standard, r"\p{Latin}")
    others = pc.match_substring_regex(standard, rf"[^{HAN}\p{{Latin}}\p{{M}}\p{{N}} ]")
    several = pc.or_(pc.and_(han, pc.or_(latin, others)), pc.and_(latin, others))
    kind = pc.if_else(han, "han", pc.if_else(latin, "latin", "other"))
    return pc.if_else(several, "mixed", kind)


def _parts(standard: pa.Array, marked: pa.Array, script: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return surnames and given names."""
    readable = pc.match_substring_regex(standard, rf"^[{HAN}\p{{Latin}}\p{{M}} ]*[{HAN}]")
    only = pc.invert(pc.match_substring_regex(standard, rf"[^{HAN}\p{{Latin}}\p{{M}} ]"))
    chinese = pc.if_else(pc.and_(readable, only), standard, pa.scalar(None, pa.string()))
    # In 张伟 david the Chinese part has the name.
    chinese = pc.replace_substring_regex(chinese, f" ?[^{HAN} ]+ ?", "")
    known = pc.less_equal(pc.utf8_length(chinese), _LONGEST_CHINESE)
    chinese = pc.if_else(known, chinese, pa.scalar(None, pa.string()))
    single, double = _surnames()
    two = pc.utf8_slice_codeunits(chinese, 0, 2)
    one = pc.utf8_slice_codeunits(chinese, 0, 1)
    compound = pc.and_(pc.is_in(two, value_set=double), pc.greater(pc.utf8_length(chinese), 2))
    simple = pc.is_in(one, value_set=single)
    null = pa.scalar(None, pa.string())
    surname = pc.if_else(compound, two, pc.if_else(simple, one, null))
    after = pc.if_else(
        compound, pc.utf8_slice_codeunits(chinese, 2), pc.utf8_slice_codeunits(chinese, 1)
    )
    given = pc.if_else(pc.is_valid(surname), after, null)

    latin = pc.if_else(pc.equal(script, "latin"), marked, null)
    by_comma = pc.match_substring(latin, _MARK)
    pattern = f"^(?P<given>.*?) ?{_MARK} ?(?P<surname>.*)$"
    comma = pc.extract_regex(pc.if_else(by_comma, latin, null), pattern)
    pattern = (
        rf"^(?P<given>(?:\S+ )*?)(?P<surname>(?:(?:{_PARTICLES}) )*\S+)(?: (?:{_GENERATIONS}))?$"
    )
    order = pc.extract_regex(pc.if_else(by_comma, null, latin), pattern)
    for part in (comma, order):
        surname = pc.coalesce(surname, pc.struct_field(part, "surname"))
        given = pc.coalesce(given, pc.utf8_trim(pc.struct_field(part, "given"), " "))
    return blank_to_null(surname), blank_to_null(given)


@cache
def _surnames() -> tuple[pa.Array, pa.Array]:
    """Return the surnames of one and of two characters in simplified form."""
    held = csv.read_csv(_SURNAMES, convert_options=csv.ConvertOptions(include_columns=["surname"]))
    names = sorted(set(simplify("\n".join(held["surname"].to_pylist())).split("\n")))
    single, double = ([name for name in names if len(name) == size] for size in (1, 2))
    return pa.array(single, pa.string()), pa.array(double, pa.string())
