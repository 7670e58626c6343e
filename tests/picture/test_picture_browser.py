from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from playwright.sync_api import Browser, Page

from graphcrm.picture import node_style, write_picture
from graphcrm.picture.palette import rgb

Graph = nx.MultiDiGraph

ATTACKS = [
    "<img src=x onerror='window.hacked=1'>",
    "</script><script>window.hacked=1</script>",
    "\"'><svg onload=window.hacked=1>",
    "\u2028window.hacked=1//<!--<script>",
    "javascript:window.hacked=1",
    "{{constructor.constructor('window.hacked=1')()}}",
]

COUNT_COLOUR = """([r, g, b]) => {
  const canvas = document.querySelector("#network canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    found += data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255;
  }
  return found;
}"""

PLACE = """(id) => {
  const { network } = window.picture;
  const box = document.getElementById("network").getBoundingClientRect();
  const at = network.canvasToDOM(network.getPositions([id])[id]);
  return [box.left + at.x, box.top + at.y];
}"""


def star(policies: int, names: list[str] | None = None) -> Graph[Any]:
    graph: Graph[Any] = nx.MultiDiGraph(complete=True)
    centre = ("Person", "P0")
    graph.add_node(centre, label="Person", id="P0", hop=0, name="张颖")
    for i in range(policies):
        node = ("Policy", f"POL{i:04}")
        graph.add_node(node, label="Policy", id=node[1], hop=1, premium=1234.5 + i)
        graph.add_edge(centre, node, type="HOLDS")
        graph.add_edge(centre, node, type="INSURED_UNDER")
    for i, name in enumerate(names or []):
        node = ("Agent", f"{name}{i}")
        graph.add_node(node, label="Agent", id=node[1], hop=2, name=name, note=name)
        graph.add_edge(node, ("Policy", "POL0000"), type="SERVES", reason=name)
    return graph


class Sight:
    """A page, with what it asked for and complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._note(message.text))

    def _note(self, text: str) -> None:
        # The test's own reading of pixels is slow, says Chromium.
        if not text.startswith("Canvas2D"):
            self.complaints.append(text)

    def show(self, graph: Graph[Any], path: Path, lang: Any = "en", title: str = "t") -> None:
        write_picture(graph, path, title=title, lang=lang, centre=("Person", "P0"))
        self.page.goto(path.as_uri())
        self.page.wait_for_selector("body[data-ready]", timeout=60_000)

    def pixels(self, label: str) -> int:
        found: int = self.page.evaluate(COUNT_COLOUR, list(rgb(node_style(label).colour)))
        return found

    def point_at(self, node: str) -> None:
        x, y = self.page.evaluate(PLACE, node)
        self.page.mouse.move(x - 3, y)
        self.page.mouse.move(x, y)

    def text(self, selector: str) -> str:
        return self.page.inner_text(selector)


@pytest.fixture
def sight(browser: Browser) -> Iterator[Sight]:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    yield Sight(page)
    page.close()


def test_nodes_are_drawn_and_nothing_is_fetched(sight: Sight, tmp_path: Path) -> None:
    path = tmp_path / "picture.html"
    sight.show(star(5), path)
    assert sight.pixels("Person") > 500
    assert sight.pixels("Policy") > 500
    assert sight.requests == [path.as_uri()]
    assert sight.complaints == []
    assert "6 nodes · 10 edges" in sight.text("#counts")


@pytest.mark.parametrize("policies", [0, 1, 500])
def test_any_size_settles(sight: Sight, tmp_path: Path, policies: int) -> None:
    sight.show(star(policies), tmp_path / "picture.html")
    assert sight.pixels("Person") > 100
    places = "JSON.stringify(window.picture.network.getPositions())"
    before = sight.page.evaluate(places)
    sight.page.wait_for_timeout(200)
    assert sight.page.evaluate(places) == before
    assert sight.complaints == []


def test_names_are_never_run(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(1, ATTACKS), tmp_path / "picture.html", title=" ".join(ATTACKS))
    assert "<img src=x" in sight.text("h1")
    assert sight.page.title().startswith("<img src=x")
    for i, attack in enumerate(ATTACKS):
        node = f"Agent:{attack}{i}"
        shown = attack.replace("\u2028", "")
        sight.page.fill("#search", shown)
        assert shown[:12] in sight.text("#found")
        sight.page.press("#search", "Escape")
        sight.point_at(node)
        sight.page.wait_for_selector("#tip:not([hidden])")
        assert shown in sight.text("#tip")
        x, y = sight.page.evaluate(PLACE, node)
        sight.page.mouse.click(x, y)
        assert shown in sight.text("#details")
        sight.page.keyboard.press("Escape")
    sight.page.wait_for_timeout(100)
    assert sight.page.evaluate("window.hacked") is None
    assert sight.page.locator("img, iframe").count() == 0
    assert sight.complaints == []


def test_the_policy_stops_scripts_that_are_not_the_pages_own(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(1), tmp_path / "picture.html")
    sight.page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.hacked = 1";
          document.body.append(script);
          document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.hacked=1'>");
        }"""
    )
    sight.page.wait_for_timeout(200)
    assert sight.page.evaluate("window.hacked") is None


