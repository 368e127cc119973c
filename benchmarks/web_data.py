"""A banner with many households, put straight into an empty database: what `benchmarks.web` serves.

The rows are what importing, screening and casework would have left, written without them: COPY into PostgreSQL,
executemany into SQLite, with the indexes built afterwards. Nobody in it can exist (`khotail.demo.people`).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.casework.procedures import procedure_for, rulebook
from khotail.demo.people import FAMILY_NAMES, MEN, WOMEN, check_digit
from khotail.register.models import Region
from khotail.register.names import initials_of
from khotail.register.regions import load_regions
from khotail.register.sealed import id_digest, phone_digest, seal

BANNER = "152221"
MEMBERS = 3
#: Of a million households; other sizes have them in proportion.
CASES, LEADS, SIGNALS, PROBLEMS = 20_000, 40_000, 200_000, 300_000
OFFICERS_PER_LEVEL = 40
_HOUSEHOLD_TYPES = ("一般农户",) * 8 + ("脱贫户",) * 2
_CATEGORIES = ("脱贫不稳定户", "边缘易致贫户", "突发严重困难户")
_CAUSES = ("illness", "disaster", "schooling", "disability", "employment")

Rows = Iterator[tuple[Any, ...]]


class Banner:
    """The rows, table by table. Each household has a number from 0; its key in the database is one more."""

    def __init__(self, households: int, now: datetime) -> None:
        self.households = households
        self.now, self.today = now, timezone.localdate(now)
        self.at = str(now)
        self.villages = list(
            Region.objects.filter(level="village", code__startswith=BANNER)
            .order_by("code")
            .values_list("code", flat=True)
        )
        dice = random.Random(1)
        self.names = [family + given for family in FAMILY_NAMES for given in (*MEN, *WOMEN)]
        self.initials = [initials_of(name) for name in self.names]
        self.home_facts = [json.dumps(_home_facts(dice), ensure_ascii=False) for _ in range(500)]
        self.incomes = [json.dumps(_income(dice, self.today.year - 1), ensure_ascii=False) for _ in range(500)]

    def village(self, n: int) -> str:
        return self.villages[n * len(self.villages) // self.households]

    def _day(self, from_today: int) -> str:
        return str(self.today + timedelta(days=from_today))

    def of_million(self, number: int) -> int:
        return max(1, number * self.households // 1_000_000)

    def household_rows(self) -> Rows:
        for n in range(self.households):
            category = _CATEGORIES[n % 3] if n % 50 == 0 else ""
            yield (
                n + 1, number_of(n), self.village(n), self.names[n % len(self.names)], _HOUSEHOLD_TYPES[n % 10],
                category, False, MEMBERS, f"{6000 + n * 37 % 20000}.00", self.today.year - 1, "", "", None, "", self.at,
                None, None,
            )  # fmt: skip

    def person_rows(self) -> Rows:
        """ID numbers and phones are really sealed, as the pages open them."""
        for n in range(self.households):
            village = self.village(n)
            for m in range(MEMBERS):
                pk, name = n * MEMBERS + m + 1, (n * 7 + m * 53) % len(self.names) if m else n % len(self.names)
                number, phone = id_of(pk), phone_of(pk) if m == 0 else ""
                birth = number[6:14]
                yield (
                    pk, village, f"{number_of(n)}{m + 1:02d}", self.names[name], self.initials[name], "男女"[m % 2],
                    f"{birth[:4]}-{birth[4:6]}-{birth[6:]}", ("户主", "配偶", "之子")[m], seal(number),
                    id_digest(number), seal(phone), phone_digest(phone), None, None, "", self.at, n + 1,
                )  # fmt: skip

    def statement_rows(self) -> Rows:
        """Of each household what the register states of it, of its members and of one year's income."""
        pk = 0
        day = self.today.isoformat()
        for n in range(self.households):
            village, home = self.village(n), n + 1
            said = [("households", "", self.home_facts[n % 500], None)]
            said.append(("incomes", str(self.today.year - 1), self.incomes[n % 500], None))
            for m in range(MEMBERS):
                person = n * MEMBERS + m
                said.append(("persons", "", _PERSON_FACTS[person % len(_PERSON_FACTS)], person + 1))
            for table, key, values, person in said:
                pk += 1
                yield (
                    pk, table, village, key, values, day, "benchmark", None, self.at, f"{pk:032x}", home, person, None,
                )  # fmt: skip

    def finding_rows(self) -> Rows:
        """Warnings of every fifth household and problems of every third, as far as there are so many; a tenth has ended."""
        pk, since = 0, self.today - timedelta(days=200)
        for kind, rules, count, run in (
            ("signal", rulebook().signals, self.of_million(SIGNALS), 1),
            ("audit", rulebook().audits, self.of_million(PROBLEMS), 2),
        ):
            for k in range(count):
                pk += 1
                n = k * self.households // count
                rule = rules[k % len(rules)]
                ended = str(self.today) if k % 10 == 0 else None
                yield (
                    pk, kind, self.village(n), "household", number_of(n), rule.id, ("high", "medium", "low")[k % 3],
                    _CAUSES[k % 5] if kind == "signal" else "", "{}", "", str(since + timedelta(days=k % 190)), ended, n + 1, run,
                    None if ended is None else run,
                )  # fmt: skip

    def case_rows(self) -> Rows:
        procedure = procedure_for("identification", self.today, BANNER)
        for k in range(self.of_million(CASES)):
            n = self.case_household(k)
            state = ("deciding", "helped", "helped", "exited")[k % 4]
            identified = None if state == "deciding" else self._day(-100)
            yield (
                k + 1, self.village(n), procedure.key, state, "" if state == "deciding" else "marginal",
                json.dumps([_CAUSES[k % 5]]), self._day(-120), identified,
                self._day(0) if state == "exited" else None, "", None, n + 1, None, None,
            )  # fmt: skip

    def case_household(self, k: int) -> int:
        return k * self.households // self.of_million(CASES)

    def step_rows(self) -> Rows:
        """Each case has gone through some of the steps; three of four wait for one."""
        procedure = procedure_for("identification", self.today, BANNER)
        follow_up = procedure_for("follow_up", self.today, BANNER)
        pk = 0
        for k in range(self.of_million(CASES)):
            n, state = self.case_household(k), ("deciding", "helped", "helped", "exited")[k % 4]
            gone = k // 4 % len(procedure.steps) if state == "deciding" else len(procedure.steps)
            steps = [(procedure, spec, True) for spec in procedure.steps[:gone]]
            if state == "deciding":
                steps.append((procedure, procedure.steps[gone], False))
            elif state == "helped":
                steps.append((follow_up, follow_up.steps[0], False))
            for of, spec, closed in steps:
                pk += 1
                opened = str(self.now - timedelta(days=20))
                yield (
                    pk, self.village(n), of.key, spec.id, spec.level, opened, self._day(k % 17 - 3),
                    None, "", "{}", spec.outcomes[0].id if closed else "", "", opened if closed else None, k + 1,
                    None, n + 1, None,
                )  # fmt: skip

    def lead_rows(self) -> Rows:
        count = self.of_million(LEADS)
        for k in range(count):
            n = k * self.households // count
            yield (
                k + 1, self.village(n), "screening", json.dumps([_CAUSES[k % 5]]), "", "", False,
                str(self.now - timedelta(days=k % 80)), self._day(k % 23 - 4), "",
                ("open", "dismissed")[k % 2], None, "", None, None, None, n + 1, None,
            )  # fmt: skip


