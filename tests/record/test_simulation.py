"""A simulation is asked for, computed once, and listed whole, however often it is cut off; who falls is worked on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from khotail.accounts.problems import NotAllowed
from khotail.analysis.scenario import ScenarioFlawed
from khotail.jobs.actions import retry
from khotail.jobs.models import Job
from khotail.jobs.work import Worker, run_waiting
from khotail.register.models import Household
from khotail.simulation import actions, computing, keeping, queries
from khotail.simulation.ending import read_radar
from khotail.simulation.models import Fall, RadarReading, Simulation, VillageYear
from khotail.simulation.problems import (
    ChangedMeanwhile,
    HeldByMissing,
    NobodyToHandOver,
    NotEnding,
    NotFound,
    ReasonMissing,
    ScenarioTooLong,
    StillComputing,
    TitleMissing,
    UnknownProgramme,
    WorkedOn,
    YearsWrong,
)
from khotail.simulation.scenarios import MOST_CHARACTERS
from khotail.trail.models import Event
from khotail.visits.models import Assignment, Round
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, TOWNSHIP, VILLAGE
from tests.record.simulated import ENDS, computed, law, offer_form, register


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path
    law(tmp_path)


@pytest.fixture
def homes(regions, now):
    register(now)


def ask(by, now, scenario=ENDS, title="停止", region=BANNER, **more):
    return actions.ask_for_simulation(title, scenario, region, by=by, now=now, **more)


def test_who_lived_on_the_programme_falls_and_the_rest_does_not(homes, officers, now):
    found = computed(officers["banner_officer"], now)
    years = queries.years_of(found, BANNER)
    assert [(each.year, each.households, each.fall, each.below_baseline) for each in years] == [
        (year, 4, 3, 0) for year in range(2027, 2032)
    ]
    assert years[0].cost_scenario_cny == years[0].more_cny == Decimal("2700.00"), "3 × 2 × 450"
    assert years[0].lost == {"a": Decimal("8000.00")}
    falls = Fall.objects.filter(simulation=found)
    assert sorted(falls.values_list("household__number", flat=True)) == ["H1", "H3", "H4"]
    one = falls.get(household__number="H1")
    assert (one.first_year, one.gap_cny, one.hold_cny, one.members) == (2027, Decimal(450), Decimal(900), 2)
    assert one.years[0] == [2027, 6550.0, 5550.0, 6000.0, 900.0] and len(one.years) == 5
    assert found.summary["assumed"] == [{"zh": "项目", "en": "Programme"}]
    assert found.told and "2027-01-01" in found.told[0]["zh"]
    assert {"simulation.asked", "simulation.computed"} <= set(Event.objects.values_list("verb", flat=True))


def test_the_villages_add_up_to_the_whole_and_each_sees_its_own(homes, officers, now):
    found = computed(officers["banner_officer"], now)
    whole = queries.years_of(found, BANNER)
    parts = [queries.years_of(found, code) for code in ("152221100", "152221101")]
    for place, year in enumerate(whole):
        assert sum(part[place].fall for part in parts) == year.fall
        assert sum(part[place].cost_scenario_cny for part in parts) == year.cost_scenario_cny
        assert sum(part[place].lost["a"] for part in parts) == year.lost["a"]
    assert [(each.code, each.fall) for each in queries.places_below(found, BANNER, 2027)] == [
        ("152221100", 2), ("152221101", 1)
    ]  # fmt: skip
    township = queries.falls_of(officers["township_officer"], found, TOWNSHIP)
    assert sorted(township.values_list("household__number", flat=True)) == ["H1", "H3"]
    assert not queries.simulations_of(officers["neighbour"]).exists()
    assert queries.simulations_of(officers["village_cadre"]).get() == found


def test_a_helper_sees_only_their_own_households_fall(homes, officers, now):
    found = computed(officers["banner_officer"], now)
    assert queries.falls_of(officers["helper"], found, VILLAGE).count() == 0
    Household.objects.filter(number="H1").update(helper=officers["helper"])
    assert queries.falls_of(officers["helper"], found, VILLAGE).get().household.number == "H1"


def test_what_lies_on_the_disk_names_nobody_in_clear(homes, officers, now):
    found = computed(officers["banner_officer"], now)
    for path in (keeping.below_path(found.pk), keeping.falls_path(found.pk)):
        content = path.read_bytes()
        assert VILLAGE.encode() not in content and content[:4] == b"PARE"
    total, rows = keeping.below(found.pk, VILLAGE, 2027, 1, 50)
    assert (total, rows[0]["household_id"], rows[0]["falls"]) == (1, "H1", True)
    assert [row["household_id"] for row in keeping.every_below(found.pk, "", 2027)] == ["H1", "H3", "H4"]


def test_the_same_scenario_is_not_asked_for_twice_while_it_waits(homes, officers, now):
    by = officers["banner_officer"]
    first = ask(by, now)
    assert ask(by, now) == first and Simulation.objects.count() == Job.objects.count() == 1
    assert ask(by, now, title="另一个") != first
    run_waiting(now)
    assert ask(by, now + timedelta(hours=1)) != first, "once it is done, it may be computed on a newer register"


@pytest.mark.parametrize("cut_at", [1, 2])
def test_a_listing_that_is_cut_off_goes_on_and_lists_nobody_twice(homes, officers, now, monkeypatch, cut_at):
    monkeypatch.setattr(computing, "CHUNK", 1)
    asked = ask(officers["banner_officer"], now)

    def clock():
        """Somebody presses "Cancel" once so many are listed."""
        if Fall.objects.count() == cut_at:
            Job.objects.filter(pk=asked.job_id).update(cancel_asked=True)
        return now

    Worker(clock, alone=True).run_one()
    asked.refresh_from_db()
    assert asked.job.state == Job.State.CANCELLED and asked.computed_at and not asked.listed_at
    assert Fall.objects.count() == cut_at
    before = asked.summary
    retry(asked.job, by=officers["banner_officer"], now=now)
    run_waiting(now)
    asked.refresh_from_db()
    assert asked.listed_at and asked.summary == before and Fall.objects.count() == 3
    assert VillageYear.objects.filter(simulation=asked).count() == 3 * 5


def test_who_may_not_and_what_cannot_be_asked(homes, officers, now):
    by = officers["banner_officer"]
    for key in ("village_cadre", "helper", "auditor", "department_officer"):
        with pytest.raises(NotAllowed):
            ask(officers[key], now, region=officers[key].region_code)
    with pytest.raises(NotFound):
        ask(by, now, region=NEIGHBOUR_BANNER)
    with pytest.raises(NotFound):
        ask(officers["township_officer"], now)
    with pytest.raises(TitleMissing):
        ask(by, now, title="  ")
    with pytest.raises(YearsWrong):
        ask(by, now, years=0)
    with pytest.raises(ScenarioTooLong):
        ask(by, now, scenario="#" * (MOST_CHARACTERS + 1))
    with pytest.raises(UnknownProgramme):
        ask(by, now, goes_on=["nothing"])
    with pytest.raises(NotEnding):
        ask(by, now, goes_on=["a"])
    assert not Simulation.objects.exists() and not Job.objects.exists()


@pytest.mark.parametrize(("scenario", "line", "word"), [
    (ENDS.replace("2027-01-01", "2026-01-01"), 4, "before it is adopted"),
    (ENDS + "  - {programme: a, on: 2028-01-01}\n", 5, "overlaps"),
    (ENDS.replace("programme: a", "programme: aa"), 4, "no programme"),
    (ENDS.replace("adopted: 2026-06-01\n", ""), 1, "adoption"),
    ("name: {zh: 无, en: None}\nadopted: 2026-06-01\n", 1, "changes nothing"),
    ("[", 2, "not valid YAML"),
])  # fmt: skip
def test_a_flawed_scenario_is_refused_with_its_line(homes, officers, now, scenario, line, word):
    with pytest.raises(ScenarioFlawed) as caught:
        ask(officers["banner_officer"], now, scenario=scenario, file_name="../我的 情景.yml")
    flaw = caught.value.flaws[0]
    assert flaw.place.line == line and word in flaw.text.en
    assert flaw.place.file.removeprefix("scenario/") == "我的-情景.yaml"
    assert not Simulation.objects.exists()


def test_a_programme_that_the_law_ends_can_be_compared_with_the_law_as_if_it_went_on(homes, officers, now, tmp_path):
    law(tmp_path / "ending", until="2026-12-31")
    by = officers["banner_officer"]
    book_says = ENDS.replace("停止", "到期")
    with pytest.raises(ScenarioFlawed):
        ask(by, now, scenario=book_says)
    found = computed(by, now, scenario=book_says, goes_on=["a"])
    assert queries.years_of(found, BANNER)[0].fall == 3
    assert len(found.told) == 2


def test_a_change_of_the_rulebook_meanwhile_fails_the_job_with_a_sentence(homes, officers, now, tmp_path):
    asked = ask(officers["banner_officer"], now)
    law(tmp_path / "other", until="2026-12-31")
    run_waiting(now)
    asked.refresh_from_db()
    assert asked.job.state == Job.State.FAILED and "2026-12-31" in asked.job.problem_zh
    assert asked.computed_at is None


def test_without_a_register_it_says_so(officers, now):
    asked = ask(officers["banner_officer"], now)
    run_waiting(now)
    asked.refresh_from_db()
    assert asked.job.state == Job.State.FAILED and asked.job.problem_en


def test_how_a_household_stands_is_said_with_a_reason_and_never_over_somebody_else(homes, officers, now):
    found, cadre = computed(officers["banner_officer"], now), officers["village_cadre"]
    fall = Fall.objects.get(simulation=found, household__number="H1")
    with pytest.raises(HeldByMissing):
        actions.settle(fall, "held", was="to_visit", by=cadre, now=now)
    with pytest.raises(ReasonMissing):
        actions.settle(fall, "no_need", was="to_visit", by=cadre, now=now)
    with pytest.raises(NotFound):
        actions.settle(fall, "gone", was="to_visit", by=cadre, now=now)
    for key, problem in (("leader", NotAllowed), ("other_village_cadre", NotFound), ("neighbour", NotFound)):
        with pytest.raises(problem):
            actions.settle(fall, "visited", was="to_visit", by=officers[key], now=now)
    settled = actions.settle(fall, "held", was="to_visit", held_by="低保", by=cadre, now=now)
    assert (settled.state, settled.held_by, settled.changed_by) == ("held", "低保", cadre)
    with pytest.raises(ChangedMeanwhile) as caught:
        actions.settle(fall, "visited", was="to_visit", by=officers["township_officer"], now=now)
    assert "held" in caught.value.text.en
    event = Event.objects.get(verb="fall.settled")
    assert event.details["after"] == {"state": "held"} and event.region_code == VILLAGE


def test_a_village_is_handed_over_once_and_a_visit_made_counts(homes, officers, now):
    found, by = computed(officers["banner_officer"], now), officers["banner_officer"]
    offer_form(now)
    when = {"starts_on": date(2026, 6, 3), "due_on": date(2026, 7, 3)}

    def over(officer, region):
        return actions.hand_over(found, region, "模拟走访", "household_visit", by=officer, now=now, **when)

    with pytest.raises(NotAllowed):
        over(officers["village_cadre"], VILLAGE)
    with pytest.raises(NotFound):
        over(officers["township_officer"], BANNER)
    with pytest.raises(NotFound):
        over(officers["neighbour"], NEIGHBOUR_BANNER)
    opened = over(by, TOWNSHIP)
    assert sorted(opened.assignments.values_list("household__number", flat=True)) == ["H1", "H3"]
    with pytest.raises(NobodyToHandOver):
        over(by, TOWNSHIP)
    assert Round.objects.count() == 1
    Assignment.objects.filter(household__number="H1").update(done_at=now)
    rows = queries.falls_of(by, found, BANNER)
    assert queries.standings(rows) == {"to_visit": 2, "visited": 1, "held": 0, "no_need": 0}
    by_village = queries.handed_over(rows)
    assert by_village[VILLAGE]["free"] == 0 and by_village["152221101200"]["free"] == 1


def test_the_radar_tells_what_ends_and_who_hangs_on_it(homes, officers, now, tmp_path):
    law(tmp_path / "ending", until="2027-12-31")
    actions.ask_for_radar(by=officers["banner_officer"], now=now)
    run_waiting(now)
    reading = queries.reading_for(officers["township_officer"])
    assert reading == RadarReading.objects.get()
    [line] = reading.lines
    assert (line["programme"], line["until"], line["assumed"]) == ("a", "2027-12-31", True)
    assert queries.hanging(line, BANNER) == (4, Decimal(8000))
    assert queries.hanging(line, VILLAGE) == (2, Decimal(4000))
    assert queries.reading_for(officers["neighbour"]) is None
    with pytest.raises(NotAllowed):
        actions.ask_for_radar(by=officers["village_cadre"], now=now)


def test_only_the_newest_readings_of_the_radar_are_kept(homes, officers, now):
    for day in range(8):
        read_radar(BANNER, by=None, as_of=now.date(), now=now + timedelta(days=day), tell=lambda *_: None)
    assert RadarReading.objects.count() == 5


def test_a_simulation_is_removed_whole_until_somebody_has_worked_on_it(
    homes, officers, now, django_capture_on_commit_callbacks
):
    by = officers["banner_officer"]
    kept, gone = computed(by, now), computed(by, now + timedelta(hours=1), title="多余")
    for key, problem in (("leader", NotAllowed), ("village_cadre", NotFound), ("neighbour", NotFound)):
        with pytest.raises(problem):
            actions.remove(gone, by=officers[key], now=now)
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove(gone, by=by, now=now)
    assert not keeping.below_path(gone.pk).exists() and keeping.below_path(kept.pk).exists()
    assert set(Fall.objects.values_list("simulation", flat=True)) == {kept.pk}
    actions.settle(Fall.objects.first(), "visited", was="to_visit", by=by, now=now)
    with pytest.raises(WorkedOn):
        actions.remove(kept, by=by, now=now)
    waiting = ask(by, now, title="等待")
    with pytest.raises(StillComputing):
        actions.remove(waiting, by=by, now=now)
