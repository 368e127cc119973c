"""The public schema of fact tables.

A fact is a dated statement from a named source about a household, a person or a village. Each table below has a key,
and every table also carries `as_of` (DATE, the day the statement holds for) and `source` (TEXT, the batch it came
from); `Facts` keeps the newest row of each key.

Values of coded columns stay as the national register writes them (`残疾`, `普通劳动力`); `codes` gives the known values
with their English names. Units are in the column's `unit`, and in its name where a number could be misread.

Column names are unique across `households`, `persons` and `work_records`, so that a rule on a person can read the
household's columns without a prefix.
"""

from __future__ import annotations

from khotail.facts.schema.codes import HOUSEHOLD_TYPES, MONITORED_TYPES
from khotail.facts.schema.columns import Column, Kind, Table
from khotail.facts.schema.events import (
    BENEFITS,
    DISABILITIES,
    DISASTER_LOSSES,
    EMPLOYMENT,
    HOUSE_CHECKS,
    INCIDENTS_TABLE,
    INCOMES,
    LIVESTOCK,
    MEASURES,
    MEDICAL_COSTS,
    SCHOOLING,
    WATER_CHECKS,
)
from khotail.facts.schema.households import HOUSEHOLDS
from khotail.facts.schema.people import PERSONS, WORK_RECORDS
from khotail.facts.schema.villages import VILLAGES

__all__ = [
    "HOUSEHOLDS",
    "HOUSEHOLD_TYPES",
    "LEVEL_TABLES",
    "MONITORED_TYPES",
    "PERSONS",
    "TABLES",
    "VILLAGES",
    "WORK_RECORDS",
    "Column",
    "Kind",
    "Table",
]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        HOUSEHOLDS,
        PERSONS,
        WORK_RECORDS,
        VILLAGES,
        INCOMES,
        MEDICAL_COSTS,
        SCHOOLING,
        HOUSE_CHECKS,
        WATER_CHECKS,
        DISABILITIES,
        EMPLOYMENT,
        DISASTER_LOSSES,
        LIVESTOCK,
        BENEFITS,
        MEASURES,
        INCIDENTS_TABLE,
    )
}

#: The tables whose rows can be subjects of a rule, by the rule's `level`.
LEVEL_TABLES: dict[str, Table] = {
    "household": HOUSEHOLDS,
    "person": PERSONS,
    "work_record": WORK_RECORDS,
    "village": VILLAGES,
}
