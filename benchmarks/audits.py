"""The whole audit from workbooks: reading, planning and running the rules apart, and the rules against plain Python.

Thirty-four of the audits are also written as Python functions (`benchmarks.audit_functions`), called for every subject
of their level, and must find what Khotail finds. Audits that are not written are taken to cost what the written ones of
their level cost on average. What Python gets for nothing: rows as dicts, households linked to their members, and the
words that say why a finding was made, which Khotail's rules store with each finding.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import Any

from benchmarks.audit_functions import Register, Row, audit_functions
from benchmarks.data import AS_OF, demo_files
from benchmarks.measure import in_turn
from benchmarks.table import Table, seconds, times
from khotail.engine import Findings, audit
from khotail.engine.run import planning_little
from khotail.facts import Facts, read
from khotail.rulebook import Rulebook, load_rulebook
from khotail.rulebook.compile import Compiler
from khotail.rulebook.parameters import Scope

_COLUMNS = {
    "person": "household_id, person_id, id_number, id_type, sex, birth_date, relation, person_phone, ethnicity, school_status, health, "
    "labour, serious_illness_insurance, resident_medical_insurance, employee_medical_insurance, resident_pension, "
    "subsistence_status, extreme_poverty_status, has_left",
    "household": "household_id, household_type, monitored_type, risk_resolved, risk_1, risk_2, risk_3, risk_4, risk_5, whole_household_no_labour, "
    "measure_education, measure_health, measure_social, measure_security, household_phone, cropland_mu, "
    "road_distance_km",
    "work_record": "household_id, person_id, record_kind, is_working, plans_work, monthly_pay_cny, work_start_on, "
    "work_end_on, work_phone, service_need",
}


def run(runs: int, sizes: tuple[int, ...]) -> list[Table]:
    rulebook = load_rulebook("cn_15")
    table = Table(
        "The whole audit, from .xlsx",
        (
            "persons",
            "audits",
            "findings",
            "reading",
            "rules",
            "of it planning",
            "of it execution",
            "Python, a call",
            "Python, all audits",
            "÷ rules",
            "÷ execution",
        ),
        note="Seconds of processor time, medians. Planning: rules to SQL, and DuckDB's parsing and optimizing; it does not "
        "grow with the data. Python: one function per audit and subject; 34 audits are written and timed whole, the others "
        "taken to cost the average of their level (see benchmarks/audits.py).",
    )
    for households in sizes or (7_300, 66_000):
        table.rows.append(_measured(runs, households, rulebook))
    return [table]


def _measured(runs: int, households: int, rulebook: Rulebook) -> tuple[str, ...]:
    started = time.process_time()
    facts = read(
        *sorted(path for path in demo_files(households).rglob("*") if path.suffix in {".xlsx", ".xls", ".csv"})
    )
    reading = time.process_time() - started
    register = _register(facts)
    found: list[Findings] = []
    by_function: dict[str, list[str]] = {}
    spent: dict[str, list[float]] = defaultdict(list)

    def rules() -> None:
        found[:] = [audit(facts, rulebook, as_of=AS_OF)]

    def functions() -> None:
        started = time.process_time()
        levels = audit_functions(register)
        spent["indexes"].append(time.process_time() - started)
        for level, written in levels.items():
            started = time.process_time()
            subjects = getattr(register, level)
            for number, function in written.items():
                by_function[number] = [subject["subject_id"] for subject in subjects if function(subject)]
            spent[level].append(time.process_time() - started)

    costs = in_turn({"rules": rules, "planning": lambda: _plan(facts, rulebook), "functions": functions}, runs)
    _compare(found[0], by_function)
    ran = [rule.level for rule in found[0].ran]
    written = {level: len(functions) for level, functions in audit_functions(register).items()}
    call = {
        level: sorted(spent[level])[runs // 2] / (len(getattr(register, level)) * written[level]) for level in written
    }
    call["village"] = call["household"]
    python = sum(call[level] * found[0].subjects[level] for level in ran) + sorted(spent["indexes"])[runs // 2]
    calls = sum(found[0].subjects[level] for level in ran)
    total, planning = costs["rules"].processor, costs["planning"].processor
    execution = total - planning
    return (
        f"{len(register.person):,}", str(len(ran)), f"{found[0].count():,}", seconds(reading), seconds(total),
        seconds(planning), seconds(execution), f"{python / calls * 1e9:,.0f} ns", seconds(python),
        times(python / total), times(python / execution),
    )  # fmt: skip


def _plan(facts: Facts, rulebook: Rulebook) -> None:
    """All that `audit` does before the first row is looked at."""
    scope = Scope(rulebook, AS_OF, counties=facts.counties)
    compiled = Compiler(scope, facts.tables).compile(rulebook.audits)
    with planning_little(facts.connection):
        for query in compiled.queries:
            facts.connection.execute(f"EXPLAIN {query.sql}")


def _register(facts: Facts) -> Register:
    households = _rows(facts, "household", "households")
    persons = _rows(facts, "person", "persons")
    records = _rows(facts, "work_record", "work_records")
    by_id = {household["household_id"]: household for household in households}
    by_key = {(person["household_id"], person["person_id"]): person for person in persons}
    nobody = dict.fromkeys(_COLUMNS["household"].split(", "))
    for household in households:
        household["members"] = []
        household["risks"] = ",".join(filter(None, (household[f"risk_{number}"] for number in range(1, 6)))) or None
        household["subject_id"] = household["household_id"]
    for person in persons:
        person["household"] = by_id.get(person["household_id"], nobody)
        person["subject_id"] = person["person_id"]
        if person["household"] is not nobody:
            person["household"]["members"].append(person)
    known = [record for record in records if (record["household_id"], record["person_id"]) in by_key]
    for record in known:
        record["person"] = by_key[record["household_id"], record["person_id"]]
        start = record["work_start_on"]
        record["subject_id"] = "|".join((record["person_id"], record["record_kind"], *([str(start)] if start else [])))
    return Register(AS_OF, persons, households, known)


def _rows(facts: Facts, level: str, table: str) -> list[Row]:
    names = _COLUMNS[level].split(", ")
    rows: list[tuple[Any, ...]] = facts.connection.execute(f"SELECT {_COLUMNS[level]} FROM {table}").fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _compare(findings: Findings, by_function: dict[str, list[str]]) -> None:
    """Raise ValueError unless the functions found what the rules found."""
    ran = {rule.id for rule in findings.ran}
    for rule, subjects in by_function.items():
        own = findings.relation.filter(f"rule_id = '{rule}'").project("subject_id").fetchall()
        if rule not in ran or sorted(subject for (subject,) in own) != sorted(subjects):
            raise ValueError(f"{rule}: {len(own)} by the rule, {len(subjects)} by the function")
