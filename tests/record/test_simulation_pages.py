"""The pages of simulations: built in a form or as YAML, read by everybody concerned for their own part, worked on."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from khotail.analysis.scenario import COMPONENTS
from khotail.jobs.work import run_waiting
from khotail.rulebook.parameters import income_year
from khotail.screening import rulebook
from khotail.simulation import scenarios
from khotail.simulation.models import Fall, Simulation
from khotail.simulation.written import Rows, rows_of, written
from tests.record.conftest import BANNER, TOWNSHIP, VILLAGE
from tests.record.simulated import ENDS, computed, law, offer_form, register

NEW = "/policies/simulations/new/"
#: The pages go by today's clock.
YEAR = income_year(date.today())


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path
    law(tmp_path)


@pytest.fixture
def found(regions, officers, now):
    register(now)
    return computed(officers["banner_officer"], now)


def built(**changed):
    """A form with one change, as it is sent."""
    form = {
        "how": "form", "title": "停止试算", "region_code": BANNER, "years": "3", "adopted": "2026-06-01",
        "changes-count": "2", "changes-0-programme": "a", "changes-0-kind": "ends", "changes-0-on": "2027-01-01",
        "changes-0-region": "", "changes-0-shares": "", "changes-0-to": "",
        "changes-1-programme": "", "changes-1-kind": "ends", "adds-count": "1", "adds-0-level": "household",
        "adds-0-category": "综合保障", "adds-0-counts_as": "transfer", "adds-0-payer": "banner",
        "shocks-count": "1", "shocks-0-share": "100",
    }  # fmt: skip
    return {name: value for name, value in {**form, **changed}.items() if value is not None}


def text(answer):
    return answer.content.decode()


def flaws(answer):
    return re.findall(r'class="errorlist[^>]*>(.*?)</ul>', text(answer), re.DOTALL)


def rows(answer):
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)


def test_a_scenario_is_built_run_and_read(regions, officers, signed_in, now):
    register(now, year=YEAR)
    browser = signed_in("banner_officer")
    page = browser.get(NEW)
    assert page.status_code == 200 and "Start from an example" in text(page)
    answer = browser.post(NEW, built())
    made = Simulation.objects.get()
    assert answer.url == reverse("simulation", args=[made.pk])
    waiting = text(browser.get(answer.url))
    assert "job_progress" not in waiting and f"/jobs/{made.job_id}/" in waiting
    run_waiting(now)
    shown = text(browser.get(answer.url))
    assert "3 households fall: work list" in shown and "data-chart" in shown
    assert "households newly below the line in" in shown and "everybody entitled is counted" in shown
    assert made.scenario.count("\n") == 5 and (made.years, made.region_code) == (3, BANNER)


def test_a_form_with_everything_says_what_the_yaml_says(regions, officers, signed_in, now):
    register(now, year=YEAR)
    browser = signed_in("banner_officer")
    form = built(**{
        "changes-1-programme": "a", "changes-1-kind": "tapers", "changes-1-on": "2028-01-01", "changes-1-region": TOWNSHIP,
        "changes-1-shares": "80%，50、0", "changes-0-region": "152221101", "adds-0-name": "牧草{补助}", "adds-0-who": "forest_mu > 100",
        "adds-0-amount": "300", "adds-0-fund": "旗本级", "adds-0-since": "2027-01-01", "adds-0-source": "草案",
        "shocks-0-cause": "drought", "shocks-0-since": "2027-01-01", "shocks-0-until": "2027-12-31", "shocks-0-share": "60",
        "shocks-0-business": "70", "shocks-0-who": "forest_mu > 0",
    })  # fmt: skip
    answer = browser.post(NEW, form)
    assert answer.status_code == 302, flaws(answer)
    made = Simulation.objects.get()
    scenario = scenarios.read(made.scenario, made.file_name, rulebook.current())
    assert [(each.kind, each.region, each.shares) for each in scenario.reforms] == [
        ("ends", "152221101", ()), ("tapers", TOWNSHIP, (0.8, 0.5, 0.0))
    ]  # fmt: skip
    [shock] = scenario.shocks
    assert (shock.share, dict(shock.factors), shock.cause) == (0.6, {"business": 0.7}, "drought")
    assert scenario.rulebook.programmes["added-1"].since == date(2027, 1, 1)
    run_waiting(now)
    shown = text(browser.get(reverse("simulation", args=[made.pk])))
    assert "have no end, and are counted to go on" in shown and "牧草(补助)" in shown
    again = text(browser.get(NEW, {"copy": made.pk}))
    assert 'value="80 50 0"' in again and 'value="forest_mu &gt; 100"' in again and "停止试算" in again


def test_every_flaw_stands_at_its_row(regions, officers, signed_in, now):
    browser = signed_in("banner_officer")
    early = browser.post(NEW, built(**{"changes-0-on": "2026-01-01"}))
    assert early.status_code == 400 and "before it is adopted" in text(early)
    twice = browser.post(NEW, built(**{"changes-1-programme": "a", "changes-1-on": "2028-01-01"}))
    assert "It overlaps with the reform in line" in text(twice)
    nothing = browser.post(NEW, built(**{"changes-0-out": "on"}))
    assert "The scenario changes nothing." in text(nothing)
    sourceless = built(**{
        "adds-0-name": "新", "adds-0-who": "forest_mu > 0", "adds-0-amount": "10", "adds-0-fund": "旗", "adds-0-since": "2027-01-01",
    })  # fmt: skip
    assert "The source is missing." in "".join(flaws(browser.post(NEW, sourceless)))
    wrong_day = browser.post(NEW, built(**{"changes-0-on": "tomorrow"}))
    assert wrong_day.status_code == 400 and "valid date" in text(wrong_day)
    outside = browser.post(NEW, built(region_code="152222"))
    assert outside.status_code == 400
    assert not Simulation.objects.exists()


def test_one_more_row_keeps_what_was_typed(regions, officers, signed_in):
    page = text(signed_in("banner_officer").post(NEW, built(more="shocks", title="打了一半")))
    assert 'name="shocks-count" value="2"' in page and "打了一半" in page and 'value="2027-01-01"' in page
    assert 'class="errorlist' not in page


def test_yaml_is_written_or_sent_and_its_flaws_come_back_with_lines(regions, officers, signed_in, now):
    register(now, year=YEAR)
    browser = signed_in("banner_officer")
    head = {"how": "yaml", "title": "文件", "region_code": BANNER, "years": "5"}
    flawed = SimpleUploadedFile("方案.yaml", ENDS.replace("programme: a", "programme: b").encode())
    answer = browser.post(NEW, {**head, "text": "", "file": flawed})
    assert answer.status_code == 400
    assert "Line 4" in text(answer) and "There is no programme “b”" in text(answer) and "programme: b" in text(answer)
    binary = browser.post(NEW, {**head, "text": "", "file": SimpleUploadedFile("x.yaml", b"\xff\xfe\x00")})
    assert binary.status_code == 400 and "no text in UTF-8" in text(binary)
    bomb = "a: &a [x]\nb: [*a, *a]\n"
    assert browser.post(NEW, {**head, "text": bomb}).status_code == 400
    assert browser.post(NEW, {**head, "text": ENDS}).status_code == 302
    made = Simulation.objects.get()
    download = browser.get(reverse("simulation_scenario", args=[made.pk]))
    assert download.content.decode() == ENDS and "attachment" in download["Content-Disposition"]


def test_the_examples_become_forms_and_say_the_same_again():
    for id_ in ("drought", "end_of_transition", "job_losses"):
        before = rows_of(scenarios.example_text(id_))
        after = rows_of(written(before).text)
        assert (before.changes, before.shocks, before.adopted) == (after.changes, after.shocks, after.adopted)
    assert scenarios.COMPONENT_NAMES.keys() == COMPONENTS.keys()
    assert rows_of("adds: [{id: x}]") is None and rows_of("[") is None and rows_of("- a") is None
    assert rows_of("shocks: 5") is None and isinstance(rows_of("name: {zh: 甲, en: A}"), Rows)


def test_a_township_officer_sees_its_part(found, signed_in):
    page = text(signed_in("township_officer").get(reverse("simulation", args=[found.pk])))
    assert "2 households fall: work list" in page and "the figures are those of your region" in page
    assert "第三嘎查" not in page
    listed = text(signed_in("township_officer").get(reverse("simulation_households", args=[found.pk])))
    assert "H1" in listed and "H3" in listed and "H4" not in listed
    below = text(signed_in("township_officer").get(reverse("simulation_below", args=[found.pk]), {"year": "2028"}))
    assert "演示H1" in below and "H4" not in below
    elsewhere = signed_in("township_officer").get(reverse("simulation", args=[found.pk]), {"region": "152221101"})
    assert elsewhere.status_code == 404


@pytest.mark.parametrize("name", ["simulation", "simulation_villages", "simulation_households", "simulation_below"])
def test_another_banner_finds_nothing(found, signed_in, name):
    assert signed_in("neighbour").get(reverse(name, args=[found.pk])).status_code == 404
    assert signed_in("supervisor").get(reverse(name, args=[found.pk])).status_code == 403


def test_who_only_reads_sees_masked_names(found, signed_in):
    address = reverse("simulation_households", args=[found.pk])
    leader = text(signed_in("leader").get(address))
    assert "演***" in leader and "演示H1" not in leader and "Names are masked" in leader
    assert "演示H1" in text(signed_in("village_cadre").get(address))
    assert signed_in("department_officer").get(address).status_code == 403


def test_up_to_three_stand_side_by_side(found, officers, signed_in, now):
    by = officers["banner_officer"]
    taper = ENDS.replace(
        "ends:\n  - {programme: a, on: 2027-01-01}", "tapers: [{programme: a, on: 2027-01-01, shares: [0.5]}]"
    )
    other = computed(by, now + timedelta(hours=1), scenario=taper, title="减半")
    part = computed(officers["township_officer"], now + timedelta(hours=2), title="镇")
    browser, address = signed_in("banner_officer"), reverse("simulation_compare")
    both = text(browser.get(address, {"with": [found.pk, other.pk]}))
    assert "减半" in both and 'data-chart="falls"' in both and "3 ·" in both
    three = text(browser.get(address, {"with": [found.pk, other.pk, part.pk]}))
    assert "2 ·" in three and "3 ·" not in three, "over the part that all of them take in"
    assert browser.get(address, {"with": [found.pk, other.pk, part.pk, 4]}).status_code == 400
    assert browser.get(address, {"with": [found.pk, 999]}).status_code == 404
    assert "Tick up to three" in text(browser.get(address))


def test_the_work_list_is_narrowed_settled_and_exported(found, signed_in):
    browser, address = signed_in("banner_officer"), reverse("simulation_households", args=[found.pk])
    fall = Fall.objects.get(simulation=found, household__number="H1")
    one = reverse("fall", args=[fall.pk])
    assert "5,550" in text(browser.get(one))
    refused = browser.post(one, {"state": "held", "was": "to_visit", "held_by": "", "reason": ""})
    assert refused.status_code == 400 and "Say what holds the household" in text(refused)
    assert browser.post(one, {"state": "held", "was": "to_visit", "held_by": "低保", "reason": ""}).status_code == 302
    late = browser.post(one, {"state": "visited", "was": "to_visit", "held_by": "", "reason": ""})
    assert late.status_code == 409
    held = text(browser.get(address, {"state": "held"}))
    assert "H1" in held and "H3" not in held and "低保" in held
    sheet = rows(browser.get(address, {"export": "xlsx"}))
    assert len(sheet) == 4 and sheet[1][0] == "H1" and sheet[1][5] == 450 and sheet[1][7] == "Held"
    villages = rows(browser.get(reverse("simulation_villages", args=[found.pk]), {"export": "xlsx", "year": "2027"}))
    assert sorted(row[4] for row in villages[1:]) == [1, 1, 1]
    below = rows(browser.get(reverse("simulation_below", args=[found.pk]), {"export": "xlsx"}))
    assert [row[0] for row in below[1:]] == ["H1", "H3", "H4"]


def test_a_village_is_handed_over_on_the_page(found, signed_in, now):
    offer_form(now)
    browser, address = signed_in("banner_officer"), reverse("simulation_hand_over", args=[found.pk])
    page = text(browser.get(address, {"region": VILLAGE}))
    assert "1 household to visit" in page
    form = {
        "region_code": VILLAGE,
        "title": "断崖走访",
        "form_id": "household_visit",
        "starts_on": "2026-06-03",
        "due_on": "2026-06-01",
    }
    backwards = browser.post(address, form)
    assert backwards.status_code == 400
    assert browser.post(address, {**form, "due_on": "2026-07-01"}).status_code == 302
    assert browser.post(address, {**form, "due_on": "2026-07-01"}).status_code == 409
    assert "in a round" in text(browser.get(reverse("simulation_households", args=[found.pk])))
    assert signed_in("village_cadre").get(address).status_code == 403


def test_the_radar_leads_to_a_scenario_in_which_the_programme_just_ends(regions, officers, signed_in, now, tmp_path):
    law(tmp_path / "ending", until="2027-12-31")
    register(now, year=YEAR)
    browser = signed_in("banner_officer")
    empty = text(browser.get("/policies/radar/"))
    assert "The radar has not been read yet." in empty
    browser.post("/policies/radar/look/")
    run_waiting(now)
    page = text(browser.get("/policies/radar/"))
    assert "4 households · 8,000 CNY a year" in page and "?ends=a" in page
    assert "2 households · 4,000 CNY a year" in text(signed_in("village_cadre").get("/policies/radar/"))
    assert "?ends=a" not in text(signed_in("village_cadre").get("/policies/radar/"))
    assert signed_in("village_cadre").post("/policies/radar/look/").status_code == 403
    filled = text(browser.get(NEW, {"ends": "a"}))
    assert 'value="2028-01-01"' in filled and "checked" in filled
    answer = browser.post(NEW, built(**{"changes-0-on": "2028-01-01", "goes_on": "a"}))
    run_waiting(now)
    shown = text(browser.get(answer.url))
    assert "3 households fall" in shown and "went on after its end" in shown
    assert browser.get(NEW, {"ends": "nothing"}).status_code == 404


def test_lists_ask_few_questions(found, officers, signed_in, now):
    browser = signed_in("banner_officer")
    for name, args, most in (
        ("simulations", (), 12), ("simulation", (found.pk,), 24), ("simulation_households", (found.pk,), 18)
    ):  # fmt: skip
        browser.get(reverse(name, args=args))
        with CaptureQueriesContext(connection) as asked:
            browser.get(reverse(name, args=args))
        assert len(asked) <= most, [each["sql"][:120] for each in asked]
