"""A made-up insurer with known truth: files in the interchange format, and what is really so.

Use `write_sample` to try GraphCRM without anybody's personal data, and to measure what it finds.
"""

from graphcrm.sample.book import SampleReport, write_sample
from graphcrm.sample.shape import SampleShape

__all__ = ["SampleReport", "SampleShape", "write_sample"]
