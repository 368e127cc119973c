"""Small rulebooks with programmes, for tests of entitlement and simulation."""

from __future__ import annotations

from pathlib import Path

from tests.rulebook.books import write_book

PARAMETERS = """
monitoring_line:
  name: {zh: 监测线, en: Line}
  unit: CNY per person per year
  values:
    - {since: 2021-01-01, value: 6000, source: a notice}
"""
INDICATORS = """
- id: members
  name: {zh: 人口数, en: Members}
  level: household
  over: persons
  sql: count(*)
  empty: 0
"""
PROGRAMME = """
- id: {id}
  name: {{zh: 项目, en: Programme}}
  category: 综合保障
  level: {level}
  who: {who}
  amount: "{amount}"
  because: {{zh: "林地 {{forest_mu}} 亩", en: "{{forest_mu}} mu of forest"}}
  mend: {{zh: 申请, en: Apply}}
  pays: {{level: banner, fund: a fund}}
  transition: adjust
  counts_as: {counts_as}
  since: {since}
  source: a law
{more}  examples:
    - {{given: {{}}, on: 2026-01-01, expect: unknown}}
"""


def programme(
    id_: str,
    *,
    who: str = "forest_mu > 0",
    amount: str = "forest_mu * 10",
    level: str = "household",
    since: str = "2021-01-01",
    counts_as: str = "transfer",
    **more: str,
) -> str:
    """One programme in YAML; `more` are further keys as they are written."""
    lines = "".join(f"  {key}: {value}\n" for key, value in more.items())
    return PROGRAMME.format(id=id_, who=who, amount=amount, level=level, since=since, counts_as=counts_as, more=lines)


def write_programmes(folder: Path, *programmes: str) -> Path:
    """Write a rulebook of these programmes and return its folder."""
    write_book(folder, signals="", indicators=INDICATORS, parameters=PARAMETERS)
    (folder / "programmes").mkdir(exist_ok=True)
    (folder / "programmes" / "all.yaml").write_text("".join(programmes), encoding="utf-8")
    return folder
