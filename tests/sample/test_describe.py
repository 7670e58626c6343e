"""The page that describes a made-up insurer."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcrm.errors import UsageError
from graphcrm.sample import write_sample
from graphcrm.sample.describe import describe
from graphcrm.words import Language, catalogue


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_chart_has_figures(tmp_path: Path, form: str, lang: Language) -> None:
    write_sample(tmp_path / "book", customers=3_000, seed=4, format=form)  # type: ignore[arg-type]
    html = describe(tmp_path / "book", lang)
    assert html.count("<figure>") == 27
    assert catalogue()["charts.nothing"][lang] not in html
    for key, texts in catalogue().items():
        if key.startswith("describe.chart_"):
            assert texts[lang].replace("'", "&#x27;") in html, key


def test_both_languages_have_every_text() -> None:
    for key, texts in catalogue().items():
        if key.startswith(("describe.", "charts.")):
            assert set(texts) == {"en", "zh"}, key


def test_a_folder_without_a_book_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no sample"):
        describe(tmp_path, "en")
