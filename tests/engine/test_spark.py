"""Apache Spark finds what DuckDB finds: expressions, entitlement of a demo banner, its simulations. One session for all."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from khotail.analysis import load_scenario, simulate
from khotail.demo import generate
from khotail.engine import entitle
from khotail.engine.engines import IN_PROCESS, Engine
from khotail.facts.batches import import_files
from khotail.facts.store import Facts
from khotail.rulebook import Rulebook, load_rulebook
from tests.rulebook.programme_books import programme, write_programmes

DAY = date(2026, 10, 31)
CENT = 0.005
#: Compiling the queries takes longer than running them over a few hundred rows.
FOR_SMALL_DATA = {
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData -Xshare:auto",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.parquet.compression.codec": "uncompressed",
}


@pytest.fixture(scope="module")
def spark() -> Iterator[Engine]:
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine")
    pytest.importorskip("pyspark", reason="PySpark is not installed: pip install 'khotail[spark]'")
    from khotail.engine.spark import SparkEngine

    with SparkEngine.local(cores="2", memory="1g", settings=FOR_SMALL_DATA) as engine:
        yield engine


@pytest.fixture(scope="module")
def banner(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """A demo banner as its files leave it: several batches of most tables, dirt and all."""
    folder = tmp_path_factory.mktemp("demo")
    made = generate(folder, households=100)
    import_files(made.files, folder / "facts")
    return Facts.open(folder / "facts")


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load_rulebook("cn_15")


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float) and abs(one) < 1e15:
        return abs(one - other) < CENT
    return bool(one == other) or (one != one and other != other)


def differences(here: duckdb.DuckDBPyRelation, there: duckdb.DuckDBPyRelation) -> list[Any]:
    """Rows that are not the same in both, amounts to the cent. Every row is told apart by its texts."""
    left, right = (sorted(rows.fetchall(), key=lambda row: str([v for v in row if not isinstance(v, float)]))
                   for rows in (here, there))  # fmt: skip
    assert len(left) == len(right)
    return [pair for pair in zip(left, right, strict=True) if not all(map(same, *pair))]


EXPRESSIONS = [
    "datesub('year', birth_date, DATE '2026-02-28')",
    "datesub('year', birth_date, DATE '2024-02-29')",
    "datesub('month', birth_date, DATE '2026-10-31')",
    "datesub('month', birth_date, DATE '2026-11-30')",
    "datesub('day', birth_date, DATE '2026-11-30')",
    "datediff('year', birth_date, DATE '2026-10-31')",
    "date_diff('month', birth_date, DATE '2026-10-31')",
    "date_diff('day', birth_date, DATE '2026-10-31')",
    "CAST(birth_date - INTERVAL 12 MONTH AS DATE)",
    "stated_work_months / 7",
    "stated_work_months / (stated_work_months - 3) > 2",
    "CASE WHEN isfinite(1 / (stated_work_months - 3)) THEN 'number' ELSE 'none' END",
    "round(stated_work_months / 8, 2)",
    "round(stated_work_months * 1.005, 2)",
    "round(-stated_work_months / 2)",
    "stated_work_months * 0.1 * 3",
    "greatest(0, stated_work_months - 5)",
    "least(12, stated_work_months, NULL)",
    "least(stated_work_months)",
    "md5_number_lower(person_id || '|x') % 1000000",
    "health LIKE '%残疾%'",
    "health NOT LIKE '%病%'",
    "regexp_matches(coalesce(health, ''), '^(残|长期)')",
    "regexp_full_match(health, '(残疾|健康)')",
    "coalesce(contains(health, '病'), false)",
    "starts_with(health, '残')",
    "concat_ws(',', health, labour)",
    "concat(health, labour)",
    "health || labour",
    "len(string_split(health, '疾'))",
    "length(health)",
    "substr(health, 2, 1)",
    "left(person_id, 2)",
    "health IS DISTINCT FROM '残疾'",
    "health IN ('残疾') IS TRUE",
    "nullif(stated_work_months, 3)",
    "CAST(has_left AS VARCHAR)",
    "try_cast(health AS INTEGER)",
    "extract(month FROM birth_date)",
]
AGGREGATES = [
    "arg_max(health, (household_id, person_id))",
    "arg_max(health, (household_id, person_id)) FILTER (WHERE NOT has_left)",
    "arg_min(labour, person_id)",
    "count(*) FILTER (WHERE health LIKE '%病%')",
    "coalesce(bool_and(has_left) FILTER (WHERE health = '残疾'), false)",
    "bool_or(has_left)",
    "sum(stated_work_months) / count(*)",
    "max(birth_date)",
    "count(DISTINCT health)",
]


@pytest.fixture(scope="module")
def people() -> Facts:
    """Persons with every kind of value next to none at all."""
    days = [
        None,
        *(date(y, m, d) for y, m, d in ((1964, 2, 29), (1966, 10, 31), (2000, 8, 30), (2024, 2, 28), (2027, 1, 31))),
    ]
    rows = [
        {
            "household_id": f"H{n % 7}",
            "person_id": f"P{n:03}",
            "birth_date": day,
            "health": health,
            "labour": labour,
            "stated_work_months": months,
            "has_left": None if months is None else months > 5,
        }
        for n, (day, health, labour, months) in enumerate(
            product(days, (None, "残疾", "长期慢性病,残疾", "健康"), (None, "普通劳动力"), (None, 0.0, 3.0, 11.5))
        )
    ]
    homes = pa.table({"household_id": [f"H{n}" for n in range(7)], "region_code": ["152221100200"] * 7})
    return Facts.of(households=homes, persons=pa.Table.from_pylist(rows))


@pytest.mark.parametrize(("key", "expressions"), [("person_id", EXPRESSIONS), ("household_id", AGGREGATES)])
def test_an_expression_means_the_same(people: Facts, spark: Engine, key: str, expressions: list[str]) -> None:
    columns = ", ".join(f"{sql} AS value_{n}" for n, sql in enumerate(expressions))
    query = f"SELECT {key}, {columns} FROM persons" + (f" GROUP BY {key}" if key == "household_id" else "")
    here, there = (
        people.connection.execute(f"SELECT * FROM {engine.table(people, 'valued', query)} ORDER BY {key}").fetchall()
        for engine in (IN_PROCESS, spark)
    )
    wrong = {
        f"{sql} of {a[0]}": (a[n], b[n])
        for a, b in zip(here, there, strict=True)
        for n, sql in enumerate(expressions, start=1)
        if not same(a[n], b[n])
    }
    assert wrong == {} and len(here) == len(there) > 5


def test_a_banner_is_entitled_to_the_same(banner: Facts, law: Rulebook, spark: Engine) -> None:
    here, there = (entitle(banner, law, on=DAY, engine=engine) for engine in (IN_PROCESS, spark))
    assert len(here.programmes) > 25 and here.skipped == there.skipped and here.subjects == there.subjects
    assert differences(here.relation, there.relation) == []
    for one, other in zip(here.counts(), there.counts(), strict=True):
        assert all(map(same, vars(one).values(), vars(other).values())), one.programme.id
    assert [row["text"] for row in here.missed_texts("en")] == [row["text"] for row in there.missed_texts("en")]


EVERYTHING_AT_ONCE = """
name: {zh: 一并, en: Everything at once}
adopted: 2026-11-01
ends:
  - {programme: industry-grant, on: 2027-01-01}
