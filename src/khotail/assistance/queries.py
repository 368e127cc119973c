"""What people ask of plans, help at once, jobs and training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.assistance.gaps import Answered, Span, answers, is_passive_only, overlaps, runs
from khotail.assistance.models import Emergency, Employment, Plan, PlanLine, PlanTemplate, Trainee
from khotail.casework.models import Case, Measure
from khotail.register.models import Household, Person


def cases_to_plan(officer: Officer) -> QuerySet[Case]:
    """Open cases with their plans, those without one first."""
    rows = Case.objects.visible_to(officer).exclude(state__in=Case.CLOSED)
    return rows.select_related("household", "helper", "plan").defer("household__phone").order_by("plan__state", "-id")


@dataclass(frozen=True)
class PlanPage:
    """A plan in full: needs with what answers them, lines, measures outside the plan, and what lies twice."""

    plan: Plan
    needs: tuple[Answered, ...]
    lines: tuple[PlanLine, ...]
    outside: tuple[Measure, ...]
    twice: tuple[tuple[Span, Span], ...]
    passive_only: bool

    @property
    def gaps(self) -> list[Answered]:
        return [each for each in self.needs if each.is_gap]


def plan_page(plan: Plan, now: datetime) -> PlanPage:
    today = timezone.localdate(now)
    lines = list(plan.lines.select_related("person", "helper", "measure").prefetch_related("documents"))
    measures = list(plan.case.measures.select_related("recorded_by").order_by("starts_on", "id"))
    planned = {line.measure_id for line in lines}
    present = [(each.category, each.kind) for each in measures if runs(each, today)]
    present += [(each.category, each.kind) for each in lines if each.state == PlanLine.State.PLANNED]
    return PlanPage(
        plan=plan,
        needs=tuple(answers(plan.case.causes, plan.has_labour, measures, lines, today)),
        lines=tuple(lines),
        outside=tuple(each for each in measures if each.pk not in planned),
        twice=tuple(overlaps(measures, lines)),
        passive_only=plan.has_labour is True and is_passive_only(present),
    )


def templates_for(case: Case, has_labour: bool | None) -> list[PlanTemplate]:
    """Templates that fit a household: those that share a cause or name none, and suit its labour."""
    unfit = {True: PlanTemplate.For.WITHOUT_LABOUR, False: PlanTemplate.For.WITH_LABOUR, None: "-"}[has_labour]
    rows = PlanTemplate.objects.offered_in(case.region_code).exclude(household=unfit).order_by("-region_code", "title")
    causes = set(case.causes)

    def fits(template: PlanTemplate) -> bool:
        named = {cause for line in template.lines for cause in line.get("causes", ())}
        return not named or bool(named & causes)

    return sorted(rows, key=lambda template: not fits(template))


def emergencies_to_complete(officer: Officer) -> QuerySet[Emergency]:
    """Open ones that are the officer's: given by them, of their own level and place, or come up to it."""
    if not officer.may(May.PLAN_HELP):
        return Emergency.objects.none()
    rows = Emergency.objects.visible_to(officer).filter(state=Emergency.State.OPEN)
    mine = Q(given_by=officer) | Q(level=officer.level) | Q(escalated_to=officer.level)
    return rows.filter(mine).order_by("due_on", "id")


def jobs_lost(officer: Officer) -> QuerySet[Employment]:
    """Jobs that were lost, newest first, each with whether the person works again."""
    again = Employment.objects.filter(person=OuterRef("person"), ended_on=None)
    rows = Employment.objects.visible_to(officer).filter(is_lost=True).annotate(works_again=Exists(again))
    return rows.select_related("person", "household", "lead").order_by("-ended_on", "-id")


def people_of(household: Household) -> list[Person]:
    """Members who live there, the head first."""
    rows = household.members.filter(left_on=None).defer("id_number", "phone")
    return sorted(rows, key=lambda person: (person.relation != "户主", person.pk))


@dataclass(frozen=True)
class HouseholdHelp:
    """What stands here about one household."""

    plan: Plan | None
    emergencies: Sequence[Emergency]
    jobs: Sequence[Employment]
    trainings: Sequence[Trainee]


#: Most households have none of it: one question instead of four lists that are empty.
_WHAT_THERE_IS = """
SELECT EXISTS (SELECT 1 FROM assistance_plan WHERE household_id = %s AND state <> 'closed'),
       EXISTS (SELECT 1 FROM assistance_emergency WHERE household_id = %s),
       EXISTS (SELECT 1 FROM assistance_employment WHERE household_id = %s),
       EXISTS (SELECT 1 FROM assistance_trainee WHERE household_id = %s)
"""


def help_of(household: Household) -> HouseholdHelp:
    """One query, and one more for each thing that there is; the caller has checked that the officer may see the household."""
    with connection.cursor() as cursor:
        cursor.execute(_WHAT_THERE_IS, [household.pk] * 4)
        has_plan, has_emergencies, has_jobs, has_trainings = cursor.fetchone()
    plans = Plan.objects.filter(household=household).exclude(state=Plan.State.CLOSED).order_by("-id")
    emergencies = Emergency.objects.filter(household=household).order_by("-given_on", "-id")
    jobs = Employment.objects.filter(household=household).select_related("person").order_by("-starts_on", "-id")
    trainings = Trainee.objects.filter(household=household).select_related("training", "person").order_by("-id")
    return HouseholdHelp(
        plan=plans.first() if has_plan else None,
        emergencies=list(emergencies[:20]) if has_emergencies else [],
        jobs=list(jobs.defer("person__id_number", "person__phone")[:30]) if has_jobs else [],
        trainings=list(trainings.defer("person__id_number", "person__phone")[:20]) if has_trainings else [],
    )
