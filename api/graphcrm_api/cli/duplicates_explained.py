"""Why two records are one customer or not, in words and steps, for the terminal and the page."""

from typing import TYPE_CHECKING, Literal

from graphcrm_api.cli.dedupe_words import bits, chance, said
from graphcrm_api.cli.duplicates_fields import field_words
from graphcrm_api.cli.language import Language, language
from graphcrm_api.cli.waterfall import Agreement, Waterfall

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Explained

Answer = Literal["yes", "no", "in_doubt"]

_SURE = 0.95
"""A probability below it, and above its counterpart, leaves a doubt."""


def answer(found: "Explained") -> Answer:
    """Whether the records are one customer."""
    return "in_doubt" if _in_doubt(found) else "yes" if found.same else "no"


def _in_doubt(found: "Explained") -> bool:
    if found.apart:
        return found.same
    return 1 - _SURE < found.probability < _SURE


def answer_key(found: "Explained") -> str:
    """The key of the answer's sentence; its values are the ids and `figures`."""
    return f"explain_{answer(found)}_{'same' if found.same else 'two'}"


def figures(found: "Explained") -> dict[str, str]:
    """Probability and weight."""
    return {"probability": chance(found.probability), "weight": bits(found.weight)}


def note_key(found: "Explained") -> str | None:
    """The key of a sentence on what the fields of the two alone don't explain, if there is such."""
    if found.apart:
        return "explain_apart_same" if found.same else "explain_apart"
    if found.same and found.probability <= 1 - _SURE:
        return "explain_through_others"
    if not found.same and found.probability >= _SURE:
        return "explain_kept_apart"
    return None


def waterfall(found: "Explained") -> Waterfall:
    """The steps of all fields of which both records have a value."""
    told = [
        Agreement(step.column, step.level, step.left, step.right, step.weight)
        for step in found.steps
        if step.column is not None and step.left is not None and step.right is not None
    ]
    return Waterfall(found.weight, told)


def silent(found: "Explained", lang: Language | None = None) -> str:
    """Which fields one of the records lacks, as a sentence; empty where there is none."""
    lacking = [
        field_words(step.column, lang)
        for step in found.steps
        if step.column is not None and (step.left is None or step.right is None)
    ]
    if not lacking:
        return ""
    joint = "、" if (lang or language()) == "zh" else ", "
    return said("explain_silent", lang, fields=joint.join(lacking))
