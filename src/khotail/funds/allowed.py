"""Who may do what with money and projects, and what they typed: one place for all actions of the app."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role
from khotail.funds.models import Milestone, Project
from khotail.funds.problems import DayWrong, NotFound, NotYourDepartment, UnknownDepartment, WordsMissing, YearWrong
from khotail.rulebook.routes import FIELDS
from khotail.texts import Text, typed

#: Nothing of this is older, and a year typed wrongly is told.
FIRST_DAY = date(2013, 1, 1)
_FARTHEST_YEARS = 20
#: Offices of a village do not carry out milestones across departments.
DEPARTMENTS = {id_: name for id_, name in FIELDS.items() if id_ not in ("supervision",)}


def check_may(by: Officer, thing: May, region_code: str) -> None:
    """Raises NotAllowed, NotFound outside the officer's region."""
    if not by.may(thing):
        raise NotAllowed
    if not region_code.startswith(by.region_code):
        raise NotFound


def check_department(by: Officer, department: str) -> None:
    """A department's officer works for their own department only. Raises UnknownDepartment, NotYourDepartment."""
    if department not in DEPARTMENTS:
        raise UnknownDepartment(department=department[:40])
    if by.role == Role.DEPARTMENT_OFFICER and by.department != department:
        name = DEPARTMENTS[department]
        raise NotYourDepartment(department_zh=name.zh, department_en=name.en)


def check_keeps(by: Officer, project: Project) -> None:
    """Raises NotAllowed, NotFound, NotYourDepartment."""
    check_may(by, May.KEEP_PROJECTS, project.region_code)
    check_department(by, project.department)


def does(by: Officer, milestone: Milestone) -> bool:
    """Whether the officer may finish it: the department's own people, or whoever keeps the project."""
    if not by.may(May.KEEP_PROJECTS) or not milestone.region_code.startswith(by.region_code):
        return False
    return by.role != Role.DEPARTMENT_OFFICER or by.department == milestone.department


def past_day(day: date, now: datetime) -> date:
    """A day on which something happened. Raises DayWrong."""
    today = timezone.localdate(now)
    if not FIRST_DAY <= day <= today:
        raise DayWrong(day=day, first=FIRST_DAY, last=today)
    return day


def any_day(day: date, now: datetime) -> date:
    """A day that may lie ahead. Raises DayWrong."""
    last = timezone.localdate(now) + timedelta(days=365 * _FARTHEST_YEARS)
    if not FIRST_DAY <= day <= last:
        raise DayWrong(day=day, first=FIRST_DAY, last=last)
    return day


def a_year(year: int, now: datetime) -> int:
    """A year of money or of a project: one that has begun, or the next. Raises YearWrong."""
    last = timezone.localdate(now).year + 1
    if not FIRST_DAY.year <= year <= last:
        raise YearWrong(year=year, first=FIRST_DAY.year, last=last)
    return year


def words(text: str, most: int, what: Text | None = None) -> str:
    """What somebody typed, cut to the length of its column. Raises WordsMissing if `what` names it and it is empty."""
    found = typed(text)
    if what and not found:
        raise WordsMissing(what_zh=what.zh, what_en=what.en)
    return found[:most]


REASON = Text("原因", "reason")
