"""Issues through the API: listed, read, raised once, and never more than the officer sees."""

from __future__ import annotations

import pytest
from django.utils import timezone

from khotail.issues import bodies
from khotail.issues.models import Issue
from khotail.issues.receipts import by_receipt
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE
from tests.record.test_api import Program, is_problem, program  # noqa: F401
from tests.record.test_issues_pages import raised

PHONE = "13912345678"
SAID = {"region_code": VILLAGE, "words": "村口那根水管破了，漏水三天", "phone": PHONE, "key": "call-1"}


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def water(officers, now):
    return bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)


def test_an_issue_is_raised_once_and_its_receipt_opens_it(water, program):  # noqa: F811
    caller = program("village_cadre")
    first, again = caller.post("/issues", SAID), caller.post("/issues", SAID)
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    issue = Issue.objects.get()
    assert by_receipt(first.json()["receipt"], PHONE) == issue and issue.channel == "phone"
    whole = caller.get(f"/issues/{issue.pk}").json()
    assert whole["number"] == issue.number and whole["moves"][0]["kind"] == "raised"
    assert PHONE not in str(whole) and "receipt" not in whole
    program("banner_officer").post("/issues", SAID)
    assert Issue.objects.count() == 2  # somebody else's key is another


def test_what_is_wrong_is_refused_with_a_sentence(water, program):  # noqa: F811
    caller = program("village_cadre")
    assert is_problem(caller.post("/issues", SAID | {"region_code": OTHER_VILLAGE}), 404)
    assert is_problem(caller.post("/issues", SAID | {"route": "nothing"}), 404)
    assert is_problem(caller.post("/issues", SAID | {"words": " "}), 400)
    assert is_problem(caller.post("/issues", SAID | {"latitude": 123, "longitude": 1}), 400)
    assert is_problem(caller.post("/issues", SAID | {"channel": "portal"}), 422)
    assert is_problem(program("leader").post("/issues", SAID), 403)
    assert is_problem(Program().post("/issues", SAID), 401)
    assert not Issue.objects.exists()


def test_a_list_is_filtered_and_goes_on(water, program, now):  # noqa: F811
    made = [raised(now, words=f"水管破了，电话{PHONE}", key=f"l{n}") for n in range(3)]
    caller = program("banner_officer")
    first = caller.get("/issues", limit=2).json()
    assert [each["id"] for each in first["items"]] == [made[0].pk, made[1].pk] and PHONE not in str(first)
    assert [each["id"] for each in caller.get("/issues", after=first["next"]).json()["items"]] == [made[2].pk]
    assert caller.get("/issues", state="confirmed").json()["items"] == []
    assert len(caller.get("/issues", route="water-pipe", channel="portal").json()["items"]) == 3
    assert is_problem(caller.get("/issues", state="nothing"), 422)
    assert program("neighbour").get("/issues").json()["items"] == []
    assert is_problem(program("neighbour").get(f"/issues/{made[0].pk}"), 404)
    assert program("helper").get("/issues").json()["items"] == []
    assert (
        caller.get(f"/issues/{made[0].pk}").json()["may"] and "say" in caller.get(f"/issues/{made[0].pk}").json()["may"]
    )


def test_a_quiet_issue_stays_out_of_the_village(officers, program, now):  # noqa: F811
    bodies.add_body("演示旗政府办", "government", BANNER, by=officers["administrator"], now=now)
    quiet = raised(now, "办低保要给干部送两条烟", "bribe")
    for key, sees in (("village_cadre", False), ("supervisor", False), ("banner_officer", True)):
        caller = program(key)
        assert (caller.get(f"/issues/{quiet.pk}").status_code == 200) == sees
        assert bool(caller.get("/issues").json()["items"]) == sees
