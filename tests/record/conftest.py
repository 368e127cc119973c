"""A small piece of one banner, its officers in every role, and a neighbouring banner that nobody here may see."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.register.models import Household, Person, Region

BANNER = "152221"
TOWNSHIP = "152221100"
VILLAGE = "152221100200"
OTHER_VILLAGE = "152221100201"
OTHER_TOWNSHIP = "152221101"
NEIGHBOUR_BANNER = "152222"
NEIGHBOUR_VILLAGE = "152222100200"
PASSWORD = "a-long-password-1"

REGIONS = [
    ("15", "province", "内蒙古自治区", None),
    ("1522", "league", "兴安盟", "15"),
    (BANNER, "banner", "科尔沁右翼前旗", "1522"),
    (TOWNSHIP, "township", "科尔沁镇", BANNER),
    (VILLAGE, "village", "第一嘎查", TOWNSHIP),
    (OTHER_VILLAGE, "village", "第二嘎查", TOWNSHIP),
    (OTHER_TOWNSHIP, "township", "索伦镇", BANNER),
    ("152221101200", "village", "第三嘎查", OTHER_TOWNSHIP),
    (NEIGHBOUR_BANNER, "banner", "科尔沁右翼中旗", "1522"),
    ("152222100", "township", "邻旗镇", NEIGHBOUR_BANNER),
    (NEIGHBOUR_VILLAGE, "village", "邻旗嘎查", "152222100"),
]

#: name of the fixture's key → role and region
PEOPLE = {
    "administrator": (Role.ADMINISTRATOR, BANNER),
    "banner_officer": (Role.OFFICER, BANNER),
    "banner_reviewer": (Role.REVIEWER, BANNER),
    "township_officer": (Role.OFFICER, TOWNSHIP),
    "township_reviewer": (Role.REVIEWER, TOWNSHIP),
    "village_cadre": (Role.VILLAGE_CADRE, VILLAGE),
    "other_village_cadre": (Role.VILLAGE_CADRE, OTHER_VILLAGE),
    "helper": (Role.HELPER, VILLAGE),
    "department_officer": (Role.DEPARTMENT_OFFICER, BANNER),
    "leader": (Role.LEADER, BANNER),
    "auditor": (Role.AUDITOR, BANNER),
    "supervisor": (Role.SUPERVISOR, VILLAGE),
    "neighbour": (Role.ADMINISTRATOR, NEIGHBOUR_BANNER),
}


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 6, 3, 2, 0, tzinfo=UTC)  # a Wednesday, ten in the morning in Shanghai


@pytest.fixture
def regions(db: None) -> None:
    for code, level, name, parent in REGIONS:
        Region.objects.get_or_create(code=code, defaults={"level": level, "name": name, "parent_id": parent})


@pytest.fixture
def officers(regions: None) -> dict[str, Officer]:
    return {
        key: Officer.objects.create_user(
            key, PASSWORD, full_name=f"演示{key}", role=role, region_code=code, language="en",
            department="medical_insurance" if role == Role.DEPARTMENT_OFFICER else "",
        )
        for key, (role, code) in PEOPLE.items()
    }  # fmt: skip


@pytest.fixture
def household(regions: None, now: datetime) -> Household:
    return make_household("D0001", VILLAGE, "演示甲", now)


@pytest.fixture
def neighbour_household(regions: None, now: datetime) -> Household:
    return make_household("D9001", NEIGHBOUR_VILLAGE, "演示邻", now)


def make_household(number: str, region_code: str, head: str, now: datetime) -> Household:
    household = Household.objects.create(
        number=number, region_code=region_code, head_name=head, household_type="一般农户", size=1, changed_at=now
    )
    Person.objects.create(
        household=household, region_code=region_code, number=f"{number}01", name=head, initials="ys",
        relation="户主", changed_at=now,
    )  # fmt: skip
    return household


@pytest.fixture
def signed_in(officers: dict[str, Officer]) -> object:
    """A function that gives a browser in which the named officer is signed in."""

    def sign_in(key: str) -> Client:
        client = Client()
        client.force_login(officers[key])
        return client

    return sign_in
