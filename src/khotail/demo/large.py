"""The demo in the large: facts straight to Parquet, made by DuckDB from hashes of the household's number.

Ten million households take minutes and little memory: every table is one streaming query over a range of numbers, no
row looks at another. The tables are narrow. Households are spread over the villages of the banner, or over the whole
autonomous region where the banner would overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from khotail.demo.people import FAMILY_NAMES, ID_PREFIX, MEN, WOMEN
from khotail.facts.schema import TABLES
from khotail.facts.sql import quoted

#: more households than this in one village and the four-digit serial overflows
_VILLAGE_CAPACITY = 9_999
_CHECK_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def write_facts(
    folder: Path,
    villages: list[tuple[str, str, str]],
    *,
    households: int,
    seed: int,
    as_of: date,
    memory_limit: str = "3GB",
    progress: Callable[[str, float], None] | None = None,
) -> dict[str, int]:
    """Write FOLDER/<table>/demo.parquet for the narrow tables; returns table → rows.

    villages   (12-digit code, township name, village name), at least households / 9,999 of them
    """
    connection = duckdb.connect(":memory:")
    connection.execute(f"SET memory_limit = '{memory_limit}'")
    connection.execute("SET enable_progress_bar = false")
    spill = folder / ".spill"
    connection.execute(f"SET temp_directory = {quoted(spill)}")
    codes, townships, names = zip(*villages, strict=True)
    connection.register("given_villages", pa.table({"code": codes, "township": townships, "village": names}))
    connection.execute(
        "CREATE TABLE places AS SELECT row_number() OVER (ORDER BY code) - 1 AS place, * FROM given_villages"
    )
    counts: dict[str, int] = {}
    queries = _queries(households, len(villages), seed, as_of)
    for done, (table, query) in enumerate(queries.items()):
        if progress:
            progress(table, done / len(queries))
        target = folder / table
        target.mkdir(parents=True, exist_ok=True)
        path = target / "demo.parquet"
        unfinished = target / "demo.parquet.part"
        connection.execute(
            f"COPY ({query}) TO {quoted(unfinished)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )
        unfinished.replace(path)
        counts[table] = int(connection.execute(f"SELECT count(*) FROM {quoted(path)}").fetchall()[0][0])
    connection.close()
    if progress:
        progress("", 1.0)
    return counts


def fits(households: int, villages: int) -> bool:
    return households <= villages * _VILLAGE_CAPACITY


def _queries(households: int, villages: int, seed: int, as_of: date) -> dict[str, str]:
    """Table → SQL. `n` is the household's number from 0, `m` the member's from 1; `u(k)` a uniform number in [0, 1)."""
    day = f"DATE '{as_of}'"
    provenance = f"{day} AS as_of, '示例数据' AS source"
    first = f"((place * {households} + {villages} - 1) // {villages})"

    def u(salt: int, *keys: str) -> str:
        return f"(hash({seed}, {salt}, {', '.join(keys or ('n',))}) % 1000003 / 1000003.0)"

    numbers = f"(SELECT range AS n, range * {villages} // {households} AS place FROM range({households}))"
    # A trouble draw shared by all tables, so that a household's troubles are few and its township's rate shows.
    hard = f"(0.4 + 1.6 * (hash({seed}, 7, code[:9]) % 1000 / 1000.0))"
    base = f"""
        SELECT n, code, township, village, code || lpad(CAST(n - {first} + 1 AS VARCHAR), 4, '0') AS household_id,
               1 + CAST(floor({u(1)} * {u(2)} * 3.2 + {u(3)} * 2.9) AS INT) AS size,
               {u(4)} < 0.235 AS exited, {u(5)} AS shape, {u(6)} < 0.03 AS monitored, {u(42)} < 0.6 AS resolved,
               CAST(floor({u(8)} / (0.045 * {hard}) * 10) AS INT) AS trouble
          FROM {numbers} JOIN places USING (place)
    """
    members = f"SELECT *, unnest(range(1, size + 1)) AS m FROM ({base})"
    serial = "n * 8 + m"
    prefix = f"'{ID_PREFIX}' || lpad(CAST(({serial}) % 100 AS VARCHAR), 2, '0')"
    # Region suffix and order number visit 49,800 pairs. People who share a pair differ in the day of the year, and
    # after 360 days in the age modulo 5, so that numbers are unique up to eleven million households.
    pair, lap = f"(({serial}) % 49800)", f"(({serial}) // 49800)"
    order = f"2 * (({serial}) // 100 % 498 + 1) + CASE WHEN sex = '男' THEN 1 ELSE 0 END"
    birth_day = f"CAST(({lap} + hash({seed}, 23, {pair}) % 360) % 360 AS INT)"
    age = (
        f"CAST(5 * floor(CASE WHEN m > 2 THEN {u(22, 'n', 'm')} * 5 WHEN shape < 0.03 THEN 12 + {u(20)} * 4 "
        f"ELSE 5 + {u(21)} * 6 END) AS INT) + CAST(({lap} // 360 + hash({seed}, 27, {pair}, birth_day)) % 5 AS INT)"
    )
    digits = " + ".join(f"CAST(first_17[{at}] AS INT) * {weight}" for at, weight in enumerate(_CHECK_WEIGHTS, 1))
    men, women, families = (_sql_list(names) for names in (MEN, WOMEN, FAMILY_NAMES))
    persons = f"""
        WITH aged AS (
            SELECT *, {birth_day} AS birth_day, {age} AS age,
                   CASE WHEN m = 1 THEN '男' WHEN m = 2 THEN '女' WHEN {u(24, "n", "m")} < 0.5 THEN '男' ELSE '女' END AS sex,
                   {u(25, "n", "m")} AS draw
              FROM ({members})
        ), born AS (
            SELECT *, CAST({day} - birth_day - INTERVAL (age) YEAR AS DATE) AS birth_date FROM aged
        ), numbered AS (
            SELECT *, {prefix} || strftime(birth_date, '%Y%m%d') || lpad(CAST({order} AS VARCHAR), 3, '0') AS first_17 FROM born
        )
        SELECT household_id || lpad(CAST(m AS VARCHAR), 2, '0') AS person_id, household_id,
               ({families})[CAST(hash(n) % {len(FAMILY_NAMES)} AS INT) + 1]
               || CASE sex WHEN '男' THEN ({men})[CAST(hash(n, m) % {len(MEN)} AS INT) + 1]
                           ELSE ({women})[CAST(hash(n, m) % {len(WOMEN)} AS INT) + 1] END AS name,
               '居民身份证' AS id_type, first_17 || '10X98765432'[CAST(({digits}) % 11 AS INT) + 1] AS id_number,
               sex, birth_date,
               CASE m WHEN 1 THEN '户主' WHEN 2 THEN '配偶' ELSE CASE sex WHEN '男' THEN '之子' ELSE '之女' END END AS relation,
               CASE WHEN hash(n, 26) % 2 = 0 THEN '蒙古族' ELSE '汉族' END AS ethnicity,
               CASE WHEN age >= 18 THEN '初中' END AS education,
               CASE WHEN age < 3 THEN '学龄前儿童' WHEN age < 6 THEN '学前教育' WHEN age < 12 THEN '小学'
                    WHEN age < 15 THEN ['七年级', '八年级', '九年级'][age - 11]
                    WHEN age < 18 THEN ['普通高中一年级', '普通高中二年级', '普通高中三年级'][age - 14] END AS school_status,
               CASE WHEN draw < 0.07 THEN '长期慢性病' WHEN draw < 0.08 THEN '患有大病' WHEN draw < 0.12 THEN '残疾'
                    ELSE '健康' END AS health,
               CASE WHEN age < 18 OR age >= 75 THEN '无劳动力' WHEN age >= 60 OR draw < 0.12 THEN '弱劳动力或半劳动力'
                    WHEN draw > 0.94 THEN '技能劳动力' ELSE '普通劳动力' END AS labour,
               true AS resident_medical_insurance, false AS employee_medical_insurance, true AS serious_illness_insurance,
               '未享受' AS subsistence_status, '不享受' AS extreme_poverty_status, false AS has_left, {provenance}
          FROM numbered
    """
    latest = as_of.year if (as_of.month, as_of.day) >= (9, 30) else as_of.year - 1
    pay = f"(14500 + 6000 * pow({u(30)} + 0.2, 3) * (1 + {u(31)}))"
    net = (
        f"size * CASE WHEN monitored AND NOT resolved THEN 5500 + 4000 * {u(32)} ELSE {pay} END * pow(0.95, {latest} - income_year)"
        f" * CASE WHEN trouble = 0 AND income_year = {latest} THEN 0.45 ELSE 1 END"
    )
    policy = f"CASE WHEN trouble = 1 AND income_year = {latest} THEN 0.75 WHEN shape < 0.03 THEN 0.25 ELSE 0.07 END"
    incomes = f"""
        SELECT household_id, income_year, round(net * (1 - policy) * 0.5) AS wage_cny,
               round(net * (1 - policy) * 0.75) AS business_cny, round(net * (1 - policy) * 0.02) AS property_cny,
               round(net * policy) AS transfer_cny, round(net * policy) AS policy_transfer_cny,
               round(net * (1 - policy) * 0.27) AS cost_cny, CAST(size AS BIGINT) AS members, {provenance}
          FROM (SELECT *, {net} AS net, {policy} AS policy
                  FROM (SELECT *, unnest(range({latest - 4}, {latest + 1})) AS income_year FROM ({base})))
    """
    head = "household_id || '01'"
    queries = {
        "households": f"""
            SELECT household_id, code AS region_code, township AS township_name, village AS village_name,
                   CASE WHEN exited THEN '脱贫户' ELSE '普通农户' END AS household_type,
                   CASE WHEN monitored THEN CASE WHEN exited THEN '脱贫不稳定户' ELSE '边缘易致贫户' END END AS monitored_type,
                   CAST(size AS BIGINT) AS stated_size,
                   CASE WHEN monitored THEN CAST({day} - CAST(240 + {u(40)} * 1500 AS INT) AS DATE) END AS identified_on,
                   CASE WHEN monitored THEN ['因病', '因残', '因意外事故', '因产业失败'][CAST(floor({u(41)} * 4) AS INT) + 1] END AS risk_1,
                   CASE WHEN monitored THEN resolved END AS risk_resolved,
                   trouble = 2 AS dangerous_house, CASE WHEN trouble = 2 THEN 'C' ELSE 'A' END AS house_grade,
                   round(45 + {u(43)} * 80) AS house_area_m2, NOT (trouble = 3) AS safe_water,
                   round({u(44)} * 80) AS cropland_mu, round(CASE WHEN {u(45)} < 0.25 THEN {u(46)} * 2000 ELSE 0 END) AS grassland_mu,
                   {provenance}
              FROM ({base})
        """,
        "persons": persons,
        "incomes": incomes,
        "medical_costs": f"""
            SELECT household_id, household_id || lpad(CAST(m AS VARCHAR), 2, '0') AS person_id,
                   CAST({day} - CAST({u(50, "n", "m")} * 360 AS INT) AS DATE) AS paid_on, '住院' AS treatment,
                   total AS total_cny, round(total * 0.68) AS reimbursed_cny, total - round(total * 0.68) AS self_paid_cny, {provenance}
              FROM (SELECT *, CASE WHEN trouble = 4 AND m = 1 THEN round(70000 + {u(51)} * 150000)
                                   ELSE round(600 + {u(52, "n", "m")} * 6000) END AS total FROM ({members}))
             WHERE (trouble = 4 AND m = 1) OR {u(53, "n", "m")} < 0.15
        """,
        "disabilities": f"""
            SELECT household_id, {head} AS person_id, CAST({day} - CAST({u(60)} * 150 AS INT) AS DATE) AS certified_on,
                   '肢体' AS disability_kind, CAST(1 + n % 2 AS BIGINT) AS disability_grade, {provenance}
              FROM ({base}) WHERE trouble = 5 AND n % 2 = 0
        """,
        "employment": f"""
            SELECT household_id, {head} AS person_id, CAST({day} - 900 AS DATE) AS spell_start_on,
                   CAST({day} - CAST(5 + {u(61)} * 60 AS INT) AS DATE) AS spell_end_on, '示例公司' AS spell_employer,
                   round(2800 + {u(62)} * 3500) AS spell_monthly_pay_cny, '失业' AS end_reason, {provenance}
              FROM ({base}) WHERE trouble = 6 AND shape >= 0.03
        """,
        "disaster_losses": f"""
            SELECT household_id, CAST({day} - CAST(60 + {u(63)} * 90 AS INT) AS DATE) AS happened_on,
                   ['干旱', '洪涝', '雪灾'][CAST(n % 3 AS INT) + 1] AS disaster, round(15000 + {u(64)} * 50000) AS loss_cny,
                   round({u(65)} * 8000) AS paid_cny, CAST(CASE WHEN n % 3 = 2 THEN 20 ELSE 0 END AS BIGINT) AS animals_lost,
                   CAST(CASE WHEN n % 3 < 2 THEN 20 ELSE 0 END AS DOUBLE) AS crop_damaged_mu, false AS house_damaged, {provenance}
              FROM ({base}) WHERE trouble = 7
        """,
        "incidents": f"""
            SELECT household_id, {head} AS person_id, CAST({day} - CAST(5 + {u(66)} * 120 AS INT) AS DATE) AS occurred_on,
                   ['死亡', '交通事故', '产业失败', '信访'][CAST(floor({u(67)} * 4) AS INT) + 1] AS incident,
                   '示例' AS incident_note, round(20000 + {u(68)} * 40000) AS incident_cost_cny, {provenance}
              FROM ({base}) WHERE trouble = 8
        """,
    }
    assert queries.keys() <= TABLES.keys()
    return queries


def _sql_list(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{name}'" for name in names) + "]"
