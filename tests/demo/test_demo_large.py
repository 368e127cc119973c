"""The demo in the large: Parquet facts that `Facts.open` reads, with the schema's types."""

from pathlib import Path

import pytest

from khotail.demo import DemoSet, generate
from khotail.demo.people import FAMILY_NAMES, ID_PREFIX, check_digit
from khotail.facts.schema import TABLES
from khotail.facts.store import Facts


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> DemoSet:
    return generate(tmp_path_factory.mktemp("large"), households=2_000, form="facts")


@pytest.fixture(scope="module")
def facts(large: DemoSet) -> Facts:
    assert large.facts is not None
    return Facts.open(large.facts)


def test_facts_open_reads_what_was_counted(large: DemoSet, facts: Facts) -> None:
    assert {table: facts.count(table) for table in facts.tables} == large.rows
    assert facts.count("households") == 2_000 and facts.count("incomes") == 10_000
    assert facts.count("households", "152221") == 2_000


def test_every_column_has_the_type_of_the_schema(facts: Facts) -> None:
    for table in facts.tables:
        for name, kind, *_ in facts.connection.execute(f"DESCRIBE {table}").fetchall():
            assert kind == TABLES[table].column(name).sql_type, f"{table}.{name}"


def test_every_table_keeps_its_key(facts: Facts) -> None:
    for table in facts.tables:
        key = ", ".join(TABLES[table].key)
        doubled = f"SELECT {key} FROM {table} GROUP BY {key} HAVING count(*) > 1"
        assert facts.connection.execute(doubled).fetchall() == [], table


def test_every_household_has_one_head_and_every_fact_a_household(facts: Facts) -> None:
    heads = "SELECT count(*) FROM persons WHERE relation = '户主'"
    assert facts.connection.execute(heads).fetchall() == [(2_000,)]
    for table in facts.tables:
        lost = f"SELECT count(*) FROM {table} ANTI JOIN households USING (household_id)"
        assert facts.connection.execute(lost).fetchall() == [(0,)], table


def test_nobody_could_be_a_real_person(facts: Facts) -> None:
    people = facts.connection.execute("SELECT name, id_number, birth_date, sex FROM persons").fetchall()
    assert len({number for _, number, _, _ in people}) == len(people)
    for name, number, birth, sex in people:
        assert name[0] in FAMILY_NAMES and number.startswith(ID_PREFIX)
        assert number[17] == check_digit(number[:17]) and number[6:14] == f"{birth:%Y%m%d}"
        assert int(number[16]) % 2 == (sex == "男")


def test_the_same_seed_makes_the_same_rows(large: DemoSet, facts: Facts, tmp_path: Path) -> None:
    again = generate(tmp_path, households=2_000, form="facts")
    assert again.rows == large.rows and again.facts is not None
    for table in facts.tables:
        other = f"SELECT * FROM '{again.facts}/{table}/demo.parquet'"
        assert facts.connection.execute(f"(FROM {table}) EXCEPT ({other})").fetchall() == [], table


def test_more_households_than_a_banner_has_spread_over_the_region(tmp_path: Path) -> None:
    made = generate(tmp_path, households=100_001)
    assert made.facts is not None
    banners = "SELECT count(DISTINCT region_code[:6]) FROM households"
    assert Facts.open(made.facts).connection.execute(banners).fetchall()[0][0] > 90
