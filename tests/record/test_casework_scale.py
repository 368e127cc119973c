"""Leads from a large run and escalation after a holiday: as many queries for forty as for ten of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from khotail.accounts.models import Notification
from khotail.accounts.notifications import sentence_of
from khotail.casework import actions
from khotail.casework.models import Case, Lead, Step
from khotail.casework.procedures import procedure_for
from khotail.register.models import Household
from khotail.screening.models import Finding, Kind, Run
from khotail.trail.chain import breaks, record
from khotail.trail.models import Event
from tests.record.conftest import BANNER, VILLAGE

DUE = date(2026, 5, 29)


def homes(first: int, last: int, now: datetime, village: str = VILLAGE) -> list[Household]:
    return Household.objects.bulk_create(
        Household(number=f"D{n:06}", region_code=village, head_name=f"演示{n}", size=1, changed_at=now)
        for n in range(first, last)
    )


def found(homes: list[Household], now: datetime, causes: tuple[str, ...] = ("illness",)) -> Run:
    """A run that found something new about each of them."""
    run = Run.objects.create(
        kind=Kind.SIGNAL, region_code=BANNER, as_of=now.date(), started_at=now, finished_at=now, rulebook="cn_15"
    )
    Finding.objects.bulk_create(
        Finding(
            kind=Kind.SIGNAL, household=home, region_code=home.region_code, level="household", subject=home.number,
            rule_id=f"rule-{cause}", severity="high", cause=cause, since=run.as_of, first_run=run,
        )
        for home in homes
        for cause in causes
    )  # fmt: skip
    return run


def overdue(homes: list[Household], now: datetime) -> None:
    """A case of each that waits for the check at home, and should not any more."""
    procedure = procedure_for("identification", now.date(), BANNER)
    cases = Case.objects.bulk_create(
        Case(household=home, region_code=home.region_code, procedure=procedure.key, opened_on=DUE) for home in homes
    )
    Step.objects.bulk_create(
        Step(
            case=case, household=case.household, region_code=case.region_code, procedure=procedure.key,
            step_id=procedure.first.id, level="village", opened_at=now - timedelta(days=9), due_on=DUE,
        )
        for case in cases
    )  # fmt: skip


def queries(act) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        act()
    return len(asked)


def asked_for_leads(run: Run, now: datetime) -> int:
    return queries(lambda: actions.leads_from_run(run, now))


def test_leads_are_raised_and_merged_in_as_many_queries_however_many_there_are(officers, now) -> None:
    record(None, "trail.began", officers["leader"], at=now)  # the first event makes the chain's head
    few, many = homes(0, 10, now), homes(10, 50, now)
    raised = [asked_for_leads(found(group, now), now) for group in (few, many)]
    assert Lead.objects.count() == 50 and raised[0] == raised[1] <= 25
    later = now + timedelta(days=1)
    merged = [asked_for_leads(found(group, later, ("water",)), later) for group in (few, many)]
    assert merged[0] == merged[1] <= 25
    assert Lead.objects.count() == 50 and all(lead.causes == ["illness", "water"] for lead in Lead.objects.all())
    sentences = [sentence_of(each).en for each in Notification.objects.filter(kind="leads-new").order_by("id")]
    assert sentences == ["10 new leads to verify", "40 new leads to verify"]


@pytest.mark.parametrize("kind", ["step", "lead"])
def test_overdue_things_go_up_in_as_many_queries_however_many_there_are(officers, now, kind) -> None:
    def late(first: int, last: int) -> None:
        if kind == "step":
            overdue(homes(first, last, now), now)
        else:
            Lead.objects.bulk_create(
                Lead(household=home, region_code=VILLAGE, channel="visit", raised_at=now, due_on=DUE)
                for home in homes(first, last, now)
            )

    record(None, "trail.began", officers["leader"], at=now)
    asked = []
    for first, last in ((0, 10), (10, 50)):
        late(first, last)
        asked.append(queries(lambda: actions.escalate_overdue(now)))
    assert asked[0] == asked[1] <= 16
    assert Event.objects.filter(verb=f"{kind}.escalated").count() == 50 and not list(breaks())
    model = Step if kind == "step" else Lead
    assert set(model.objects.values_list("escalated_to", flat=True)) == {"township"}
    told = Notification.objects.filter(officer=officers["township_officer"]).order_by("id")
    assert [each.values for each in told] == [{"count": 10}, {"count": 40}]
    assert "40" in sentence_of(told[1]).zh and not actions.escalate_overdue(now)
