"""Pictures of a neighbourhood: a page for the eyes, GraphML and GEXF for graph tools.

The palette of node types lives here too, for everything that shows nodes in colour.
"""

from graphcrm.picture.palette import ACCENT, NodeStyle, node_style
from graphcrm.picture.write import write_picture

__all__ = ["ACCENT", "NodeStyle", "node_style", "write_picture"]
