"""The whole audit from workbooks: reading and rules apart, and the rules against one Python function per rule and person.

Ten audits are written as Python functions, called for every person, and must find what Khotail finds. The cost of a call
is then taken for every audit that ran, on every subject of its level. Most audits on households count their members,
so a plain function for one of them costs more than a call of the ten: the estimate favours Python.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from benchmarks.data import AS_OF, demo_files
from benchmarks.measure import in_turn
from benchmarks.table import Table, seconds, times
from khotail.engine import Findings, audit
from khotail.facts import read
from khotail.rulebook import load_rulebook

Person = dict[str, Any]

_MALE = {"之子", "儿子", "之女婿", "之孙子", "之外孙子", "之父", "父亲", "之岳父", "之公公", "之祖父", "之兄弟"}
_FEMALE = {"之女", "女儿", "之儿媳", "之孙女", "之外孙女", "之母", "母亲", "之岳母", "之婆婆", "之祖母", "之姐妹"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _exited(person: Person) -> bool:
    return person["household_type"] == "脱贫户" and not person["has_left"]


def no_ethnicity(person: Person) -> bool:
    return _exited(person) and person["ethnicity"] is None


def no_health(person: Person) -> bool:
    return _exited(person) and person["health"] is None


def no_labour(person: Person) -> bool:
    return _exited(person) and person["labour"] is None


def relation_against_sex(person: Person) -> bool:
    relation, sex = person["relation"], person["sex"]
    return _exited(person) and ((relation in _MALE and sex == "女") or (relation in _FEMALE and sex == "男"))


def healthy_without_labour(person: Person) -> bool:
    if not _exited(person) or person["birth_date"] is None:
        return False
    born = person["birth_date"]
    age = AS_OF.year - born.year - ((AS_OF.month, AS_OF.day) < (born.month, born.day))
    in_school = person["school_status"] not in (None, "学龄前儿童", "学前教育")
    return 16 <= age < 60 and person["health"] == "健康" and not in_school and person["labour"] == "丧失劳动力"


def no_serious_illness_insurance_answer(person: Person) -> bool:
    return _exited(person) and person["serious_illness_insurance"] is None


def no_pension_answer(person: Person) -> bool:
    return _exited(person) and person["resident_pension"] is None


def id_shared(person: Person) -> bool:
    return person["id_number"] is not None and not person["has_left"] and person["same_id"] > 1


def id_of_wrong_length(person: Person) -> bool:
    return _exited(person) and person["id_number"] is not None and len(person["id_number"]) not in (18, 20, 22)


def id_checksum_wrong(person: Person) -> bool:
    number = person["id_number"]
    if not _exited(person) or number is None or len(number) != 18:
        return False
    if not number[:17].isdigit():
        return True
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return bool(number[17].upper() != "10X98765432"[total % 11])


FUNCTIONS: dict[str, Callable[[Person], bool]] = {
    "2_01_001": no_ethnicity,
    "2_01_002": no_health,
    "2_01_003": no_labour,
    "2_01_004": relation_against_sex,
    "2_01_005-16": healthy_without_labour,
    "2_01_006": no_serious_illness_insurance_answer,
    "2_01_007": no_pension_answer,
    "1_01_001": id_shared,
    "1_01_002": id_of_wrong_length,
    "1_01_003": id_checksum_wrong,
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
            "a Python call",
            "all audits in Python (estimate)",
            "÷ rules",
        ),
        note="Python: ten audits as functions with the same findings, called for every person; the cost of their calls is "
        "taken for every audit and every subject of its level. The estimate favours Python (see benchmarks/audits.py).",
    )
    for households in sizes or (7_300, 73_000):
        folder = demo_files(households)
        started = time.perf_counter()
        facts = read(*sorted(path for path in folder.rglob("*") if path.suffix in {".xlsx", ".xls", ".csv"}))
        reading = time.perf_counter() - started
        found: list[Findings] = []

        def rules(facts: Any = facts, found: list[Findings] = found) -> None:
            found[:] = [audit(facts, rulebook, as_of=AS_OF)]

        persons = _persons(facts)
        by_function: dict[str, list[str]] = {}

        def functions(persons: list[Person] = persons, by_function: dict[str, list[str]] = by_function) -> None:
            for rule, function in FUNCTIONS.items():
                by_function[rule] = [person["person_id"] for person in persons if function(person)]

        costs = in_turn({"rules": rules, "functions": functions}, runs)
        _compare(found[0], by_function)
        call = costs["functions"].processor / (len(FUNCTIONS) * len(persons))
        calls = sum(found[0].subjects[rule.level] for rule in found[0].ran)
        table.rows.append(
            (f"{len(persons):,}", str(len(found[0].ran)), f"{found[0].count():,}", seconds(reading),
             seconds(costs["rules"].wall), f"{call * 1e9:,.0f} ns", seconds(call * calls),
             times(call * calls / costs["rules"].wall))
        )  # fmt: skip
    return [table]


def _persons(facts: Any) -> list[Person]:
    names = (
        "person_id", "id_number", "sex", "birth_date", "relation", "ethnicity", "school_status", "health", "labour",
        "serious_illness_insurance", "resident_pension", "has_left", "household_type",
    )  # fmt: skip
    rows = facts.connection.execute(
        f"SELECT {', '.join(names)} FROM persons LEFT JOIN households USING (household_id)"
    ).fetchall()
    persons = [dict(zip(names, row, strict=True)) for row in rows]
    shared = Counter(person["id_number"] for person in persons if not person["has_left"])
    for person in persons:
        person["same_id"] = shared[person["id_number"]]
    return persons


def _compare(findings: Findings, by_function: dict[str, list[str]]) -> None:
    """Raise ValueError unless the functions found what the rules found."""
    for rule, subjects in by_function.items():
        own = findings.relation.filter(f"rule_id = '{rule}'").project("subject_id").fetchall()
        if sorted(subject for (subject,) in own) != sorted(subjects):
            raise ValueError(f"{rule}: {len(own)} by the rule, {len(subjects)} by the function")
