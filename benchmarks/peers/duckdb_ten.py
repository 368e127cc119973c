"""The ten rules by hand in DuckDB: `python duckdb_ten.py FACTS FINDINGS.parquet`."""

import sys

import duckdb

facts, target = sys.argv[1:]
connection = duckdb.connect()
connection.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
connection.execute(f"""
    COPY (
        WITH member AS (
            SELECT household_id, count(*) AS members,
                   count(*) FILTER (WHERE health = '残疾') AS disabled,
                   count(*) FILTER (WHERE health IN ('患有大病', '长期慢性病')) AS ill,
                   count(*) FILTER (WHERE labour IN ('普通劳动力', '技能劳动力')) AS workers,
                   count(*) FILTER (WHERE birth_date <= DATE '1966-10-31') AS elderly,
                   count(*) FILTER (WHERE birth_date > DATE '2008-10-31') AS minors
              FROM read_parquet('{facts}/persons/*.parquet')
             WHERE NOT coalesce(has_left, false)
             GROUP BY household_id
        ),
        household AS (
            SELECT *, monitored_type IS NOT NULL AND NOT coalesce(risk_resolved, false) AS watched,
                   net_income_cny_per_capita AS income
              FROM read_parquet('{facts}/households/*.parquet') LEFT JOIN member USING (household_id)
        )
        SELECT household_id AS subject_id, unnest(list_filter([
                   CASE WHEN income < 6000 AND NOT watched THEN 'income-below-line' END,
                   CASE WHEN monitored_type IS NOT NULL AND risk_resolved AND income < 9000 THEN 'resolved-near-line' END,
                   CASE WHEN NOT safe_water THEN 'unsafe-water' END,
                   CASE WHEN dangerous_house AND NOT watched THEN 'dangerous-house' END,
                   CASE WHEN members > 0 AND workers = 0 THEN 'no-worker' END,
                   CASE WHEN disabled >= 2 THEN 'several-disabled' END,
                   CASE WHEN ill >= 2 AND income < 12000 THEN 'illness-and-low-income' END,
                   CASE WHEN members > 0 AND elderly = members THEN 'elderly-alone' END,
                   CASE WHEN workers > 0 AND elderly + minors >= workers * 3 THEN 'many-dependants' END
               ], lambda rule: rule IS NOT NULL)) AS rule_id
          FROM household
        UNION ALL
        SELECT person_id, 'uninsured-member'
          FROM read_parquet('{facts}/persons/*.parquet')
          JOIN read_parquet('{facts}/households/*.parquet') USING (household_id)
         WHERE NOT coalesce(has_left, false) AND household_type = '脱贫户' AND NOT resident_medical_insurance
    ) TO '{target}' (FORMAT parquet, COMPRESSION zstd)
""")
