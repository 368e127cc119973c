"""A synthetic banner: real townships and villages, invented people, files as they really come.

Names, ID numbers and phones cannot belong to anybody (see `khotail.demo.people`). Up to 100,000 households come as the
five national exports, a village ledger and department lists, dirty as real files are; more come as Parquet facts.
"""

from khotail.demo.demo_set import LARGE, DemoSet, generate

__all__ = ["LARGE", "DemoSet", "generate"]