def test_a_click_on_the_legend_hides_and_shows_a_type(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(4), tmp_path / "picture.html")
    entry = sight.page.locator('#legend button[data-label="Policy"]')
    entry.click()
    assert entry.get_attribute("aria-pressed") == "false"
    assert "4 of 5 nodes hidden" in sight.text("#hidden")
    sight.page.wait_for_timeout(100)
    assert sight.pixels("Policy") == 0
    assert sight.pixels("Person") > 500
    sight.page.click("#show-all")
    sight.page.wait_for_timeout(100)
    assert sight.pixels("Policy") > 500
    assert sight.complaints == []


def test_search_focuses_a_node_even_of_a_hidden_type(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(40), tmp_path / "picture.html", lang="zh")
    sight.page.locator('#legend button[data-label="Policy"]').click()
    sight.page.fill("#search", "pol0017")
    assert sight.page.locator("#found button").count() == 1
    sight.page.press("#search", "Enter")
    sight.page.wait_for_timeout(500)
    assert sight.page.evaluate("window.picture.network.getSelectedNodes()") == ["Policy:POL0017"]
    assert "POL0017" in sight.text("#details")
    assert "1,251.50 CNY" in sight.text("#details")
    x, y = sight.page.evaluate(PLACE, "Policy:POL0017")
    assert abs(x - (304 + 1200) / 2) < 20
    assert abs(y - 400) < 20
    sight.page.fill("#search", "nobody")
    assert "未找到" in sight.text("#found")


def test_an_id_is_copied_with_one_click(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(1), tmp_path / "picture.html")
    sight.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sight.page.click("#to-centre")
    sight.page.click("#details button")
    assert sight.page.evaluate("navigator.clipboard.readText()") == "P0"
    assert "Copied" in sight.text("#details")


def test_tooltip_shows_properties(sight: Sight, tmp_path: Path) -> None:
    sight.show(star(3), tmp_path / "picture.html", lang="zh")
    sight.point_at("Policy:POL0001")
    sight.page.wait_for_selector("#tip:not([hidden])")
    assert "保单" in sight.text("#tip")
    assert "保费" in sight.text("#tip")
    assert "1,235.50 CNY" in sight.text("#tip")


def test_page_says_when_more_was_there(sight: Sight, tmp_path: Path) -> None:
    graph = star(3)
    sight.show(graph, tmp_path / "picture.html")
    assert not sight.page.is_visible("#notice")
    graph.graph["complete"] = False
    sight.show(graph, tmp_path / "picture.html")
    assert "Not everything is shown" in sight.text("#notice")
    assert "busy" not in sight.text("#notice")
    assert "--limit" in sight.text("#notice")


def test_page_says_which_nodes_stand_without_their_neighbours(sight: Sight, tmp_path: Path) -> None:
    graph = star(3)
    graph.graph["hubs"] = 2
    sight.show(graph, tmp_path / "picture.html")
    assert "2 busy nodes" in sight.text("#notice")
    assert "Not everything" not in sight.text("#notice")


def test_an_empty_picture_says_so(sight: Sight, tmp_path: Path) -> None:
    path = tmp_path / "picture.html"
    write_picture(nx.MultiDiGraph(), path, title="t", lang="zh", centre=None)
    sight.page.goto(path.as_uri())
    assert "没有可显示的内容" in sight.text("#progress")
    assert sight.complaints == []
