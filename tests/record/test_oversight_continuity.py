"""The four not-removes: how each series is counted, and when a fall raises an alarm."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from khotail.accounts.models import Notification
from khotail.accounts.problems import NotAllowed
from khotail.casework.models import Case
from khotail.entitlements.models import Entitlement, EntitlementRun
from khotail.jobs import actions as jobs
from khotail.jobs.work import run_waiting
from khotail.oversight import continuity, inspections, responsibilities
from khotail.oversight.models import Alarm, Inspection, Point, Policy
from khotail.oversight.problems import AlreadyExplained, NotFound, WordsMissing
from khotail.oversight.responsibilities import Owner
from khotail.oversight.series import FOUR, SERIES, last_day, previous, quarter_of
from khotail.screening.rulebook import current
from tests.record.conftest import BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE, make_household

Q1, Q2 = date(2026, 1, 1), date(2026, 4, 1)


def value(series: str, code: str = BANNER, quarter: date = Q2) -> Decimal | None:
    found = Point.objects.filter(series=series, region_code=code, quarter=quarter).first()
    return found.value if found else None


def own(officers, code, level, at) -> responsibilities.Responsibility:
    return responsibilities.name_owner(
        "place", code, level, Owner(person="演示", post="书记"), by=officers["administrator"], now=at
    )  # fmt: skip


def test_quarters_are_calendar_quarters():
    assert (
        quarter_of(date(2026, 6, 3)) == Q2 and previous(Q1) == date(2025, 10, 1) and last_day(Q1) == date(2026, 3, 31)
    )
    assert previous(Q2, 5) == date(2025, 1, 1)


def test_each_of_the_four_has_series_and_each_says_how_it_is_counted():
    assert {series.of for series in SERIES.values()} == {each.id for each in FOUR}
    assert all(series.how.zh and series.how.en and series.name.zh for series in SERIES.values())


def test_what_is_kept_is_counted_for_villages_townships_and_the_banner(officers, household, now):
    for number in range(3):
        other = make_household(f"D100{number}", OTHER_VILLAGE, f"演示{number}", now)
        _received(other, date(2026, 2, 1), now)
    _received(household, date(2026, 5, 1), now)
    _received(household, date(2026, 5, 1), now, programme="basic-pension")
    Case.objects.create(
        household=household,
        region_code=VILLAGE,
        procedure="x",
        opened_on=Q2,
        state="following",
        helper=officers["helper"],
    )
    Policy.objects.create(
        region_code="1522", title="盟办法", field="income", level="league", starts_on=date(2024, 1, 1),
        ends_on=date(2026, 3, 31), added_at=now, changed_at=now,
    )  # fmt: skip
    own(officers, VILLAGE, "village", now - timedelta(days=100))
    own(officers, TOWNSHIP, "township", now)
    done = inspections.plan("检查", VILLAGE, "检查组", date(2026, 5, 1), by=officers["administrator"], now=now)
    inspections.close(done, date(2026, 5, 2), "看过", by=officers["administrator"], now=now)
    inspections.plan("又一次", VILLAGE, "检查组", date(2026, 6, 2), by=officers["administrator"], now=now)
    continuity.count(now)
    assert [value("receivers", code) for code in (VILLAGE, OTHER_VILLAGE, TOWNSHIP, BANNER)] == [1, 3, 4, 4]
    assert (value("receivers", quarter=Q1), value("receivers", VILLAGE, Q1)) == (3, None)
    assert value("helpers") == value("helpers", VILLAGE) == 1 and value("helpers", quarter=Q1) is None
    assert (value("policies", VILLAGE, Q1), value("policies", VILLAGE)) == (1, 0)
    assert (value("owners"), value("owners", quarter=Q1)) == (2, 1)
    assert (value("inspections"), value("inspected")) == (1, 50)
    in_force = [each for each in current().programmes.values() if each.holds_on(date(2026, 6, 3), VILLAGE)]
    assert value("programmes", VILLAGE) == len(in_force)


def test_counting_twice_writes_the_same_and_a_quarter_that_is_over_stays(officers, household, now):
    _received(household, Q2, now)
    first = continuity.count(now)
    assert continuity.count(now)["points"] > 0 and first["alarms"] == 0
    rows = list(Point.objects.order_by("pk").values_list("pk", "value"))
    continuity.count(now)
    assert list(Point.objects.order_by("pk").values_list("pk", "value")) == rows
    after = datetime(2026, 7, 6, 2, tzinfo=UTC)
    continuity.count(after)  # the second quarter is counted for the last time
    Entitlement.objects.update(since=date(2030, 1, 1))
    continuity.count(after + timedelta(days=7))
    assert value("receivers") == 1 and value("receivers", quarter=date(2026, 7, 1)) == 0


def test_a_sudden_fall_raises_one_alarm_which_is_explained_or_over_when_the_number_is_back(officers, now):
    admin = officers["administrator"]
    before = now - timedelta(days=100)
    held = [own(officers, code, level, before) for code, level in _places()]
    continuity.count(now)
    assert not Alarm.objects.exists()
    for gone in held[:2]:
        responsibilities.end(gone, "调离", by=admin, now=now)
    continuity.count(now)
    assert {(each.region_code, each.before, each.after) for each in Alarm.objects.all()} == {
        (BANNER, 8, 6), (TOWNSHIP, 7, 5)
    }  # fmt: skip
    assert Notification.objects.filter(kind="continuity-alarm", officer=officers["leader"]).count() == 1
    continuity.count(now)
    assert Alarm.objects.count() == 2 and continuity.open_alarms(officers["leader"]).count() == 2
    alarm = Alarm.objects.get(region_code=BANNER)
    with pytest.raises(NotAllowed):
        continuity.explain(alarm, "换届", by=officers["leader"], now=now)
    with pytest.raises(NotFound):
        continuity.explain(alarm, "换届", by=officers["neighbour"], now=now)
    with pytest.raises(WordsMissing):
        continuity.explain(alarm, " ", by=admin, now=now)
    continuity.explain(alarm, "换届，两周内补齐", by=admin, now=now)
    with pytest.raises(AlreadyExplained):
        continuity.explain(alarm, "又说", by=admin, now=now)
    for (code, level), _gone in zip(_places(), held[:2], strict=False):
        own(officers, code, level, now)
    assert continuity.count(now)["recovered"] == 2
    assert not continuity.open_alarms(officers["leader"]).exists()


def test_small_numbers_and_small_falls_raise_nothing(officers, now):
    before = now - timedelta(days=100)
    held = [own(officers, code, level, before) for code, level in _places()[:4]]
    responsibilities.end(held[0], "调离", by=officers["administrator"], now=now)  # 4 → 3: below the least
    continuity.count(now)
    more = [own(officers, code, level, before) for code, level in _places()[4:]]
    responsibilities.end(more[0], "调离", by=officers["administrator"], now=now)
    assert not Alarm.objects.exists()


def test_what_is_done_within_a_quarter_is_compared_when_the_quarter_is_over(officers, now):
    for number in range(6):
        Inspection.objects.create(
            region_code=VILLAGE, topic=f"检查{number}", inspector="组", due_on=date(2026, 2, 1), state="done",
            done_on=date(2026, 2, 1), planned_at=now,
        )  # fmt: skip
    continuity.count(now)
    assert value("inspections", quarter=Q1) == 6 and not Alarm.objects.filter(series="inspections").exists()
    continuity.count(datetime(2026, 7, 6, 2, tzinfo=UTC))
    assert {each.quarter for each in Alarm.objects.filter(series="inspections")} == {Q2}


def test_it_runs_as_a_job(officers, household, now):
    job = jobs.ask("oversight.count", by=officers["administrator"], region_code=BANNER, now=now)
    run_waiting(now)
    job.refresh_from_db()
    assert job.state == "done" and job.outcome["points"] > 0


def _places() -> list[tuple[str, str]]:
    villages = [(code, level) for code in (VILLAGE, OTHER_VILLAGE) for level in ("village", "township", "banner")]
    return [*villages, (TOWNSHIP, "township"), (BANNER, "banner")]


def _received(household, since, now, programme="subsistence-allowance") -> None:
    run = EntitlementRun.objects.create(
        region_code=BANNER, as_of=since, started_at=now, finished_at=now, rulebook="cn_15", rulebook_digest="0" * 64
    )
    Entitlement.objects.create(
        household=household, region_code=household.region_code, programme_id=programme, level="household",
        subject=household.number, state="entitled", received=True, since=since, judged_on=since, first_run=run,
    )  # fmt: skip
