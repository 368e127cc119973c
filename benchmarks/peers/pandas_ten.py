"""The ten rules in pandas: `python pandas_ten.py FACTS FINDINGS.parquet`."""

import sys

import pandas as pd

facts, target = sys.argv[1:]
persons = pd.read_parquet(
    f"{facts}/persons",
    columns=["household_id", "person_id", "birth_date", "health", "labour", "resident_medical_insurance", "has_left"],
    dtype_backend="pyarrow",
)
households = pd.read_parquet(f"{facts}/households", dtype_backend="pyarrow").set_index("household_id")
persons = persons[~persons["has_left"].fillna(False)]
born = persons["birth_date"].astype("datetime64[s]")
counted = pd.DataFrame(
    {
        "members": True,
        "disabled": persons["health"] == "残疾",
        "ill": persons["health"].isin(["患有大病", "长期慢性病"]),
        "workers": persons["labour"].isin(["普通劳动力", "技能劳动力"]),
        "elderly": born <= pd.Timestamp(1966, 10, 31),
        "minors": born > pd.Timestamp(2008, 10, 31),
    },
    index=persons.index,
).astype("int64")
members = counted.groupby(persons["household_id"], sort=False).sum()
frame = households.join(members)
income = frame["net_income_cny_per_capita"]
resolved = frame["risk_resolved"].fillna(False)
watched = frame["monitored_type"].notna() & ~resolved
rules = {
    "income-below-line": (income < 6000) & ~watched,
    "resolved-near-line": frame["monitored_type"].notna() & resolved & (income < 9000),
    "unsafe-water": ~frame["safe_water"],
    "dangerous-house": frame["dangerous_house"] & ~watched,
    "no-worker": (frame["members"] > 0) & (frame["workers"] == 0),
    "several-disabled": frame["disabled"] >= 2,
    "illness-and-low-income": (frame["ill"] >= 2) & (income < 12000),
    "elderly-alone": (frame["members"] > 0) & (frame["elderly"] == frame["members"]),
    "many-dependants": (frame["workers"] > 0) & (frame["elderly"] + frame["minors"] >= frame["workers"] * 3),
}
found = [
    pd.DataFrame({"subject_id": frame.index[holds.fillna(False).to_numpy(dtype=bool)], "rule_id": name})
    for name, holds in rules.items()
]
lapsed = persons[~persons["resident_medical_insurance"]]
exited = households.index[households["household_type"] == "脱贫户"]
lapsed = lapsed[lapsed["household_id"].isin(exited)]
found.append(pd.DataFrame({"subject_id": lapsed["person_id"].to_numpy(), "rule_id": "uninsured-member"}))
pd.concat(found).to_parquet(target)
