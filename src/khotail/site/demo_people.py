"""The people of the demo: one per role and level, with names that nobody could take for real ones."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.trail import chain

#: sign-in name → role, digits of the region's code, name. Whoever takes part in a case is here.
PEOPLE: dict[str, tuple[Role, int, str]] = {
    "league-officer": (Role.OFFICER, 4, "演示盟科员"),
    "league-leader": (Role.LEADER, 4, "演示盟领导"),
    "administrator": (Role.ADMINISTRATOR, 6, "演示旗管理员"),
    "banner-officer": (Role.OFFICER, 6, "演示旗科员"),
    "banner-reviewer": (Role.REVIEWER, 6, "演示旗审核员"),
    "medical-insurance": (Role.DEPARTMENT_OFFICER, 6, "演示医保员"),
    "leader": (Role.LEADER, 6, "演示旗领导"),
    "auditor": (Role.AUDITOR, 6, "演示审计员"),
    "supervisor": (Role.SUPERVISOR, 12, "演示村务监督员"),
    "township-administrator": (Role.ADMINISTRATOR, 9, "演示苏木管理员"),
    "township-officer": (Role.OFFICER, 9, "演示苏木科员"),
    "township-reviewer": (Role.REVIEWER, 9, "演示苏木审核员"),
    "township-leader": (Role.LEADER, 9, "演示苏木领导"),
    "village-cadre": (Role.VILLAGE_CADRE, 12, "演示嘎查干部"),
    "helper": (Role.HELPER, 12, "演示帮扶人"),
}

People = dict[str, Officer]


def create_people(village: str, now: datetime) -> People:
    """Everybody, around one village: its cadre and helper, its township's and its banner's officers."""
    password = make_password(settings.KHOTAIL_DEMO_PASSWORD)
    people = {}
    for username, (role, digits, name) in PEOPLE.items():
        department = "medical_insurance" if role == Role.DEPARTMENT_OFFICER else ""
        officer = Officer(
            username=username, full_name=name, role=role, region_code=village[:digits], department=department,
            password=password,
        )  # fmt: skip
        officer.save(force_insert=True)
        chain.record(None, "officer.created", officer, at=now, role=role)
        people[username] = officer
    return people
