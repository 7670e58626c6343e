"""The page: it runs in a browser under its policy, and no value of the data becomes markup."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

import graphcrm
from graphcrm.errors import UsageError
from graphcrm.quality import assess, write_report
from graphcrm.words import catalogue

GraphOf = Callable[..., graphcrm.Graph]

ATTACKS = [
    "<img src=x onerror='window.hacked=1'>",
    "</style><script>window.hacked=1</script>",
    "<svg onload=window.hacked=1>",
    "{{ 7*7 }}{% for x in y %}",
    "&lt;b&gt;",
]


class Sight:
    """The page in a browser, with what it asked for and complained about."""

    def __init__(self, browser: Browser, path: Path) -> None:
        self.page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(path.as_uri())
        assert self.requests == [path.as_uri()]


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_the_sample(
    sample_graph: Any, browser: Browser, tmp_path: Path, lang: Any
) -> None:
    path = tmp_path / "quality.html"
    found = assess(sample_graph.graph.snapshot())
    write_report(found, path, graph="sample", lang=lang)
    sight = Sight(browser, path)
    assert sight.complaints == []
    words = {key: texts[lang] for key, texts in catalogue().items() if key.startswith("quality.")}
    for name in ("picture", "fields", "defaults", "next", "method"):
        assert words[f"quality.section_{name}"] in sight.page.locator("h2").all_inner_texts()
    for chart in sight.page.locator("figure").all():
        assert chart.locator("h3").inner_text()
        assert chart.locator(".unit").inner_text()
        assert chart.locator("table tbody tr").count() > 0
    charts = sight.page.locator("figure").count()
    assert charts == sight.page.locator("figure svg[role=img]").count() >= 6
    records = sum(found.totals["records"].to_pylist())
    assert f"{records:,}" in sight.page.locator("dl").inner_text()
    # The style that the policy names by its digest is in force, and nothing sticks out.
    assert sight.page.evaluate("getComputedStyle(document.querySelector('.h0')).color") != ""
    assert sight.page.evaluate("getComputedStyle(document.body).maxWidth") == "1248px"
    assert sight.page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert sight.page.locator("script").count() == 0


def test_names_never_become_markup(graph_of: GraphOf, browser: Browser, tmp_path: Path) -> None:
    quoted = ['"' + name.replace('"', '""') + '"' for name in ATTACKS]
    branches = [f"D{n},O1,{name}" for n, name in enumerate(quoted)]
    agents = [f"A{n},{name},D{n},active" for n, name in enumerate(quoted)]
    persons = [f"P{n},{ATTACKS[0]},1380,A{n},D{n},2026-01-05" for n in range(len(ATTACKS))]
    persons += [f"Q{n},王{n:03},1370000{n:04},,," for n in range(1_001, 1_021)]  # the average
    graph = graph_of(
        {
            "institutions": f"id,name\nO1,{ATTACKS[0]}",
            "departments": "\n".join(["id,institution_id,name", *branches]),
            "agents": "\n".join(["id,name,branch_id,status", *agents]),
            "persons": "\n".join(
                ["id,name,phone,entered_by,entered_branch_id,created_on", *persons]
            ),
        },
        source=ATTACKS[2],
    )
    path = tmp_path / "quality.html"
    write_report(assess(graph.snapshot()), path, graph=ATTACKS[1], lang="en")
    sight = Sight(browser, path)
    text = sight.page.inner_text("body")
    for name in ATTACKS:
        assert name in sight.page.content().replace("&lt;", "<").replace("&gt;", ">").replace(
            "&amp;", "&"
        )
    assert ATTACKS[1] in text
    assert sight.page.evaluate("window.hacked") is None
    assert sight.page.locator("img, script, svg[onload]").count() == 0
    assert sight.complaints == []


def test_the_policy_stops_what_is_not_the_pages_own(
    sample_graph: Any, browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "quality.html"
    write_report(assess(sample_graph.graph.snapshot()), path, graph="sample", lang="en")
    html = path.read_text(encoding="utf-8")
    added = html.replace("</main>", "<script>window.hacked=1</script></main>")
    path.write_text(added, encoding="utf-8")
    sight = Sight(browser, path)
    assert sight.page.evaluate("window.hacked") is None
    assert sight.complaints != []


def test_shared_personal_values_are_shown_in_part(graph_of: GraphOf, tmp_path: Path) -> None:
    same = [f"S{n},王{n:03},13912345670,1990-01-01" for n in range(30)]
    other = [f"T{n},李{n:03},137{n:08},{1950 + n % 50}-03-{1 + n % 28:02}" for n in range(100)]
    known = ["K1,赵六,13800138000,", "K2,孙八,13800138000,", "K3,周九,13888888888,"]
    text = "\n".join(["id,name,phone,birth_date", *same, *other, *known])
    path = tmp_path / "quality.html"
    write_report(assess(graph_of({"persons": text}).snapshot()), path, graph="g", lang="en")
    html = path.read_text(encoding="utf-8")
    assert "139…5670" in html
    assert "1990-01-01" in html
    assert "13800138000" in html
    assert "13912345670" not in html
    assert "13888888888" not in html
    assert "王000" not in html
    assert "13700000001" not in html


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_nothing(
    graph_of: GraphOf, browser: Browser, tmp_path: Path, lang: Any
) -> None:
    empty, perfect = tmp_path / "empty.html", tmp_path / "perfect.html"
    with graphcrm.connect(tmp_path / "empty.graph") as graph:
        write_report(assess(graph.snapshot()), empty, graph="g", lang=lang)
    assert catalogue()["quality.empty"][lang] in Sight(browser, empty).page.inner_text("main")
    graph = graph_of({"departments": "id,institution_id,name\nD1,O1,杭州分公司",
                      "institutions": "id,name\nO1,华安保险股份有限公司"})  # fmt: skip
    write_report(assess(graph.snapshot(), "Department"), perfect, graph="g", lang=lang)
    sight = Sight(browser, perfect)
    assert catalogue()["quality.next_nothing"][lang] in sight.page.inner_text("main")
    assert sight.complaints == []


def test_a_place_that_can_not_be_written(sample_graph: Any, tmp_path: Path) -> None:
    found = assess(sample_graph.graph.snapshot())
    with pytest.raises(UsageError):
        write_report(found, tmp_path / "none" / "q.html", graph="g", lang="en")
