"""What is made from findings: one page to read, one workbook per village to work with."""

from khotail.report.page import write_report
from khotail.report.workbooks import write_village_workbooks

__all__ = ["write_report", "write_village_workbooks"]
