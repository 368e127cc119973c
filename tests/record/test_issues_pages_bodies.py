"""Bodies, checks, village matters and statistics in the desk."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.issues import bodies, handling
from khotail.issues.checks import draw_checks
from khotail.issues.models import Body, Check, Issue, Matter
from khotail.screening.rulebook import setting
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, OTHER_VILLAGE, PEOPLE, TOWNSHIP, VILLAGE
from tests.record.test_issues_pages import page, photo, raised


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def water(officers, now) -> Body:
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


def resolved(now, officers, **more) -> Issue:
    issue, worker = raised(now, **more), officers["department_officer"]
    handling.accept(issue, by=worker, now=now)
    return handling.resolve(issue, "换了管", by=worker, now=now, public_words="已换", files=[photo()])


NEW = {"name": "演示交通局", "field": "transport", "region_code": BANNER, "phone": "0482-1"}


def test_a_body_is_entered_manned_and_ended_with_its_follower(officers, signed_in, now):
    browser = signed_in("banner_officer")
    assert "telecommunications" in page(browser.get(reverse("bodies")))  # nobody answers for it yet
    answer = browser.post(reverse("body_add"), NEW)
    body = Body.objects.get()
    assert answer["Location"] == reverse("body", args=[body.pk])
    assert "演示department_officer" in page(browser.get(answer["Location"]))
    browser.post(reverse("body_people", args=[body.pk]), {"people": [officers["department_officer"].pk]})
    assert list(body.people.all()) == [officers["department_officer"]]
    Issue.objects.create(
        number="AAAA2222", region_code=VILLAGE, words="路", state="sent", body=body, channel="paper", raised_at=now,
        changed_at=now,
    )  # fmt: skip
    refused = browser.post(reverse("body_end", args=[body.pk]), {"on": "2026-06-03"})
    assert refused.status_code == 409 and "open issues" in page(refused)
    browser.post(reverse("body_add"), NEW | {"name": "演示交通运输局"})
    follower = Body.objects.exclude(pk=body.pk).get()
    assert browser.post(
        reverse("body_end", args=[body.pk]), {"on": "2026-06-03", "successor": follower.pk}
    ).status_code == 302  # fmt: skip
    assert Issue.objects.get().body == follower
    assert "演示交通局" not in page(browser.get(reverse("bodies")))
    assert "演示交通局" in page(browser.get(reverse("bodies"), {"ended": "1"}))


def test_bad_bodies_are_refused_with_a_sentence(officers, signed_in):
    browser = signed_in("township_officer")
    for change in ({"region_code": BANNER}, {"region_code": NEIGHBOUR_BANNER}, {"field": "nothing"}, {"name": " "}):
        assert browser.post(reverse("body_add"), NEW | {"region_code": TOWNSHIP} | change).status_code == 400, change
    assert not Body.objects.exists()


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_only_who_manages_bodies_of_the_place_changes_them(key, water, signed_in):
    browser = signed_in(key)
    allowed = key in ("administrator", "banner_officer")
    expected = 200 if allowed else 404 if key in ("township_officer", "neighbour") else 403
    assert browser.get(reverse("body", args=[water.pk])).status_code == expected
    browser.post(reverse("body_people", args=[water.pk]), {"people": []})
    assert water.people.exists() != allowed


def test_the_committee_checks_what_was_drawn_and_what_does_not_hold_is_reopened(water, officers, signed_in, now):
    issue = resolved(now, officers)
    draw_checks(now)
    check, browser = Check.objects.get(), signed_in("supervisor")
    assert issue.number in page(browser.get(reverse("issue_checks")))
    address = reverse("issue_check", args=[check.pk])
    text = page(browser.get(address))
    assert "已换" in text and "<img" in text
    assert browser.post(address, {"result": "does_not_hold", "words": ""}).status_code == 400
    assert browser.post(address, {"result": "does_not_hold", "words": "还在漏"}).status_code == 302
    issue.refresh_from_db()
    assert (issue.state, issue.reopened) == ("sent", 1)
    again = browser.post(address, {"result": "holds", "words": "我写的话"})
    assert again.status_code == 409 and "我写的话" in page(again)
    for key in set(PEOPLE) - {"supervisor"}:
        assert signed_in(key).get(reverse("issue_checks")).status_code == 403, key
        assert signed_in(key).post(address, {"result": "holds"}).status_code == 403, key


def test_what_keeps_coming_back_is_a_matter_that_the_village_settles(water, officers, signed_in, now):
    for n in range(int(setting("issue_recurs", timezone.localdate(now), VILLAGE))):
        issue = raised(now, key=f"m{n}")
        handling.accept(issue, by=officers["department_officer"], now=now)
    matter, cadre = Matter.objects.get(), signed_in("village_cadre")
    address = reverse("matter", args=[matter.pk])
    assert address in page(cadre.get(reverse("matters"))) and issue.number in page(cadre.get(address))
    assert signed_in("other_village_cadre").get(address).status_code == 404
    assert signed_in("leader").post(address, {"outcome": "x"}).status_code == 403
    assert cadre.post(address, {"outcome": " "}).status_code == 400
    assert cadre.post(address, {"outcome": "换整条主管"}).status_code == 302
    stale = cadre.post(address, {"outcome": "再修一次"})
    assert stale.status_code == 404 and "再修一次" in page(stale)
    assert address not in page(cadre.get(reverse("matters")))
    assert address in page(cadre.get(reverse("matters"), {"state": "settled"}))


def test_statistics_say_how_long_how_content_and_that_few_mean_little(water, officers, signed_in, now):
    resolved(now, officers)
    raised(now, words="另一处", region_code=OTHER_VILLAGE)
    browser, address = signed_in("banner_officer"), reverse("issue_statistics")
    for by, name in (("body", "演示水利局"), ("village", "第一嘎查"), ("class", "水管"), ("nonsense", "演示水利局")):
        text = page(browser.get(address, {"by": by}))
        assert name in text or by == "class", by
        assert ">few<" in text and "How to read it" in text
    assert "第二嘎查" not in page(signed_in("village_cadre").get(address, {"by": "village"}))
    old = (timezone.localdate(now) - timedelta(days=400)).isoformat()
    assert "Nothing was raised" in page(browser.get(address, {"since": old, "until": old}))
    for since, until in (("0001-01-01", "9999-12-31"), ("x", "y"), ("2026-06-03", "2020-01-01")):
        assert browser.get(address, {"since": since, "until": until}).status_code == 200
    assert browser.get(address, {"export": "xlsx"}).status_code == 200
    assert signed_in("helper").get(address).status_code == 403


def test_what_anybody_typed_is_shown_as_text(water, officers, signed_in, now):
    bad = "<script>alert(1)</script>"
    body = bodies.add_body(bad, "telecom", BANNER, by=officers["administrator"], now=now)
    issue = raised(now, words=bad, place_words=bad, name=bad)
    browser = signed_in("banner_officer")
    for address in (
        reverse("issue", args=[issue.pk]), reverse("issues"), reverse("bodies"), reverse("body", args=[body.pk]),
        reverse("issue_statistics"),
    ):  # fmt: skip
        assert bad not in browser.get(address).content.decode(), address
    assert bad in html.unescape(browser.get(reverse("issues")).content.decode())
