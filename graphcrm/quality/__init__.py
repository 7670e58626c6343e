"""The quality of the data: what is filled, valid, in form, and what was typed to fill a field.

`quality` and `pending_references` are the short answer, `assess` the long one: by field, source,
branch, agent and month, with the suspicious defaults; `write_report` makes a page of it.
"""

from graphcrm.quality.assessment import Assessment, assess
from graphcrm.quality.breakdown import GROUPS
from graphcrm.quality.fields import pending_references, quality
from graphcrm.quality.report import write_report

__all__ = ["GROUPS", "Assessment", "assess", "pending_references", "quality", "write_report"]
