"""The main pages ask the database as often for sixty rows as for ten, and not often."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework.models import Case, Lead, Measure, Step
from khotail.casework.procedures import procedure_for, rulebook
from khotail.desk import remembered
from khotail.register.models import Household, Person, Statement
from khotail.screening.models import Finding, Run
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE

pytestmark = pytest.mark.one_database

#: page → queries at most, the session's and the reader's included
PAGES = {"home": 36, "households": 12, "leads": 12, "cases": 12, "board": 8, "findings": 14, "audit": 13}


@pytest.fixture
def signed(signed_in):
    return {key: signed_in(key) for key in ("village_cadre", "banner_officer")}


def add_households(first: int, last: int) -> None:
    """Households with a lead, a case at its first step, a warning and a problem each."""
    now = timezone.now()
    today = timezone.localdate(now)
    procedure = procedure_for("identification", today, BANNER)
    run = Run.objects.get_or_create(
        kind="signal", region_code=BANNER, as_of=today, defaults={"started_at": now, "finished_at": now}
    )[0]
    for n in range(first, last):
        village = (VILLAGE, OTHER_VILLAGE)[n % 2]
        household = Household.objects.create(
            number=f"Q{n:04d}",
            region_code=village,
            head_name=f"演示{n}",
            household_type="一般农户",
            size=1,
            changed_at=now,
        )
        Person.objects.create(
            household=household, region_code=village, number=f"Q{n:04d}01", name="演示同名", initials="yxtm",
            relation="户主", phone="15400000001", changed_at=now,
        )  # fmt: skip
        case = Case.objects.create(
            household=household, region_code=village, procedure=procedure.key, causes=["illness"], opened_on=today
        )
        Step.objects.create(
            case=case, household=household, region_code=village, procedure=procedure.key,
            step_id=procedure.steps[0].id, level=procedure.steps[0].level, opened_at=now, due_on=today,
        )  # fmt: skip
        for kind, rules in (("signal", rulebook().signals), ("audit", rulebook().audits)):
            Finding.objects.create(
                kind=kind, household=household, region_code=village, level="household", subject=household.number,
                rule_id=rules[0].id, severity="medium", cause="illness" if kind == "signal" else "", since=today,
                first_run=run,
            )  # fmt: skip
        Lead.objects.create(
            household=household, region_code=village, channel="screening", causes=["illness"], raised_at=now,
            due_on=today + timedelta(days=n % 9 - 3), finding=Finding.objects.filter(household=household).first(),
        )  # fmt: skip


def asked(client, address: str, **posted) -> int:
    """How many queries a page takes, once the process has read what it keeps."""
    ask = (lambda: client.post(address, posted)) if posted else (lambda: client.get(address))
    assert ask().status_code == 200
    with CaptureQueriesContext(connection) as queries:
        ask()
    return len(queries)


@pytest.mark.parametrize("who", ["village_cadre", "banner_officer"])
@pytest.mark.parametrize("page", PAGES)
def test_a_list_takes_as_many_queries_for_sixty_rows_as_for_ten(signed, page, who):
    client = signed[who]
    if page == "audit" and client.get(reverse(page)).status_code == 403:
        pytest.skip("not this role's page")
    add_households(0, 10)
    few = asked(client, reverse(page))
    add_households(10, 60)
    assert few <= asked(client, reverse(page)) <= min(few + 1, PAGES[page])  # a list that goes on is counted


def test_a_search_takes_as_many_queries_for_sixty_people_as_for_ten(signed):
    client = signed["banner_officer"]
    add_households(0, 10)
    few = asked(client, reverse("search"), q="演示同名")
    add_households(10, 60)
    assert asked(client, reverse("search"), q="演示同名") == few <= 6


def test_a_queue_takes_as_many_queries_for_sixty_cases_as_for_ten(signed):
    client = signed["banner_officer"]
    add_households(0, 10)
    step_id = Step.objects.first().step_id
    few = asked(client, reverse("queue", args=[step_id]))
    add_households(10, 60)
    assert few <= asked(client, reverse("queue", args=[step_id])) <= min(few + 1, 10)


def test_a_household_takes_as_many_queries_for_sixty_facts_as_for_ten(signed):
    client, now = signed["banner_officer"], timezone.now()
    add_households(0, 1)
    household = Household.objects.get(number="Q0000")
    by = Officer.objects.get(username="banner_officer")
    case = household.cases.get()

    def add(first: int, last: int) -> None:
        for n in range(first, last):
            person = Person.objects.create(
                household=household, region_code=VILLAGE, number=f"{n}", name=f"演示{n}", changed_at=now
            )
            for table, values in (
                ("persons", {"name": person.name}),
                ("incomes", {"income_year": 1960 + n, "wage_cny": 1}),
            ):
                Statement.objects.create(
                    table=table, household=household, person=person if table == "persons" else None, region_code=VILLAGE,
                    key=str(n), values=values, as_of=timezone.localdate(now), source="test", recorded_at=now,
                    recorded_by=by, digest=f"{table}{n}",
                )  # fmt: skip
            Measure.objects.create(
                case=case, household=household, region_code=VILLAGE, category="产业帮扶", kind="种养产业",
                starts_on=timezone.localdate(now), recorded_by=by, recorded_at=now,
            )  # fmt: skip

    add(0, 10)
    few = asked(client, reverse("household", args=[household.pk]))
    add(10, 60)
    assert asked(client, reverse("household", args=[household.pk])) == few <= 20


def test_a_case_takes_as_many_queries_for_many_steps_as_for_one(signed):
    client, now = signed["banner_officer"], timezone.now()
    add_households(0, 1)
    case = Case.objects.get()
    open_step = case.steps.get()

    def close_some(number: int) -> None:
        for _ in range(number):
            Step.objects.create(
                case=case, household=case.household, region_code=VILLAGE, procedure=open_step.procedure,
                step_id=open_step.step_id, level="village", opened_at=now, due_on=open_step.due_on, closed_at=now,
                closed_by=Officer.objects.get(username="village_cadre"), outcome="confirmed",
            )  # fmt: skip

    close_some(2)
    few = asked(client, reverse("case", args=[case.pk]))
    close_some(10)
    assert asked(client, reverse("case", args=[case.pk])) == few <= 30


@pytest.fixture
def remembering(settings, monkeypatch):
    settings.KHOTAIL_REMEMBER_SECONDS = 60
    monkeypatch.setattr(remembered, "_made", {})


@pytest.mark.usefixtures("remembering")
def test_counts_over_a_region_are_made_once_a_minute_and_for_no_other_region(signed, signed_in):
    add_households(0, 10)
    assert asked(signed["banner_officer"], reverse("home")) <= 10
    counts = {
        key: [figure.number for figure in client.get(reverse("home")).context["figures"]]
        for key, client in (*signed.items(), ("neighbour", signed_in("neighbour")))
    }
    assert counts["banner_officer"][0] == 10
    assert counts["village_cadre"][0] == 5
    assert not any(counts["neighbour"])


@pytest.mark.usefixtures("remembering")
def test_a_lead_that_just_came_is_on_todays_list_though_the_counts_are_remembered(signed):
    add_households(0, 2)
    client = signed["village_cadre"]
    before = client.get(reverse("home")).context["todo"].total
    add_households(2, 4)
    page = client.get(reverse("home")).context
    assert page["todo"].total == before + 2
