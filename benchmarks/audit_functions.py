"""Thirty-four audits in plain Python: one function per rule, called with a row as a dict, as a careful programmer writes them.

A person knows its household as `person["household"]`, a household its members as `household["members"]`, a work record
its person as `record["person"]`. Functions test the population first, so that most calls end after one or two look-ups.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

Row = dict[str, Any]

_MALE = {"之子", "儿子", "之女婿", "之孙子", "之外孙子", "之父", "父亲", "之岳父", "之公公", "之祖父", "之兄弟"}
_FEMALE = {"之女", "女儿", "之儿媳", "之孙女", "之外孙女", "之母", "母亲", "之岳母", "之婆婆", "之祖母", "之姐妹"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE_OR_LINE = re.compile(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}")
_SKILLS_SCHOOL = re.compile(r"中职|高职|技师")
_WORKING_AGE = range(16, 60)
_WITHOUT_LABOUR = ("丧失劳动力", "无劳动力")
_WITH_LABOUR = ("普通劳动力", "技能劳动力")
_MEASURES_AGAINST_ILLNESS = ("measure_health", "measure_social", "measure_security")


@dataclass(frozen=True)
class Register:
    """Rows by level, and what rules across households look up in them."""

    as_of: date
    person: list[Row]
    household: list[Row]
    work_record: list[Row]

    def people_by_id(self) -> Counter[str]:
        return Counter(person["id_number"] for person in self.person if not person["has_left"])

    def households_by_phone(self) -> dict[str, set[str]]:
        households: dict[str, set[str]] = defaultdict(set)
        for record in self.work_record:
            if record["work_phone"] is not None and _is_away(record, self.as_of):
                households[record["work_phone"]].add(record["household_id"])
        return households


def audit_functions(register: Register) -> dict[str, dict[str, Callable[[Row], bool]]]:
    """Level → audit number → function. The indexes across households are built here."""
    as_of = register.as_of
    people_by_id = register.people_by_id()
    households_by_phone = register.households_by_phone()

    def healthy_without_labour(person: Row) -> bool:
        return _is_exited(person) and _is_healthy_adult(person, as_of) and person["labour"] == "丧失劳动力"

    def healthy_monitored_with_little_labour(person: Row) -> bool:
        return (
            _is_monitored(person)
            and _is_healthy_adult(person, as_of)
            and person["labour"] in (*_WITHOUT_LABOUR, "弱劳动力或半劳动力")
        )

    def child_with_labour(person: Row) -> bool:
        return (
            _is_exited(person)
            and person["labour"] not in (None, "无劳动力")
            and person["birth_date"] is not None
            and _age(person["birth_date"], as_of) < 16
        )

    def wrong_age_for_primary_school(person: Row) -> bool:
        return (
            _is_exited(person)
            and person["school_status"] == "小学"
            and person["birth_date"] is not None
            and not 6 <= _age(person["birth_date"], as_of) <= 14
        )

    def id_shared(person: Row) -> bool:
        return person["id_number"] is not None and not person["has_left"] and people_by_id[person["id_number"]] > 1

    def monitored_id_shared(person: Row) -> bool:
        return _is_monitored(person) and person["id_number"] is not None and people_by_id[person["id_number"]] > 1

    def phone_shared_by_households(record: Row) -> bool:
        household = record["person"]["household"]
        return (
            (household["household_type"] == "脱贫户" or household["monitored_type"] is not None)
            and not record["person"]["has_left"]
            and record["work_phone"] is not None
            and _is_away(record, as_of)
            and len(households_by_phone[record["work_phone"]]) > 1
        )

    def monitored_pay_out_of_range(record: Row) -> bool:
        pay = record["monthly_pay_cny"]
        return (
            _is_monitored(record["person"]) and _is_away(record, as_of) and pay is not None and not 100 <= pay <= 30_000
        )

    return {
        "person": {
            "2_01_001": no_ethnicity,
            "2_01_002": no_health,
            "2_01_003": no_labour,
            "2_01_004": relation_against_sex,
            "2_01_005-16": healthy_without_labour,
            "2_01_006": no_serious_illness_insurance_answer,
            "2_01_007": no_pension_answer,
            "2_01_008": no_medical_insurance,
            "2_01_011": child_with_labour,
            "5_17_002": wrong_age_for_primary_school,
            "5_12_008": healthy_monitored_with_little_labour,
            "4_12_003": monitored_disabled_without_card,
            "1_01_001": id_shared,
            "1_12_001": monitored_id_shared,
            "1_01_002": id_of_wrong_length,
            "1_01_003": id_checksum_wrong,
        },
        "household": {
            "3_02_011": two_heads,
            "3_02_012": no_head,
            "3_11_001": monitored_without_head,
            "1_02_003": member_without_serious_illness_insurance,
            "5_19_003": no_labour_and_no_allowance,
            "5_11_029": labour_enough_for_the_risk_named,
            "5_11_033": not_named_as_without_labour,
            "5_15_011": vocational_subsidy_without_pupil,
            "2_11_001": disability_risk_without_disabled,
            "5_15_015": illness_risk_without_ill,
            "3_11_003": resolved_illness_without_measure,
            "5_13_003": monitored_phone_wrong,
            "3_02_004": no_cropland_answer,
            "5_14_007": road_too_far,
        },
        "work_record": {
            "5_15_022": phone_shared_by_households,
            "5_16_001": monitored_pay_out_of_range,
            "5_15_008": planned_without_service_need,
            "3_12_001": monitored_without_start,
        },
    }


def no_ethnicity(person: Row) -> bool:
    return _is_exited(person) and person["ethnicity"] is None


def no_health(person: Row) -> bool:
    return _is_exited(person) and person["health"] is None


def no_labour(person: Row) -> bool:
    return _is_exited(person) and person["labour"] is None


def relation_against_sex(person: Row) -> bool:
    if not _is_exited(person):
        return False
    relation, sex = person["relation"], person["sex"]
    return (relation in _MALE and sex == "女") or (relation in _FEMALE and sex == "男")


def no_serious_illness_insurance_answer(person: Row) -> bool:
    return _is_exited(person) and person["serious_illness_insurance"] is None


def no_pension_answer(person: Row) -> bool:
    return _is_exited(person) and person["resident_pension"] is None


def no_medical_insurance(person: Row) -> bool:
    return _is_exited(person) and not person["resident_medical_insurance"] and not person["employee_medical_insurance"]


def monitored_disabled_without_card(person: Row) -> bool:
    return (
        _is_monitored(person)
        and person["health"] is not None
        and "残疾" in person["health"]
        and person["id_type"] != "残疾人证"
    )


def id_of_wrong_length(person: Row) -> bool:
    return _is_exited(person) and person["id_number"] is not None and len(person["id_number"]) not in (18, 20, 22)


def id_checksum_wrong(person: Row) -> bool:
    if not _is_exited(person):
        return False
    number = person["id_number"]
    if number is None or len(number) != 18:
        return False
    if not number[:17].isdigit():
        return True
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return bool(number[17].upper() != "10X98765432"[total % 11])


def two_heads(household: Row) -> bool:
    return household["household_type"] == "脱贫户" and _heads(household) >= 2


def no_head(household: Row) -> bool:
    return household["household_type"] == "脱贫户" and _heads(household) == 0


def monitored_without_head(household: Row) -> bool:
    return household["monitored_type"] is not None and _heads(household) == 0


def member_without_serious_illness_insurance(household: Row) -> bool:
    return (
        household["household_type"] == "脱贫户"
        and household["monitored_type"] is None
        and any(not member["serious_illness_insurance"] for member in _present(household))
    )


def no_labour_and_no_allowance(household: Row) -> bool:
    if household["household_type"] != "脱贫户":
        return False
    members = _present(household)
    return (
        _is_without_labour(members)
        and not any(member["subsistence_status"] in ("农村低保", "城市低保") for member in members)
        and any(member["extreme_poverty_status"] not in ("农村特困", "城市特困") for member in members)
    )


def labour_enough_for_the_risk_named(household: Row) -> bool:
    if not _is_under_watch(household) or "缺劳动力" not in (household["risks"] or ""):
        return False
    members = _present(household)
    return len(members) >= 4 and sum(member["labour"] in _WITH_LABOUR for member in members) > 0.5 * len(members)


def not_named_as_without_labour(household: Row) -> bool:
    return (
        _is_under_watch(household)
        and not household["whole_household_no_labour"]
        and _is_without_labour(_present(household))
    )


def vocational_subsidy_without_pupil(household: Row) -> bool:
    return (
        household["household_type"] == "脱贫户"
        and "雨露" in (household["measure_education"] or "")
        and not any(_SKILLS_SCHOOL.match(member["school_status"] or "") for member in _present(household))
    )


def disability_risk_without_disabled(household: Row) -> bool:
    return (
        household["monitored_type"] is not None
        and "因残" in (household["risks"] or "")
        and not any("残疾" in (member["health"] or "") for member in _present(household))
    )


def illness_risk_without_ill(household: Row) -> bool:
    return (
        _is_under_watch(household)
        and "因病" in (household["risks"] or "")
        and bool(household["members"])
        and not any(
            "大病" in (member["health"] or "") or "慢性病" in (member["health"] or "")
            for member in household["members"]
        )
    )


def resolved_illness_without_measure(household: Row) -> bool:
    return (
        household["monitored_type"] is not None
        and bool(household["risk_resolved"])
        and "因病" in (household["risks"] or "")
        and all(household[measure] is None for measure in _MEASURES_AGAINST_ILLNESS)
    )


def monitored_phone_wrong(household: Row) -> bool:
    if household["monitored_type"] is None:
        return False
    phone = household["household_phone"]
    if phone is None:
        heads = [member["person_phone"] for member in _present(household) if member["relation"] == "户主"]
        phone = min((number for number in heads if number is not None), default=None)
    return phone is None or not _MOBILE_OR_LINE.fullmatch(phone.strip())


def no_cropland_answer(household: Row) -> bool:
    return household["household_type"] == "脱贫户" and household["cropland_mu"] is None


def road_too_far(household: Row) -> bool:
    distance = household["road_distance_km"]
    return household["household_type"] == "脱贫户" and distance is not None and distance > 5


def planned_without_service_need(record: Row) -> bool:
    return (
        _is_exited(record["person"])
        and record["record_kind"] == "计划外出务工"
        and record["plans_work"] is not False
        and record["service_need"] is None
    )


def monitored_without_start(record: Row) -> bool:
    return _is_monitored(record["person"]) and record["record_kind"] == "已外出务工" and record["work_start_on"] is None


def _is_exited(person: Row) -> bool:
    return person["household"]["household_type"] == "脱贫户" and not person["has_left"]


def _is_monitored(person: Row) -> bool:
    return person["household"]["monitored_type"] is not None and not person["has_left"]


def _is_under_watch(household: Row) -> bool:
    return household["monitored_type"] is not None and not household["risk_resolved"]


def _is_healthy_adult(person: Row, as_of: date) -> bool:
    return (
        person["health"] == "健康"
        and person["school_status"] in (None, "学龄前儿童", "学前教育")
        and person["birth_date"] is not None
        and _age(person["birth_date"], as_of) in _WORKING_AGE
    )


def _age(born: date, as_of: date) -> int:
    return as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))


def _is_away(record: Row, as_of: date) -> bool:
    if record["record_kind"] != "已外出务工":
        return False
    if record["is_working"] is not None:
        return bool(record["is_working"])
    return record["work_end_on"] is None or record["work_end_on"] >= as_of


def _present(household: Row) -> list[Row]:
    return [member for member in household["members"] if not member["has_left"]]


def _heads(household: Row) -> int:
    return sum(member["relation"] == "户主" and not member["has_left"] for member in household["members"])


def _is_without_labour(members: Iterable[Row]) -> bool:
    labour = [member["labour"] in _WITHOUT_LABOUR for member in members]
    return bool(labour) and all(labour)