def number_of(n: int) -> str:
    return f"{BANNER}{n:012d}"


def id_of(person: int) -> str:
    """An ID number that no one can have, of the person with this key."""
    first_17 = f"1599{person // 9_000_000 % 100:02d}{1940 + person % 80}{1 + person // 80 % 12:02d}{1 + person // 960 % 28:02d}"
    first_17 += f"{person // 26_880 % 1000:03d}"
    return first_17 + check_digit(first_17)


def phone_of(person: int) -> str:
    return f"154{person:08d}"


def fill(households: int, now: datetime) -> None:
    """Fill the database that the settings name; its tables are there and empty."""
    load_regions(BANNER)
    _officers()
    banner = Banner(households, now)
    for run, kind in ((1, "signal"), (2, "audit")):
        pour("screening_run", "id kind region_code as_of rulebook rulebook_digest started_at finished_at counts",
              iter([(run, kind, BANNER, str(banner.today), "cn_15", "0" * 64, banner.at, banner.at, "{}")]))  # fmt: skip
    for table, columns, rows in (
        ("register_household", _HOUSEHOLD, banner.household_rows()),
        ("register_person", _PERSON, banner.person_rows()),
        ("register_statement", _STATEMENT, banner.statement_rows()),
        ("screening_finding", _FINDING, banner.finding_rows()),
        ("casework_case", _CASE, banner.case_rows()),
        ("casework_step", _STEP, banner.step_rows()),
        ("casework_lead", _LEAD, banner.lead_rows()),
    ):
        indexes = take_indexes(table)
        pour(table, columns, rows)
        with connection.cursor() as cursor:
            for statement in indexes:
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _officers() -> None:
    """As many officers of the banner, of townships and of villages; everybody has a second factor."""
    from allauth.mfa.models import Authenticator

    places = {
        level: list(Region.objects.filter(level=level, code__startswith=BANNER).values_list("code", flat=True))
        for level in ("banner", "township", "village")
    }
    roles = {"banner": Role.OFFICER, "township": Role.OFFICER, "village": Role.VILLAGE_CADRE}
    for level, codes in places.items():
        for n in range(OFFICERS_PER_LEVEL):
            officer = Officer.objects.create(
                username=f"{level}-{n}", full_name=f"示例{n}", role=roles[level], password="!",
                region_code=codes[n * 7 % len(codes)],
            )  # fmt: skip
            Authenticator.objects.create(user=officer, type="totp", data={})


