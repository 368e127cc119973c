"""Ten programmes in Khotail: `python khotail_programmes.py FACTS` prints programme → (entitled, CNY a year)."""

import json
import sys
from datetime import date
from pathlib import Path

from khotail.engine import entitle
from khotail.facts.store import Facts
from khotail.rulebook import load_rulebook

book = load_rulebook(Path(__file__).parents[1] / "ten_programmes")
found = entitle(Facts.open(sys.argv[1]), book, on=date(2026, 10, 31))
print(json.dumps({count.programme.id: (count.entitled, count.amount_cny) for count in found.counts()}))
