"""Words and figures of the search for the same customers: roles, levels, probabilities."""

from graphcrm_api.cli.language import Language, catalogue, language


def said(key: str, lang: Language | None = None, /, **values: object) -> str:
    """The words of a key of `graphcrm/words/dedupe.toml`, in a language or that of the user."""
    return catalogue("dedupe")[key][lang or language()].format(**values)


def level_words(level: str, lang: Language | None = None) -> str:
    """How two values agree; two that can't be compared are `missing`."""
    return said("not_comparable" if level == "missing" else f"level_{level}", lang)


def stage_words(stage: str) -> str:
    """What the engine is doing."""
    return said(f"stage_{stage}")


def bits(weight: float) -> str:
    """A weight with its sign, to a tenth of a bit: `+5.3`; what rounds to nothing has none."""
    return f"{weight:+.1f}" if abs(weight) >= 0.05 else "0.0"


def chance(probability: float) -> str:
    """A probability in per cent; what is not quite sure is not rounded to 0 or 100."""
    if probability > 0.9999:
        return "> 99.99%"
    if probability < 0.0001:
        return "< 0.01%"
    digits = 2 if probability > 0.99 or probability < 0.01 else 0
    return f"{100 * probability:.{digits}f}%"
