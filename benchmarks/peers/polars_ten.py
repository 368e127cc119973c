"""The ten rules in Polars, lazily: `python polars_ten.py FACTS FINDINGS.parquet`."""

import sys
from datetime import date

import polars as pl
from polars import col

facts, target = sys.argv[1:]
present = pl.scan_parquet(f"{facts}/persons/*.parquet").filter(~col("has_left").fill_null(False))
households = pl.scan_parquet(f"{facts}/households/*.parquet")
members = present.group_by("household_id").agg(
    pl.len().cast(pl.Int64).alias("members"),
    (col("health") == "残疾").sum().cast(pl.Int64).alias("disabled"),
    col("health").is_in(["患有大病", "长期慢性病"]).sum().cast(pl.Int64).alias("ill"),
    col("labour").is_in(["普通劳动力", "技能劳动力"]).sum().cast(pl.Int64).alias("workers"),
    (col("birth_date") <= date(1966, 10, 31)).sum().cast(pl.Int64).alias("elderly"),
    (col("birth_date") > date(2008, 10, 31)).sum().cast(pl.Int64).alias("minors"),
)
watched = col("monitored_type").is_not_null() & ~col("risk_resolved").fill_null(False)
income = col("net_income_cny_per_capita")
rules = {
    "income-below-line": (income < 6000) & ~watched,
    "resolved-near-line": col("monitored_type").is_not_null() & col("risk_resolved") & (income < 9000),
    "unsafe-water": ~col("safe_water"),
    "dangerous-house": col("dangerous_house") & ~watched,
    "no-worker": (col("members") > 0) & (col("workers") == 0),
    "several-disabled": col("disabled") >= 2,
    "illness-and-low-income": (col("ill") >= 2) & (income < 12000),
    "elderly-alone": (col("members") > 0) & (col("elderly") == col("members")),
    "many-dependants": (col("workers") > 0) & (col("elderly") + col("minors") >= col("workers") * 3),
}
judged = households.join(members, on="household_id", how="left").select(
    col("household_id").alias("subject_id"), *(rule.fill_null(False).alias(name) for name, rule in rules.items())
)
uninsured = (
    present.filter(~col("resident_medical_insurance"))
    .join(households.filter(col("household_type") == "脱贫户"), on="household_id", how="semi")
    .select(col("person_id").alias("subject_id"), pl.lit("uninsured-member").alias("rule_id"))
)
frames = pl.collect_all([judged, uninsured], engine="streaming")
found = [frames[0].filter(col(name)).select("subject_id", pl.lit(name).alias("rule_id")) for name in rules]
pl.concat([*found, frames[1]]).write_parquet(target)
