"""How node types look: one colour, shape and mark for each, the same in every picture and page.

Eighteen hues that everybody can tell apart don't exist, so the shape says the family (party,
business, dealing, identifier), the colour says the type inside of its family, and a mark in the
node says it without any colour. Colours follow Okabe and Ito (2008) and the schemes by Tol (2021);
within a family they stay apart under the three colour-vision deficiencies (`tests/picture`).
"""

from dataclasses import dataclass
from typing import Literal

ACCENT = "#1D4F91"
"""The product's one accent colour: links, focus, the ring around the centre."""

FONTS = (
    'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", sans-serif'
)
"""System fonts with a Chinese fallback, as CSS."""

Shape = Literal["dot", "square", "hexagon", "diamond"]

PARTY: Shape = "dot"
BUSINESS: Shape = "square"
DEALING: Shape = "hexagon"
IDENTIFIER: Shape = "diamond"

_DARK, _WHITE = "#1B2229", "#FFFFFF"


@dataclass(frozen=True)
class NodeStyle:
    """The look of a node type; `ink` is the colour of its mark on `colour`."""

    colour: str
    shape: Shape
    en: str
    zh: str

    @property
    def ink(self) -> str:
        """Black or white, whichever has the higher contrast (WCAG 2.2) on the colour."""
        light = luminance(self.colour)
        white, dark = 1.05 / (light + 0.05), (light + 0.05) / (luminance(_DARK) + 0.05)
        return _WHITE if white > dark else _DARK

    @property
    def border(self) -> str:
        """A darker shade of the colour, so that pale nodes keep an outline."""
        return "#" + "".join(f"{round(part * 0.72):02X}" for part in rgb(self.colour))


_STYLES = {
    "Person": NodeStyle("#0072B2", PARTY, "P", "人"),
    "Institution": NodeStyle("#D55E00", PARTY, "I", "机"),
    "Department": NodeStyle("#E69F00", PARTY, "D", "部"),
    "Agent": NodeStyle("#009E73", PARTY, "A", "代"),
    "Customer": NodeStyle("#F0E442", PARTY, "Cu", "客"),
    "Product": NodeStyle("#88CCEE", BUSINESS, "Pr", "产"),
    "Policy": NodeStyle("#332288", BUSINESS, "Po", "保"),
    "Premium": NodeStyle("#DDCC77", BUSINESS, "Pm", "费"),
    "Claim": NodeStyle("#B01E5B", BUSINESS, "Cl", "赔"),
    "Vehicle": NodeStyle("#44AA99", BUSINESS, "V", "车"),
    "Contact": NodeStyle("#999933", DEALING, "Co", "联"),
    "Service": NodeStyle("#CC79A7", DEALING, "S", "服"),
    "Phone": NodeStyle("#77AADD", IDENTIFIER, "Ph", "电"),
    "Email": NodeStyle("#FFAABB", IDENTIFIER, "E", "邮"),
    "Address": NodeStyle("#BBCC33", IDENTIFIER, "Ad", "址"),
    "Account": NodeStyle("#EEDD88", IDENTIFIER, "Ac", "账"),
    "Document": NodeStyle("#EE8866", IDENTIFIER, "Do", "证"),
    "Line": NodeStyle("#767B85", IDENTIFIER, "L", "险"),
}


def node_style(label: str) -> NodeStyle:
    """The look of a node type; an unknown one is a grey dot with its first letter."""
    return _STYLES.get(label) or NodeStyle("#9AA3AD", PARTY, label[:1], label[:1])


def rgb(colour: str) -> tuple[int, int, int]:
    """Red, green and blue (0 to 255) of a colour such as #0072B2."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def luminance(colour: str) -> float:
    """Relative luminance, 0 (black) to 1 (white), as WCAG 2.2 defines it."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in rgb(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
