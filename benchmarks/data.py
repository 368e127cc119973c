"""Input of the benchmarks, made once and kept in `benchmarks/data/`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from khotail.demo import generate

DATA = Path(__file__).parent / "data"
AS_OF = date(2026, 10, 31)


def demo_facts(households: int) -> Path:
    """Folder of Parquet facts of the large demo."""
    return (
        _once(f"facts_{households}", lambda folder: generate(folder, households=households, as_of=AS_OF, form="facts"))
        / "facts"
    )


def demo_files(households: int) -> Path:
    """Folder of the demo's workbooks and department lists."""
    return _once(
        f"files_{households}", lambda folder: generate(folder, households=households, as_of=AS_OF, form="files")
    )


def programme_facts(households: int) -> Path:
    """The large demo with forest and income on the register, and lists of benefits, work away and house checks beside it."""
    large = demo_facts(households)
    return _once(f"programmes_{households}", lambda folder: _write_programmes(folder, large))


def narrow_facts(households: int) -> Path:
    """Households with 1 to 5 members, three on average, and no more columns than the ten rules read."""
    return _once(f"narrow_{households}", lambda folder: _write_narrow(folder, households))


def forget(folder: Path) -> None:
    shutil.rmtree(folder)


def _once(name: str, make: Callable[[Path], object]) -> Path:
    folder = DATA / name
    if not (folder / ".complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        (folder / ".complete").touch()
    return folder


def _write_programmes(folder: Path, large: Path) -> None:
    for table in large.iterdir():
        if table.name != "households":
            (folder / table.name).symlink_to(table.resolve())

    def draw(salt: int) -> str:
        return f"(hash({salt}, household_id) % 10007 / 10007.0)"

    provenance = f"DATE '{AS_OF}' AS as_of, 'benchmark' AS source"
    net = "wage_cny + business_cny + property_cny + transfer_cny - cost_cny"
    benefits = (
        ("农村低保", "''", f"monitored_type IS NOT NULL AND {draw(1)} < 0.5", f"round(100 + {draw(2)} * 400)", "NULL"),
        ("耕地地力保护补贴", "''", f"cropland_mu > 0 AND {draw(3)} < 0.9", "NULL", "cropland_mu * 60"),
        ("草原补奖", "''", f"grassland_mu > 0 AND {draw(4)} < 0.9", "NULL", "grassland_mu * 2.5"),
        ("残疾人补贴", "household_id || '01'", f"{draw(5)} < 0.01", "100", "NULL"),
    )
    queries = {
        "households": f"""
            SELECT h.*, round({draw(6)} * 30) AS forest_mu, round(i.net / i.members) AS net_income_cny_per_capita
              FROM read_parquet('{large}/households/*.parquet') AS h
              LEFT JOIN (SELECT household_id, members, {net} AS net FROM read_parquet('{large}/incomes/*.parquet')
                          WHERE income_year = {AS_OF.year}) AS i USING (household_id)
        """,
        "benefits": " UNION ALL ".join(
            f"""
            SELECT household_id, {person} AS person_id, '{name}' AS programme, DATE '2026-03-01' AS paid_from,
                   CAST(NULL AS DATE) AS paid_until, CAST({monthly} AS DOUBLE) AS monthly_cny,
                   CAST({once} AS DOUBLE) AS once_cny, {provenance}
              FROM read_parquet('{large}/households/*.parquet') WHERE {who}
            """
            for name, person, who, monthly, once in benefits
        ),
        "work_records": f"""
            SELECT household_id, household_id || '01' AS person_id, '已外出务工' AS record_kind, true AS is_working,
                   DATE '2026-02-20' AS work_start_on, CAST(NULL AS DATE) AS work_end_on,
                   CASE WHEN {draw(7)} < 0.1 THEN 500.0 END AS travel_subsidy_cny, {provenance}
              FROM read_parquet('{large}/households/*.parquet') WHERE {draw(8)} < 0.3
        """,
        "house_checks": f"""
            SELECT household_id, DATE '2026-05-01' AS checked_on, CASE WHEN {draw(9)} < 0.1 THEN 'C' ELSE 'A' END AS grade,
                   {provenance}
              FROM read_parquet('{large}/households/*.parquet') WHERE {draw(10)} < 0.05
        """,
    }
    _copy(folder, queries)


def _write_narrow(folder: Path, households: int) -> None:
    def draw(salt: int, *keys: str) -> str:
        return f"(hash({salt}, {', '.join(keys)}) % 10007 / 10007.0)"

    provenance = f"DATE '{AS_OF}' AS as_of, 'benchmark' AS source"
    household_id = "'15' || lpad(CAST(n AS VARCHAR), 14, '0')"
    queries = {
        "households": f"""
            SELECT {household_id} AS household_id,
                   '1522' || lpad(CAST(n // 250 % 100000000 AS VARCHAR), 8, '0') AS region_code,
                   CASE WHEN {draw(1, "n")} < 0.25 THEN '脱贫户' ELSE '普通农户' END AS household_type,
                   CASE WHEN {draw(2, "n")} < 0.03 THEN '边缘易致贫户' END AS monitored_type,
                   CASE WHEN {draw(2, "n")} < 0.03 THEN {draw(3, "n")} < 0.6 END AS risk_resolved,
                   round(5400 + 40000 * sqrt({draw(4, "n")} * {draw(5, "n")})) AS net_income_cny_per_capita,
                   {draw(6, "n")} < 0.004 AS dangerous_house, {draw(7, "n")} > 0.006 AS safe_water, {provenance}
              FROM (SELECT range AS n FROM range({households}))
        """,
        "persons": f"""
            SELECT {household_id} AS household_id, {household_id} || '0' || m AS person_id,
                   DATE '2026-10-31' - CAST(CASE WHEN m = 1 THEN 8000 + 16000 * {draw(8, "n", "m")} ELSE 30000 * {draw(8, "n", "m")} END AS INT) AS birth_date,
                   CASE WHEN {draw(9, "n", "m")} > 0.1 THEN '健康' ELSE ['长期慢性病', '患有大病', '残疾'][CAST(hash(9, n, m) % 3 AS INT) + 1] END AS health,
                   CASE WHEN m = 1 AND {draw(13, "n")} < 0.97 THEN '普通劳动力'
                        ELSE ['普通劳动力', '技能劳动力', '弱劳动力或半劳动力', '无劳动力'][CAST(hash(10, n, m) % 4 AS INT) + 1] END AS labour,
                   {draw(11, "n", "m")} < 0.98 AS resident_medical_insurance, {draw(12, "n", "m")} < 0.02 AS has_left,
                   {provenance}
              FROM (SELECT range AS n, unnest(range(1, 2 + range % 5)) AS m FROM range({households}))
        """,
    }
    _copy(folder, queries)


def _copy(folder: Path, queries: dict[str, str]) -> None:
    """Write each table of a folder of facts from its query."""
    connection = duckdb.connect()
    connection.execute(
        f"SET memory_limit = '3GB'; SET enable_progress_bar = false; SET temp_directory = '{folder / '.spill'}'"
    )
    for table, query in queries.items():
        (folder / table).mkdir()
        connection.execute(
            f"COPY ({query}) TO '{folder / table / 'narrow.parquet'}' (FORMAT parquet, COMPRESSION zstd)"
        )
