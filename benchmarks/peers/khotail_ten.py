"""The ten rules in Khotail: `python khotail_ten.py FACTS FINDINGS.parquet`."""

import sys
from datetime import date
from pathlib import Path

from khotail.engine import screen, write_findings
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook

rulebook = load_rulebook(Path(__file__).parent.parent / "ten_rules")
findings = screen(Facts.open(sys.argv[1]), rulebook, as_of=date(2026, 10, 31))
write_findings(findings, Path(sys.argv[2]))
