"""What a run tells about itself: charts and a summary, made from its files alone.

A report reads the run folder and writes into it; it never touches the training.
"""

from zerosum.report.charts import write_charts
from zerosum.report.summary import write_summary

__all__ = ["write_charts", "write_summary"]
