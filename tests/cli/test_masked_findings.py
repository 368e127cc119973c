"""Findings that quote a person's numbers: hidden in the files that leave the register, unless they are asked for."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.calling import called
from tests.cli.conftest import AS_OF, write_facts
from tests.rulebook.books import write_book

NUMBER, HIDDEN = "152221199001011234", "152221********1234"
AUDIT = """
- id: number-quoted
  name: {zh: 证件号码, en: ID number}
  level: person
  severity: logic
  when: id_number IS NOT NULL
  because: {zh: "证件号码 {id_number}", en: "the ID number {id_number}"}
  mend: {zh: 核对, en: Check it}
  source: a law
  since: 2021-01-01
  examples:
    - {given: {id_number: "1"}, on: 2021-06-01, expect: true}
    - {given: {}, on: 2021-06-01, expect: false}
"""


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_numbers_in_the_files_are_hidden_unless_asked_for(tmp_path: Path, suffix: str) -> None:
    facts = write_facts(tmp_path / "facts", {"15222100001": 1.0})
    people = tmp_path / "facts" / "persons" / "test-1.parquet"
    rows = pq.read_table(people)
    pq.write_table(rows.append_column("id_number", pa.array([NUMBER, None])), people)
    book = write_book(tmp_path / "book", audits=AUDIT)
    common = ("audit", "--facts", facts, "--rulebook", book, "--as-of", AS_OF, "--out")
    for name, options, there, gone in (("a", (), HIDDEN, NUMBER), ("b", ("--unmasked",), NUMBER, HIDDEN)):
        path = tmp_path / f"{name}{suffix}"
        assert called(*common, path, *options).code == 0
        said = _said(path)
        assert there in said and gone not in said
        assert "15222100001" in said, "the household's own number stays"


def _said(path: Path) -> str:
    if path.suffix == ".parquet":
        return str(pq.read_table(path).to_pylist())
    if path.suffix == ".xlsx":
        return str([cell.value for row in openpyxl.load_workbook(path).active for cell in row])
    return path.read_text(encoding="utf-8-sig")
