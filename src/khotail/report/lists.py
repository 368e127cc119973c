"""The household lists of a page, packed small.

A reason is stored as the number of a pattern and the figures that fill it: `自付 ⟨ ⟩ 元，达到 ⟨ ⟩ 元` is kept once for
the thousands of households it was said of. The whole is JSON, gzipped and base64-coded; the page's script unpacks it
when the first village is opened.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from khotail.report.names import severity_rank
from khotail.report.told import Told
from khotail.rulebook.explain import placeholders

#: Reasons that one page lists; past it the rest stands in the village workbooks only.
REASONS_ON_PAGE = 150_000

_FIGURE = re.compile(r"\d[\d,.]*\d|\d")
_GAP = "\x01"


@dataclass(slots=True)
class HouseholdLists:
    """Reasons by village and household, with the patterns and rules that they share.

    rows    what was said before: rule and the values in its sentence → its row
    """

    rules: dict[str, int] = field(default_factory=dict)
    patterns: dict[tuple[str, str], int] = field(default_factory=dict)
    villages: dict[str, dict[str, list[list[Any]]]] = field(default_factory=dict)
    rows: dict[tuple[str | None, ...], list[Any]] = field(default_factory=dict)
    listed: int = 0
    cut: bool = False

    @classmethod
    def of(cls, reasons: Iterable[Told], limit: int = REASONS_ON_PAGE) -> HouseholdLists:
        lists = cls()
        for reason in reasons:
            if lists.listed == limit:
                lists.cut = True
                break
            lists._add(reason)
        return lists

    def _add(self, reason: Told) -> None:
        said = (reason.rule.id, *(reason.values.get(name) for name in placeholders(reason.rule.because)))
        row = self.rows.get(said)
        if row is None:
            row = self.rows[said] = self._row(reason)
        self.villages.setdefault(reason.region_code, {}).setdefault(reason.household_id, []).append(row)
        self.listed += 1

    def _row(self, reason: Told) -> list[Any]:
        zh, zh_figures = _taken_apart(reason.text("zh"))
        en, en_figures = _taken_apart(reason.text("en"))
        pattern = self.patterns.setdefault((zh, en), len(self.patterns))
        rule = self.rules.setdefault(reason.rule.id, len(self.rules))
        row: list[Any] = [rule, pattern]
        if zh_figures or en_figures:
            row.append("|".join(zh_figures))
        if en_figures != zh_figures:
            row.append("|".join(en_figures))
        return row

    def packed(self, rule_facts: dict[str, dict[str, Any]]) -> str:
        """Base64 of the gzipped JSON; `rule_facts` gives what the page shows of each rule, by id."""
        rules = [{"id": rule_id, **rule_facts.get(rule_id, {})} for rule_id in self.rules]
        ranks = [severity_rank(rule.get("severity")) for rule in rules]

        def urgency(home: tuple[str, list[list[Any]]]) -> tuple[int, int, str]:
            household, rows = home
            return min(ranks[row[0]] for row in rows), -len(rows), household

        villages = {
            code: [
                [household, sorted(rows, key=lambda row: ranks[row[0]])]
                for household, rows in sorted(homes.items(), key=urgency)
            ]
            for code, homes in self.villages.items()
        }
        text = json.dumps(
            {"rules": rules, "patterns": list(self.patterns), "villages": villages},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        return base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()


def _taken_apart(text: str) -> tuple[str, list[str]]:
    text = text.replace(_GAP, "")
    return _FIGURE.sub(_GAP, text), _FIGURE.findall(text)
