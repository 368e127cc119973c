"""The API as programs use it: tokens, answers, problems in two languages, lists that go on."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from khotail.accounts import actions as people
from khotail.accounts.tokens import make_token, withdraw_token
from khotail.casework.models import Case, Lead, Objection
from khotail.jobs.models import Job
from khotail.register.models import Household
from khotail.screening.models import Finding, Kind, Run
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, VILLAGE, make_household
from tests.record.walking import close, filled_in, opened, waiting

ID_NUMBER, PHONE = "152221199001011235", "13912345678"


class Program:
    """Calls the API with a token."""

    def __init__(self, secret: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"} if secret else {})

    def get(self, path, **query):
        return self.client.get(f"/api{path}", query)

    def post(self, path, body=None, **more):
        return self.client.post(f"/api{path}", json.dumps(body or {}), content_type="application/json", **more)


@pytest.fixture
def program(officers):
    def of(key: str) -> Program:
        return Program(make_token(officers[key], "test", None, now=timezone.now()).secret)

    return of


@pytest.fixture
def signal(household, now):
    run = Run.objects.create(kind=Kind.SIGNAL, region_code=BANNER, as_of=date(2026, 6, 1), rulebook="cn_15",
                             rulebook_digest="0" * 64, started_at=now, finished_at=now)  # fmt: skip
    return Finding.objects.create(
        kind=Kind.SIGNAL, household=household, region_code=VILLAGE, level="household", subject="D0001", rule_id="gone",
        severity="high", cause="illness", values={"phone": PHONE}, since=date(2026, 6, 1), first_run=run,
    )  # fmt: skip


def is_problem(answer, status):
    assert answer.status_code == status, answer.content
    assert set(answer.json()) == {"zh", "en"} and all(answer.json().values())
    return True


def test_me_says_for_whom_the_token_acts(program):
    told = program("village_cadre").get("/me").json()
    assert (told["role"], told["region_code"]) == ("village_cadre", VILLAGE)
    assert "edit_register" in told["may"] and "screen" not in told["may"]


def test_without_a_token_or_with_one_that_is_over_nothing_is_answered(officers, now):
    made = make_token(officers["leader"], "over", None, now=now)
    withdraw_token(made.token, by=officers["leader"], now=now)
    brief = make_token(officers["leader"], "brief", now + timedelta(minutes=1), now=now)  # long past by today's clock
    for secret in ("", "kht_" + "x" * 43, "nonsense", made.secret, brief.secret):
        answer = Program(secret).get("/me")
        assert is_problem(answer, 401) and answer["WWW-Authenticate"] == "Bearer"
        assert is_problem(Program(secret).post("/leads", {"channel": "visit", "words": "x"}), 401)


def test_a_token_ends_with_its_officer(program, officers, now):
    call = program("village_cadre")
    people.withdraw_officer(officers["village_cadre"], by=officers["administrator"], now=now)
    assert is_problem(call.get("/me"), 401)


def test_a_page_in_a_session_reads_and_needs_the_csrf_token_to_write(officers, household):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officers["village_cadre"])
    assert browser.get("/api/me").status_code == 200
    body = json.dumps({"household_id": household.pk, "channel": "visit", "words": "x"})
    assert is_problem(browser.post("/api/leads", body, content_type="application/json"), 403)
    browser.get("/")
    token = browser.cookies["csrftoken"].value
    sent = browser.post("/api/leads", body, content_type="application/json", headers={"X-CSRFToken": token})
    assert sent.status_code == 201


def test_a_token_is_not_asked_for_csrf(officers, household, now):
    secret = make_token(officers["village_cadre"], "t", None, now=now).secret
    strict = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})
    answer = strict.post("/api/households/search", json.dumps({"text": "D0001"}), content_type="application/json")
    assert answer.status_code == 200 and len(answer.json()) == 1


def test_the_documentation_is_for_people_who_are_in_and_loads_nothing_from_elsewhere(signed_in, program):
    assert Client().get("/api/docs").status_code == 302
    assert is_problem(Client().get("/api/openapi.json"), 401)
    page = signed_in("leader").get("/api/docs").content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page and "https://" not in page and "http://" not in page
    assert "/api/households/{id}" in program("leader").get("/openapi.json").json()["paths"]


def test_what_is_no_route_is_a_problem(program):
    assert is_problem(program("leader").get("/nothing/here"), 404)


def test_a_household_is_found_read_and_followed(program, household):
    person = household.members.get()
    person.id_number, person.phone = ID_NUMBER, PHONE
    person.save()
    call = program("village_cadre")
    [hit] = call.post("/households/search", {"text": "演示甲"}).json()
    assert hit["household"]["number"] == "D0001" and hit["by"] == "name"
    answer = call.get(f"/households/{household.pk}")
    [member] = answer.json()["members"]
    assert member["id_number"] == "152221********1235" and member["phone"] == "139****5678"
    assert ID_NUMBER not in answer.content.decode() and PHONE not in answer.content.decode()
    assert call.get(f"/households/{household.pk}/timeline").json()["items"] == []


def test_a_household_is_read_as_it_was_known_on_a_day(signed_in, program, household):
    signed_in("village_cadre").post(
        f"/register/{household.pk}/correct/households/", {"house_grade": "C", "reason": f"call {PHONE}"}
    )
    call = program("village_cadre")
    [fact] = call.get(f"/households/{household.pk}").json()["facts"]
    assert fact["values"] == {"house_grade": "C"}
    assert call.get(f"/households/{household.pk}", on="2020-01-01").json()["facts"] == []
    assert is_problem(call.get(f"/households/{household.pk}", on="0000-00-00"), 422)
    told = call.get(f"/households/{household.pk}/timeline")
    assert {each["kind"] for each in told.json()["items"]} == {"statement", "event"}


def test_a_timeline_goes_on(program, household, signed_in):
    browser = signed_in("village_cadre")
    for grade in "ABC":
        browser.post(f"/register/{household.pk}/correct/households/", {"house_grade": grade, "reason": "seen"})
    call, seen, offset = program("leader"), [], 0
    while offset is not None:
        part = call.get(f"/households/{household.pk}/timeline", limit=2, offset=offset).json()
        seen += part["items"]
        offset = part["next_offset"]
    assert len(seen) == 6


def test_a_list_goes_on_to_its_end_in_one_query_a_part(program, household, now, django_assert_max_num_queries):
    for n in range(7):
        make_household(f"L{n}", OTHER_VILLAGE, f"户{n}", now)
    call, numbers, after = program("leader"), [], 0
    call.get("/me")  # the token's first use is written down
    while after is not None:
        with django_assert_max_num_queries(2):  # the token, the list
            part = call.get("/households", limit=3, after=after).json()
        numbers += [each["number"] for each in part["items"]]
        after = part["next"]
    assert numbers == ["D0001", *(f"L{n}" for n in range(7))]
    assert len(call.get("/households", region=OTHER_VILLAGE).json()["items"]) == 7


@pytest.mark.parametrize("query", [{"limit": 201}, {"limit": 0}, {"after": -1}, {"after": 10**30}, {"limit": "x"}])
def test_a_list_of_more_than_two_hundred_is_refused(program, query):
    assert is_problem(program("leader").get("/households", **query), 422)


def test_filters_that_do_not_exist_are_refused_and_not_passed_over(program, household):
    call = program("leader")
    assert is_problem(call.get("/households", monitored="nonsense"), 422)
    assert is_problem(call.get("/leads", state="nonsense"), 422)
    assert is_problem(call.get("/cases", state="nonsense"), 422)
    for region in (NEIGHBOUR_BANNER, "15", "abc", "152221' OR 1=1"):
        assert call.get("/households", region=region).status_code in (404, 422)


def test_monitored_households_and_changed_ones(program, household, now):
    Household.objects.filter(pk=household.pk).update(monitored_type="边缘易致贫户")
    make_household("L1", VILLAGE, "户1", now)
    call = program("leader")

    def found(**query):
        return [each["number"] for each in call.get("/households", **query).json()["items"]]

    assert found(monitored="any") == found(monitored="边缘易致贫户") == ["D0001"]
    assert found(monitored="no") == ["L1"] and found(monitored="脱贫不稳定户") == []
    assert found(changed_since="2026-06-04T00:00:00") == [] and len(found(changed_since="2026-06-01T00:00:00Z")) == 2
    assert found(ended="true") == []


def test_signals_say_why_without_numbers_of_persons(program, signal):
    call = program("village_cadre")
    [found] = call.get("/signals").json()["items"]
    assert found["why"]["zh"] and PHONE not in json.dumps(found) and found["household_id"] == signal.household_id
    assert call.get("/signals", cause="illness", severity="high", rule="gone", since="2026-06-01").json()["items"]
    for query in ({"cause": "flood"}, {"rule": "x\x00"}, {"since": "2026-06-02"}, {"ended": "true"}, {"household": 99}):
        assert call.get("/signals", **query).json()["items"] == []
    assert call.get(f"/signals/{signal.pk}").json()["id"] == signal.pk
    assert call.get("/audits").json()["items"] == []
    assert is_problem(call.get("/signals/99999"), 404)


def test_a_lead_is_raised_listed_and_dismissed(program, household):
    call = program("village_cadre")
    words = f"<b>家里有人住院</b>，电话 {PHONE}\x00\ud800"
    sent = {"household_id": household.pk, "channel": "visit", "causes": ["illness"], "words": words}
    raised = call.post("/leads", sent)
    assert raised.status_code == 201 and raised.json()["due_on"]
    [listed] = call.get("/leads").json()["items"]
    assert listed["words"] == "<b>家里有人住院</b>，电话 139****5678?"
    assert is_problem(call.post(f"/leads/{listed['id']}/dismiss", {"reason": " "}), 400)
    assert call.post(f"/leads/{listed['id']}/dismiss", {"reason": "已好转"}).json()["state"] == "dismissed"
    assert is_problem(call.post(f"/leads/{listed['id']}/dismiss", {"reason": "再次"}), 409)
    assert call.get("/leads").json()["items"] == [] and len(call.get("/leads", state="all").json()["items"]) == 1


def test_a_department_raises_leads_and_reads_none(program, household):
    call = program("department_officer")
    assert call.post("/leads", {"region_code": VILLAGE, "channel": "department", "words": "住院"}).status_code == 201
    named = {"household_id": household.pk, "channel": "department", "words": "住院"}
    assert is_problem(call.post("/leads", named), 403)  # or it could try which households there are
    for path in ("/leads", f"/leads/{Lead.objects.get().pk}", "/households", "/signals", "/audits", "/cases", "/runs"):
        assert is_problem(call.get(path), 403)


def test_bad_leads_are_refused_in_words(program, household):
    call = program("village_cadre")
    for body, status in (
        ({}, 422),
        ({"channel": "visit"}, 422),
        ({"channel": ["visit"], "words": "x"}, 422),
        ({"channel": "rumour", "words": "x", "household_id": household.pk}, 400),
        ({"channel": "visit", "words": "x" * 100_000, "household_id": household.pk}, 400),
        ({"channel": "visit", "words": "x", "household_id": 10**40}, 422),
        ({"channel": "visit", "words": "x", "household_id": 999}, 404),
        ({"channel": "visit", "words": "x", "region_code": OTHER_VILLAGE}, 404),
    ):
        assert is_problem(call.post("/leads", body), status)
    assert is_problem(call.client.post("/api/leads", "{no json", content_type="application/json"), 422)
    assert is_problem(call.client.post("/api/leads", b"\xff\xfe", content_type="application/json"), 422)
    assert not Lead.objects.exists()


def test_a_case_is_opened_read_and_its_step_closed_with_its_papers(program, household, officers):
    call = program("village_cadre")
    lead = call.post("/leads", {"household_id": household.pk, "channel": "visit", "causes": ["illness"], "words": "x"})
    number = call.post(f"/leads/{lead.json()['id']}/take").json()["case_id"]
    case = call.get(f"/cases/{number}").json()
    [step] = case["steps"]
    [confirmed] = [each for each in step["outcomes"] if each["id"] == "confirmed"]
    assert step["may_close"] and step["asks"] and confirmed["evidence"]
    address = f"/cases/{number}/steps/{step['id']}/close"
    record = json.loads(json.dumps(filled_in(waiting(Case.objects.get()), timezone.now()), default=str))
    assert is_problem(call.post(address, {"outcome": "confirmed", "record": record}), 400)
    assert is_problem(call.post(address, {"outcome": "confirmed", "record": record, "documents": [9999]}), 404)
    papers = []
    for kind in confirmed["evidence"]:
        file = io.BytesIO(b"%PDF-1.7\n%%EOF")
        file.name = "../../etc/passwd"
        sent = call.client.post(f"/api/households/{household.pk}/documents", {"kind": kind, "file": file})
        assert sent.status_code == 201, sent.content
        papers.append(sent.json()["id"])
    closed = call.post(address, {"outcome": "confirmed", "record": record, "documents": papers})
    assert closed.status_code == 200, closed.content
    assert [each["step_id"] for each in closed.json()["steps"]] == ["home-check", "village-review"]
    assert is_problem(call.post(address, {"outcome": "confirmed", "record": record}), 409)
    [listed] = call.get("/cases", state="deciding", household=household.pk).json()["items"]
    assert listed["id"] == number


def test_nobody_closes_a_step_that_is_not_theirs(program, household, officers, now):
    case = opened(household, officers, now)
    step = waiting(case)
    address = f"/cases/{case.pk}/steps/{step.pk}/close"
    body = {"outcome": "no-risk", "reason": "x"}
    for key in ("banner_officer", "leader", "auditor", "department_officer"):
        assert is_problem(program(key).post(address, body), 403)
    for key in ("neighbour", "other_village_cadre", "helper"):
        assert is_problem(program(key).post(address, body), 404)
    assert is_problem(program("village_cadre").post(f"/cases/{case.pk + 1}/steps/{step.pk}/close", body), 404)
    assert waiting(case).pk == step.pk


def test_an_objection_is_written_down_once_there_is_something_to_object_to(program, household, officers, now):
    case = opened(household, officers, timezone.now())
    step = waiting(case)
    call = program("village_cadre")
    address = f"/cases/{case.pk}/steps/{step.pk}/objections"
    assert is_problem(call.post(address, {"words": "x"}), 400)
    close(step, officers, timezone.now(), "no-risk", reason="无风险")
    assert call.post(address, {"words": "家里还有人住院", "said_by": "演示甲"}).status_code == 201
    assert Objection.objects.get().words == "家里还有人住院"
    assert is_problem(program("leader").post(address, {"words": "x"}), 403)


def test_a_run_is_asked_for_and_followed(program, household):
    call = program("banner_officer")
    asked = call.post("/runs", {"kind": "signal"})
    assert asked.status_code == 202 and asked.json()["state"] == "waiting"
    assert call.get(f"/jobs/{asked.json()['id']}").json()["region_code"] == BANNER
    assert is_problem(call.post("/runs", {"kind": "signal"}), 409)
    assert is_problem(call.post("/runs", {"kind": "signal", "region_code": NEIGHBOUR_BANNER}), 404)
    assert is_problem(call.post("/runs", {"kind": "everything"}), 422)
    assert is_problem(program("village_cadre").post("/runs", {"kind": "signal"}), 403)
    assert is_problem(program("neighbour").get(f"/jobs/{asked.json()['id']}"), 404)
    assert Job.objects.count() == 1


def test_runs_are_listed(program, signal):
    [run] = program("leader").get("/runs").json()["items"]
    assert program("leader").get(f"/runs/{run['id']}").json() == run
    assert is_problem(program("neighbour").get(f"/runs/{run['id']}"), 404)


def test_the_neighbour_sees_nothing_of_it(program, household, signal, officers, now):
    case = opened(household, officers, now)
    call = program("neighbour")
    for path in ("/households", "/signals", "/audits", "/leads", "/cases", "/batches", "/runs"):
        assert call.get(path).json() == {"items": [], "next": None}
    for path in (
        f"/households/{household.pk}", f"/households/{household.pk}/timeline", f"/signals/{signal.pk}",
        f"/leads/{case.leads.get().pk}", f"/cases/{case.pk}",
    ):  # fmt: skip
        assert is_problem(call.get(path), 404)
    assert call.post("/households/search", {"text": "演示甲"}).json() == []


def test_a_helper_sees_the_households_that_are_theirs(program, household, officers, now):
    make_household("L1", VILLAGE, "户1", now)
    call = program("helper")
    assert call.get("/households").json()["items"] == []
    Household.objects.filter(pk=household.pk).update(helper=officers["helper"])
    assert [each["number"] for each in call.get("/households").json()["items"]] == ["D0001"]


def test_a_program_that_runs_away_is_asked_to_wait(program, settings):
    settings.KHOTAIL_LIMITS = (("/api/", ("GET",), 3),)
    call = program("leader")
    answers = [call.get("/me") for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert is_problem(answers[-1], 429) and answers[-1]["Retry-After"]


def test_a_program_that_fails_says_so_and_nothing_of_the_data(program, monkeypatch, caplog):
    from khotail.api import households

    def broken(*_):
        raise RuntimeError(ID_NUMBER)

    monkeypatch.setattr(households, "search", broken)
    call = program("leader")
    answer = call.post("/households/search", {"text": "x"})
    assert is_problem(answer, 500) and ID_NUMBER not in answer.content.decode()
    assert "RuntimeError" in caplog.text and ID_NUMBER not in caplog.text
