"""Tables as files, for people (CSV, Excel) and for programs (Parquet, JSON, JSON Lines)."""

from graphcrm.export.table import write_table
from graphcrm.export.whole import replacing

__all__ = ["replacing", "write_table"]
