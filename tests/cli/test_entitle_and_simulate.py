"""`entitle` and `simulate` from the command line: what they tell, what they write, how they are called wrongly."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.calling import called, files_in
from tests.rulebook.programme_books import programme, write_programmes


@pytest.fixture
def banner(tmp_path: Path) -> Path:
    """A folder of facts: H0 receives what it is entitled to, H1 misses it."""
    own = {"as_of": date(2026, 9, 30), "source": "test"}
    tables = {
        "households": [
            {"household_id": f"H{n}", "region_code": "152221100200", "village_name": "远征村", "forest_mu": 200.0} | own
            for n in range(2)
        ],
        "incomes": [
            {"household_id": f"H{n}", "income_year": 2026, "business_cny": 7_000.0, "members": 1} | own
            for n in range(2)
        ],
        "benefits": [
            {
                "household_id": "H0",
                "person_id": "",
                "programme": "林补",
                "paid_from": date(2026, 1, 1),
                "monthly_cny": 200.0,
            }
            | own
        ],
    }
    for name, rows in tables.items():
        (tmp_path / "facts" / name).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "facts" / name / "test-1.parquet")
    return tmp_path / "facts"


@pytest.fixture
def law(tmp_path: Path) -> Path:
    return write_programmes(tmp_path / "law", programme("a", received_as="{benefits: [林补]}"))


def test_the_missed_are_a_work_list_for_each_village(tmp_path: Path, banner: Path, law: Path) -> None:
    common = ("entitle", "--facts", banner, "--rulebook", law, "--as-of", "2026-10-31")
    lists = [item for name in ("m.csv", "m.xlsx", "m.parquet") for item in ("--out", tmp_path / name)]
    answer = called(*common, *lists, "--workbooks", tmp_path / "villages", "--strict")
    assert answer.code == 1, answer.err
    assert "漏享 1 项，涉及 1 户。" in answer.out
    assert "H1" in (tmp_path / "m.csv").read_text(encoding="utf-8-sig")
    assert "H0" not in (tmp_path / "m.csv").read_text(encoding="utf-8-sig")
    assert [row["missed"] for row in pq.read_table(tmp_path / "m.parquet").sort_by("household_id").to_pylist()] == [
        False,
        True,
    ]
    (village,) = [name for name in files_in(tmp_path / "villages") if name.startswith("152221")]
    rows = list(openpyxl.load_workbook(tmp_path / "villages" / village).active.values)
    assert rows[1][0] == "H1" and rows[1][4] == "林地 200 亩"


def test_a_simulation_is_told_and_written(tmp_path: Path, banner: Path, law: Path) -> None:
    scenario = tmp_path / "end.yaml"
    scenario.write_text(
        "name: {zh: 结束, en: It ends}\nadopted: 2026-06-01\nends: [{programme: a, on: 2027-01-01}]\n", encoding="utf-8"
    )
    common = ("simulate", scenario, "--facts", banner, "--rulebook", law, "--as-of", "2026-10-31")
    answer = called(*common, "--years", "2", "--out", tmp_path / "s.parquet", "--out", tmp_path / "s.xlsx", "--strict")
    assert answer.code == 1, answer.err
    falls = pq.read_table(tmp_path / "s.parquet").to_pylist()
    assert [(row["year"], row["household_id"], row["gap_cny"]) for row in falls] == [
        (2027, "H0", 1_400.0),
        (2028, "H0", 1_400.0),
    ]


def test_a_flawed_scenario_and_an_unknown_one_are_told(tmp_path: Path, banner: Path, law: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "name: {zh: 错, en: W}\nadopted: 2026-06-01\nends: [{programme: b, on: 2027-01-01}]\n", encoding="utf-8"
    )
    common = ("--facts", banner, "--rulebook", law, "--as-of", "2026-10-31")
    answer = called("simulate", wrong, *common)
    assert answer.code == 3 and "wrong.yaml:3 [b] 没有名为“b”的项目" in answer.err
    assert called("simulate", "nowhere", *common).code == 2
    assert called("entitle", *common, "--out", tmp_path / "m.pdf").code == 2


def test_programmes_are_listed_shown_and_tested(law: Path) -> None:
    assert "forest_mu * 10" in called("rulebook", "show", "a", "--rulebook", law).out
    assert "帮扶项目 1" in called("rulebook", "list", "--kind", "programme", "--rulebook", law).out
    assert called("rulebook", "test", "a", "--rulebook", law).code == 1
    assert called("rulebook", "test", "public-post", "--rulebook", "cn_15").code == 0
