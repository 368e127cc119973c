"""Small rulebooks for tests, written to a folder."""

from __future__ import annotations

from pathlib import Path

PARAMETERS = """
income_line:
  name: {zh: 收入线, en: Income line}
  unit: CNY per person per year
  values:
    - {since: 2021-01-01, value: 6000, source: a notice}
    - {since: 2023-01-01, value: 7000, source: a notice}
    - {since: 2022-01-01, region: "1522", value: 6500, source: a league notice}
"""

INDICATORS = """
- id: members
  name: {zh: 人口数, en: Members}
  level: household
  over: persons
  sql: count(*)
  empty: 0
- id: income_each
  name: {zh: 人均收入, en: Income per person}
  level: household
  unit: CNY
  sql: wage_income_cny / nullif(members, 0)
"""

SIGNALS = """
- id: low-income
  name: {zh: 收入低, en: Low income}
  level: household
  cause: income
  severity: high
  when: income_each < :income_line
  because: {zh: "人均 {income_each} 元，低于 {:income_line} 元", en: "{income_each} CNY each, below {:income_line} CNY"}
  mend: {zh: 入户核实收入, en: Check the income at home}
  source: a law
  since: 2021-01-01
  examples:
    - {given: {wage_income_cny: 10000, persons: [{}, {}]}, on: 2021-06-01, expect: true}
    - {given: {wage_income_cny: 20000, persons: [{}, {}]}, on: 2021-06-01, expect: false}
"""


def write_book(
    folder: Path,
    *,
    signals: str = SIGNALS,
    indicators: str = INDICATORS,
    parameters: str = PARAMETERS,
    audits: str = "",
    header: str = "id: test\nname: {zh: 测试, en: Test}\n",
) -> Path:
    """Write a rulebook and return its folder."""
    for name, text in {
        "signals/income.yaml": signals,
        "indicators/household.yaml": indicators,
        "parameters/lines.yaml": parameters,
        "audits/records.yaml": audits,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (folder / "book.yaml").write_text(header, encoding="utf-8")
    return folder
