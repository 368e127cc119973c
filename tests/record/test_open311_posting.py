"""GeoReport v2: raising an issue with an access token, and every way in which that is refused."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from khotail.accounts.tokens import make_token
from khotail.issues.models import Issue
from khotail.trail.chain import breaks
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
