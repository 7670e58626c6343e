"""Tables as files, for people (CSV, Excel) and for programs (Parquet, JSON, JSON Lines)."""

from graphcrm.export.guarded_csv import csv_header, csv_lines
from graphcrm.export.table import write_table
from graphcrm.export.whole import replacing

__all__ = ["csv_header", "csv_lines", "replacing", "write_table"]