tapers:
  - {programme: public-post, on: 2027-01-01, shares: [0.8, 0.5, 0.2, 0], region: "15"}
  - {programme: cropland-award, on: 2027-07-01, shares: [0.5, 0]}
adds:
  - id: fresh
    name: {zh: 新项目, en: Fresh}
    category: 综合保障
    level: household
    who: is_under_watch
    amount: household_size * 500
    because: {zh: 监测对象, en: monitored}
    mend: {zh: 申请, en: Apply}
    pays: {level: banner, fund: a fund}
    transition: new
    counts_as: transfer
    since: 2028-01-01
    source: a draft
shocks:
  - id: dry
    name: {zh: 旱, en: Drought}
    cause: drought
    since: 2027-01-01
    until: 2027-12-31
    share: 0.5
    who: cropland_mu > 0
    factors: {business: 0.1, wage: 0.1, transfer: 0.5, cost: 1.1}
"""


def test_a_simulation_finds_the_same(banner: Facts, law: Rulebook, spark: Engine, tmp_path: Path) -> None:
    (tmp_path / "tried.yaml").write_text(EVERYTHING_AT_ONCE, encoding="utf-8")
    scenario = load_scenario(tmp_path / "tried.yaml", law)
    here, there = (simulate(banner, scenario, on=DAY, years=3, engine=engine) for engine in (IN_PROCESS, spark))
    assert any(year.fall for year in here.years) and any(year.struck for year in here.years)
    for one, other in zip(here.years, there.years, strict=True):
        assert one.lost_cny.keys() == other.lost_cny.keys()
        assert all(same(money, other.lost_cny[id_]) for id_, money in one.lost_cny.items())
        assert all(map(same, list(vars(one).values())[:-1], list(vars(other).values())[:-1]))
    assert differences(here.relation, there.relation) == []
    assert (here.left_out, here.assumed, here.skipped) == (there.left_out, there.assumed, there.skipped)


def test_a_programme_that_fails_on_these_data_is_left_out_alone_there_too(tmp_path: Path, spark: Engine) -> None:
    wrong = programme("b", who="CAST(village_name AS INTEGER) > 0")
    book = load_rulebook(write_programmes(tmp_path, programme("a"), wrong))
    home = {"household_id": ["H0"], "region_code": ["152221100200"], "forest_mu": [5.0], "village_name": ["巴彦嘎查"]}
    found = entitle(Facts.of(households=pa.table(home)), book, on=DAY, engine=spark)
    assert ([p.id for p in found.programmes], [skip.rule_id for skip in found.skipped]) == (["a"], ["b"])
    assert "巴彦" not in found.skipped[0].reason.zh