def take_indexes(table: str) -> list[str]:
    """Drop the table's plain indexes; the statements that make them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type='index' AND tbl_name=%s AND sql IS NOT NULL", [table]
            )
        else:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename=%s AND indexname NOT IN "
                "(SELECT conname FROM pg_constraint)",
                [table],
            )
        found = cursor.fetchall()
        for name, _statement in found:
            cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _name, statement in found]


def pour(table: str, columns: str, rows: Rows) -> None:
    names = ", ".join(f'"{name}"' for name in columns.split())
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        cursor = connection.connection.cursor()
        cursor.execute("PRAGMA foreign_keys=OFF")
        cursor.execute("BEGIN")
        marks = ", ".join("?" * len(columns.split()))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        cursor.execute("COMMIT")
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")


def _home_facts(dice: random.Random) -> dict[str, Any]:
    return {
        "township_name": "示例苏木", "village_name": "示例嘎查", "group_name": "一组", "household_type": "一般农户",
        "stated_size": MEMBERS, "risk_resolved": False, "dangerous_house": dice.random() < 0.1,
        "house_grade": dice.choice("ABC"), "has_dropout": False, "has_uninsured": dice.random() < 0.1,
        "safe_water": dice.random() < 0.9, "has_electricity": True, "has_sanitary_toilet": dice.random() < 0.5,
        "paved_access_road": True, "house_area_m2": dice.randint(40, 120), "cropland_mu": dice.randint(0, 40),
        "grassland_mu": dice.randint(0, 400), "net_income_cny_per_capita": dice.randint(5000, 30000),
    }  # fmt: skip


def _income(dice: random.Random, year: int) -> dict[str, Any]:
    return {
        "income_year": year, "wage_cny": dice.randint(0, 30000), "business_cny": dice.randint(0, 50000),
        "property_cny": dice.randint(0, 3000), "transfer_cny": dice.randint(0, 12000), "cost_cny": dice.randint(0, 9000),
        "members": MEMBERS,
    }  # fmt: skip


_PERSON_FACTS = [
    json.dumps(
        {"name": "示例", "sex": sex, "relation": "户主", "ethnicity": "蒙古族", "education": "小学", "health": health,
         "labour": labour, "resident_medical_insurance": True, "stated_work_months": 6},
        ensure_ascii=False,
    )
    for sex in "男女"
    for health in ("健康", "患有大病", "长期慢性病")
    for labour in ("普通劳动力", "丧失劳动力")
]  # fmt: skip
_HOUSEHOLD = (
    "id number region_code head_name household_type monitored_type risk_resolved size income_cny_per_capita income_year "
    "phone phone_digest ended_on ending changed_at helper_id successor_id"
)
_PERSON = (
    "id region_code number name initials sex birth_date relation id_number id_digest phone phone_digest joined_on left_on "
    "leaving changed_at household_id"
)
_STATEMENT = (
    "id table region_code key values as_of source batch_id recorded_at digest household_id person_id recorded_by_id"
)
_FINDING = "id kind region_code level subject rule_id severity cause values digest since ended_on household_id first_run_id last_run_id"
_CASE = (
    "id region_code procedure state category causes opened_on identified_on closed_on reason helper_id household_id "
    "opened_by_id previous_id"
)
_STEP = (
    "id region_code procedure step_id level opened_at due_on not_before escalated_to record outcome reason closed_at "
    "case_id closed_by_id household_id opened_again_id"
)
_LEAD = (
    "id region_code channel causes words told_by consent raised_at due_on escalated_to state decided_at reason case_id "
    "decided_by_id finding_id household_id raised_by_id"
)
