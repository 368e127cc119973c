"""GeoReport v2: raising an issue with an access token, and every way in which that is refused."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.utils import timezone

from khotail.accounts.tokens import make_token
from khotail.issues.models import Issue
from khotail.issues.raising import raise_issue
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_VILLAGE, VILLAGE
from tests.record.test_issues_loop import JPEG
from tests.record.test_open311 import (
    BASE,
    FORMS,
    MAIL,
    NAME,
    PHONE,
    errors_of,
    got,
    key,
    listed,
    of_a_banner,
    posted,
    water,
)

__all__ = ["key", "of_a_banner", "water"]


@pytest.mark.parametrize("form", FORMS)
def test_a_posted_request_is_an_issue_and_its_number_is_answered(client, water, key, form):
    answer = posted(
        client, form, api_key=key, service_code="water-cut", address_id=VILLAGE, lat="46.0712345", long="121.9523456",
        address_string="村部旁", description="停水三天了 <b>急</b>", first_name="云", last_name="演示乌", phone=PHONE,
        email=MAIL, device_id="d1", account_id="a1", media_url="https://example.org/a.jpg",
        **{"attribute[days]": "3", "attribute[households]": "20"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.content
    if form == "json":
        (row,) = answer.json()
    else:
        row = {child.tag: child.text for child in ElementTree.fromstring(answer.content).find("request")}
    assert "token" not in row and row["service_notice"]
    issue = Issue.objects.get(number=row["service_request_id"])
    assert (issue.route, issue.state, issue.body, issue.channel) == ("water-cut", "sent", water, "open311")
    assert (issue.raiser_name, issue.raiser_phone) == (NAME, PHONE)
    assert issue.attributes == {"days": "3", "households": "20"}
    assert issue.words == "停水三天了 <b>急</b>\nhttps://example.org/a.jpg"
    shown = got(client, f"requests/{issue.number}.{form}").content.decode()
    for secret in (NAME, PHONE, MAIL, "村部旁", "停水三天了", "46.0712", "121.9523"):
        assert secret not in shown
    assert list(breaks()) == []


def test_what_a_program_tells_of_the_raiser_lies_sealed_and_is_shown_to_who_works_on_it_alone(
    client, water, key, officers, signed_in
):
    told = {
        "email": MAIL,
        "device_id": "device-77",
        "account_id": "account-88",
        "first_name": "云",
        "last_name": "演示乌",
    }
    answer = posted(client, api_key=key, service_code="water-pipe", address_id=VILLAGE, description="漏水", **told)
    issue = Issue.objects.get(number=answer.json()[0]["service_request_id"])
    assert json.loads(issue.raiser_more) == told
    with connection.cursor() as cursor:
        cursor.execute("SELECT raiser_more FROM issues_issue")
        [[lying]] = cursor.fetchall()
    assert lying and not any(value in lying for value in told.values())
    pages = [got(client, f"requests/{issue.number}.{form}").content.decode() for form in FORMS]
    pages += [client.get(f"/board/{issue.number}/").content.decode()]
    desk = signed_in("department_officer")
    pages += [desk.get(f"/issues/{issue.pk}/").content.decode()]
    assert not any(value in page for page in pages for value in (MAIL, "device-77", "account-88"))
    shown = desk.post(f"/issues/{issue.pk}/phone/").content.decode()
    assert MAIL in shown and "device-77" not in shown and "account-88" not in shown
    assert Event.objects.filter(verb="issue.phone_shown").count() == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_question_that_has_to_be_answered_is_named_and_enforced(client, water, key, form):
    answer = got(client, "services/animal-disease.json")
    asked = {one["code"]: one["required"] for one in answer.json()["attributes"]}
    assert asked == {"animal": True, "ill": False, "dead": False}
    fields = {"api_key": key, "service_code": "animal-disease", "address_id": VILLAGE, "description": "羊病了"}
    for given in ({}, {"attribute[animal]": ""}, {"attribute[animal]": "dragon"}):
        refused = posted(client, form, **fields, **given)
        assert refused.status_code == 400 and "什么牲畜" in refused.content.decode()
        errors_of(refused, form)
    assert not Issue.objects.exists()
    assert posted(client, form, **fields, **{"attribute[animal]": "sheep"}).status_code == 200
    assert Issue.objects.get().attributes == {"animal": "sheep"}


def test_nobody_is_refused_over_a_question_that_they_were_not_asked(regions, officers, now):
    words = "羊圈里的羊一只接一只死，不知道什么病"
    assert raise_issue(words, region_code=VILLAGE, channel="portal", now=now, attributes={}).words == words
    told = raise_issue(words, region_code=VILLAGE, channel="visit", route="animal-disease", now=now)
    assert told.route == "animal-disease"


def test_several_values_of_a_question_are_kept(client, water, key):
    answer = posted(
        client, api_key=key, service_code="water-quality", address_id=VILLAGE, **{"attribute[seen][]": ["smell", "ill"]}
    )
    assert Issue.objects.get(number=answer.json()[0]["service_request_id"]).attributes == {"seen": ["smell", "ill"]}


def test_a_picture_can_be_sent_along_and_is_not_public(client, water, key):
    answer = client.post(
        f"{BASE}/requests.json",
        {"api_key": key, "service_code": "water-pipe", "address_id": VILLAGE, "media": ContentFile(JPEG, "p.jpg")},
    )
    issue = Issue.objects.get(number=answer.json()[0]["service_request_id"])
    assert [photo.public for photo in issue.photos.all()] == [False]
    assert listed(client)[0]["media_url"] == ""


def test_without_address_id_the_place_is_the_officers_region(client, water, officers, key):
    answer = posted(client, api_key=key, service_code="water-pipe", address_string="后山")
    assert Issue.objects.get(number=answer.json()[0]["service_request_id"]).region_code == BANNER
    own = make_token(officers["village_cadre"], "手机", None, now=timezone.now()).secret
    answer = posted(client, api_key=own, service_code="water-pipe", lat="46.1", long="121.9")
    assert Issue.objects.get(number=answer.json()[0]["service_request_id"]).region_code == VILLAGE


def test_the_key_may_stand_in_the_address(client, water, key):
    assert posted(client, query=f"?api_key={key}", service_code="water-pipe", address_id=VILLAGE).status_code == 200


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"api_key": ""}, 403),
        ({"api_key": "kht_wrong"}, 403),
        ({"api_key": "a-long-password-1"}, 403),
        ({"service_code": ""}, 400),
        ({"service_code": "no-such-class"}, 404),
        ({"address_id": ""}, 400),
        ({"address_id": "", "lat": "46.1"}, 400),
        ({"address_id": "", "lat": "46.1", "long": ""}, 400),
        ({"address_id": "999999999999"}, 404),
        ({"address_id": "x\x00"}, 404),
        ({"address_id": NEIGHBOUR_VILLAGE}, 404),
        ({"lat": "91", "long": "1"}, 400),
        ({"lat": "north", "long": "east"}, 400),
        ({"lat": "nan", "long": "1"}, 400),
        ({"description": "长" * 4001}, 400),
        ({"jurisdiction_id": "elsewhere"}, 404),
        ({"service_code": "water-cut", "attribute[days]": "many"}, 400),
        ({"service_code": "water-cut", "attribute[days]": "NaN"}, 400),
        ({"service_code": "road-broken", "attribute[passable]": "maybe"}, 400),
    ],
)
def test_what_is_refused_is_said_with_the_status_of_the_standard(client, water, key, form, changed, status):
    fields = {"api_key": key, "service_code": "water-pipe", "address_id": VILLAGE, "description": "漏水"} | changed
    answer = posted(client, form, **fields)
    assert answer.status_code == status, answer.content
    errors_of(answer, form)
    assert not Issue.objects.exists()


def test_an_officer_who_may_not_raise_issues_is_refused(client, water, officers):
    leader = make_token(officers["leader"], "看板", None, now=timezone.now()).secret
    answer = posted(client, api_key=leader, service_code="water-pipe", address_id=VILLAGE)
    assert answer.status_code == 403
    errors_of(answer, "json")


def test_a_body_that_cannot_be_read_is_refused(client, water):
    for content_type, body in (
        ("multipart/form-data", b"--x\r\nhalf"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; na"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(6000))),
        ("application/json", b'{"service_code": "water-pipe"}'),
    ):
        answer = client.post(f"{BASE}/requests.xml", body, content_type=content_type)
        assert answer.status_code in (400, 403)
        errors_of(answer, "xml")
