"""The snapshot shows what the register holds, however it came to be."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from khotail.register import actions
from khotail.register.models import Household, Person
from khotail.register.statements import state
from khotail.screening import snapshot
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE

DAY = date(2026, 6, 1)
ID = "152221198001010017"


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path


def stated(table, rows, now, as_of=DAY, source="test"):
    state(
        table, pa.Table.from_pylist(rows), as_of=as_of, source=source, batch_id=None, by=None, now=now,
        region_code=BANNER,
    )  # fmt: skip


@pytest.fixture
def two_households(regions, now):
    stated("households", [
        {"household_id": "H1", "region_code": VILLAGE, "household_type": "脱贫户", "household_phone": "13900000001"},
        {"household_id": "H2", "region_code": VILLAGE, "household_type": "普通农户"},
    ], now)  # fmt: skip
    stated("persons", [
        {"household_id": "H1", "person_id": "P1", "name": "甲", "relation": "户主", "id_number": ID},
        {"household_id": "H1", "person_id": "P2", "name": "乙", "relation": "之子"},
        {"household_id": "H2", "person_id": "P3", "name": "丙", "relation": "户主"},
    ], now)  # fmt: skip
    stated("incomes", [
        {"household_id": "H1", "income_year": 2025, "wage_cny": 1000.0},
        {"household_id": "H2", "income_year": 2025, "wage_cny": 2000.0},
    ], now)  # fmt: skip


def rows(table, columns="*", order="1"):
    snapshot.refresh()
    facts = snapshot.facts()
    return facts.connection.execute(f"SELECT {columns} FROM {table} ORDER BY {order}").fetchall()


def test_it_shows_what_was_stated_with_numbers_in_clear(two_households):
    assert rows("households", "household_id, region_code, household_type, household_phone") == [
        ("H1", VILLAGE, "脱贫户", "13900000001"), ("H2", VILLAGE, "普通农户", None),
    ]  # fmt: skip
    assert rows("persons", "person_id, id_number, has_left") == [
        ("P1", ID, False),
        ("P2", None, False),
        ("P3", None, False),
    ]
    assert rows("incomes", "household_id, wage_cny, as_of, source") == [
        ("H1", 1000.0, DAY, "test"), ("H2", 2000.0, DAY, "test"),
    ]  # fmt: skip


def test_columns_that_nobody_stated_are_not_there_so_that_rules_on_them_are_skipped(two_households):
    snapshot.refresh()
    facts = snapshot.facts()
    assert facts.has("persons", "id_number") and not facts.has("persons", "health")
    assert "medical_costs" not in facts.tables


def test_nothing_at_rest_can_be_read_without_the_key(two_households, settings):
    folder = snapshot.refresh()
    files = list(folder.glob("*/*.parquet"))
    assert files
    for path in files:
        content = path.read_bytes()
        assert ID.encode() not in content and "甲".encode() not in content
        with pytest.raises(OSError):
            pq.read_table(path)
    settings.KHOTAIL_DATA_KEY = b"another key of thirty-two bytes!"
    with pytest.raises(duckdb.Error):
        snapshot.facts().connection.execute("SELECT count(name) FROM persons").fetchall()


def test_only_what_was_touched_is_made_anew(two_households, now):
    folder = snapshot.refresh()
    before = {path.name for path in folder.glob("*/*.parquet")}
    stated("incomes", [{"household_id": "H1", "income_year": 2025, "wage_cny": 1500.0}], now, DAY + timedelta(days=1))
    assert rows("incomes", "household_id, wage_cny") == [("H1", 1500.0), ("H2", 2000.0)]
    fresh = [path for path in folder.glob("*/*.parquet") if path.name not in before]
    assert not any(path.parent.name == "persons" for path in fresh)
    again = {path: path.stat().st_mtime_ns for path in folder.glob("*/*.parquet")}
    snapshot.refresh()
    assert again == {path: path.stat().st_mtime_ns for path in folder.glob("*/*.parquet")}


def test_a_late_statement_does_not_overwrite_a_newer_one(two_households, now):
    snapshot.refresh()
    stated("households", [{"household_id": "H1", "region_code": VILLAGE, "household_type": "监测户",
                           "group_name": "东组"}], now, DAY - timedelta(days=30))  # fmt: skip
    assert rows("households", "household_type, group_name")[0] == ("普通农户", None)
    assert rows("households", "household_type, group_name", "household_id")[0] == ("脱贫户", "东组")


def test_moves_leavings_splits_and_merges_show(two_households, officers, now):
    snapshot.refresh()
    by = officers["banner_officer"]
    h1, h2 = Household.objects.get(number="H1"), Household.objects.get(number="H2")
    actions.move_household(h1, to=OTHER_VILLAGE, on=DAY, by=by, now=now)
    assert rows("households", "household_id, region_code") == [("H1", OTHER_VILLAGE), ("H2", VILLAGE)]
    later = now + timedelta(minutes=1)
    son = Person.objects.get(number="P2")
    actions.split_household(h1, members=[son], head=son, on=DAY, by=by, now=later, number="H3")
    assert rows("persons", "household_id, person_id, has_left, relation") == [
        ("H1", "P1", False, "户主"), ("H2", "P3", False, "户主"), ("H3", "P2", False, "户主"),
    ]  # fmt: skip
    later += timedelta(minutes=1)
    h1.refresh_from_db()
    actions.merge_households(h1, into=h2, on=DAY, by=by, now=later)
    assert rows("households", "household_id") == [("H2",), ("H3",)]
    assert rows("incomes", "household_id") == [("H2",)]
    assert ("H2", "P1", False) in rows("persons", "household_id, person_id, has_left")


def test_who_goes_on_in_another_household_is_there_once_with_all_that_is_known(
    two_households, officers, now, settings, tmp_path
):
    stated("work_records", [
        {"household_id": "H1", "person_id": "P2", "record_kind": "外出务工", "work_start_on": DAY, "work_phone": "13900000002"},
    ], now)  # fmt: skip
    snapshot.refresh()
    h1, by = Household.objects.get(number="H1"), officers["banner_officer"]
    son = Person.objects.get(number="P2")
    actions.split_household(h1, members=[son], head=son, on=DAY, by=by, now=now, number="H3")
    worked = [("H3", "P2", DAY, "13900000002")]
    assert rows("work_records", "household_id, person_id, as_of, work_phone") == worked
    settings.KHOTAIL_HOME = tmp_path / "anew"
    assert rows("work_records", "household_id, person_id, as_of, work_phone") == worked
    assert rows("persons", "household_id", "person_id") == [("H1",), ("H3",), ("H2",)]
    settings.KHOTAIL_HOME = tmp_path
    h3 = Household.objects.get(number="H3")
    actions.merge_households(h3, into=h1, on=DAY, by=by, now=now + timedelta(minutes=1))
    assert rows("persons", "household_id, person_id, has_left", "person_id") == [
        ("H1", "P1", False), ("H1", "P2", False), ("H2", "P3", False),
    ]  # fmt: skip
    assert rows("work_records", "household_id, work_phone") == [("H1", "13900000002")]


def test_the_incremental_snapshot_is_what_a_full_one_would_be(two_households, officers, now, settings, tmp_path):
    snapshot.refresh()
    stated("incomes", [{"household_id": "H2", "income_year": 2024, "wage_cny": 1.0}], now)
    actions.record_leaving(
        Person.objects.get(number="P2"), how="died", on=DAY, by=officers["banner_officer"],
        now=now + timedelta(minutes=5),
    )  # fmt: skip
    tables = ("households", "persons", "incomes")
    piecewise = [rows(table, order="ALL") for table in tables]
    settings.KHOTAIL_HOME = tmp_path / "another"
    assert piecewise == [rows(table, order="ALL") for table in tables]


def test_a_refresh_that_was_cut_off_goes_on(two_households, now, monkeypatch):
    monkeypatch.setattr(snapshot, "BLOCK", 1)
    written = []
    real = snapshot._Refresh._write_block

    def dies(self, made, block, chosen):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(block)
        real(self, made, block, chosen)

    monkeypatch.setattr(snapshot._Refresh, "_write_block", dies)
    with pytest.raises(KeyboardInterrupt):
        snapshot.refresh()
    monkeypatch.setattr(snapshot._Refresh, "_write_block", lambda self, *a: (written.append(a[1]), real(self, *a)))
    # What is stated in between is taken in as well.
    stated("incomes", [{"household_id": "H1", "income_year": 2023, "wage_cny": 5.0}], now)
    assert sorted(rows("incomes", "household_id, income_year")) == [("H1", 2023), ("H1", 2025), ("H2", 2025)]
    assert written.count(written[0]) <= 2
