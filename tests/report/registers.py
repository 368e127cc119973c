"""A small register and its findings, for the report's tests."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from khotail.engine import Findings, audit, screen
from khotail.facts.store import Facts
from khotail.report import write_report
from khotail.rulebook import Rulebook, load_rulebook
from tests.rulebook.books import write_book

DAY = date(2022, 6, 1)
NOW = datetime(2022, 6, 2, 9, 30)
BANNER = "152221"
VILLAGE = "152221100200"
OTHER_VILLAGE = "152221101200"

AUDITS = """
- id: "2_01_001"
  name: {zh: 姓名与证件, en: Name and ID}
  level: person
  severity: logic
  when: sex IS NULL
  because: {zh: "{name}（{id_number}）未填性别，民族 {ethnicity}", en: "{name} ({id_number}) has no sex, ethnic group {ethnicity}"}
  mend: {zh: 补填性别, en: Fill in the sex}
  field: [sex]
  source: a catalogue
  since: 2021-01-01
  examples:
    - {given: {name: 甲}, on: 2021-06-01, expect: true}
    - {given: {sex: 男}, on: 2021-06-01, expect: false}
- id: "3_01_001"
  name: {zh: 电话漏填, en: No phone}
  level: household
  severity: missing
  when: household_phone IS NULL
  because: {zh: 未填联系电话, en: no phone number}
  mend: {zh: 补填联系电话, en: Fill in the phone number}
  field: [household_phone]
  source: a catalogue
  since: 2021-01-01
  examples:
    - {given: {}, on: 2021-06-01, expect: true}
    - {given: {household_phone: "1"}, on: 2021-06-01, expect: false}
"""


def rulebook(folder: Path) -> Rulebook:
    return load_rulebook(write_book(folder, audits=AUDITS))


def register(
    *households: tuple[str, str, float],
    sex: str | None = None,
    ethnicity: str = "蒙古族",
    name: str = "张小芳",
    phone: str | None = "0482-1",
    village_name: str = "",
) -> Facts:
    """Facts of (household, village code, wage income), each with one member, its head."""
    homes: list[dict[str, Any]] = [
        {
            "household_id": household,
            "region_code": village,
            "wage_income_cny": wage,
            "household_phone": phone,
            "monitored_type": None,
            "village_name": village_name or None,
        }
        for household, village, wage in households
    ]
    persons: list[dict[str, Any]] = [
        {
            "household_id": household,
            "person_id": f"{household}-1",
            "name": name,
            "relation": "户主",
            "sex": sex,
            "ethnicity": ethnicity,
            "id_number": "152221198003071243",
        }
        for household, _, _ in households
    ]
    return Facts.of(
        households=pa.Table.from_pylist(homes, pa.schema([(key, _type(key)) for key in _HOUSEHOLD])),
        persons=pa.Table.from_pylist(persons, pa.schema([(key, pa.string()) for key in _PERSON])),
    )


def found(facts: Facts, book: Rulebook) -> dict[str, Any]:
    """The arguments that both writers take: findings, facts and rulebook."""
    screening: Findings = screen(facts, book, as_of=DAY, region=BANNER)
    audited: Findings = audit(facts, book, as_of=DAY, region=BANNER)
    return {"screening": screening, "audit": audited, "facts": facts, "rulebook": book}


def page(path: Path, **arguments: Any) -> str:
    """Write the report and return its text."""
    given = {"region": BANNER, "as_of": DAY, "generated_at": NOW, **arguments}
    return write_report(path, **given).read_text(encoding="utf-8")


_HOUSEHOLD = ("household_id", "region_code", "wage_income_cny", "household_phone", "monitored_type", "village_name")
_PERSON = ("household_id", "person_id", "name", "relation", "sex", "ethnicity", "id_number")


def _type(column: str) -> pa.DataType:
    return pa.float64() if column.endswith("_cny") else pa.string()
