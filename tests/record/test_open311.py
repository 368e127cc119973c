"""GeoReport v2 by its whole table: every address, argument, answer and error, in both formats; and nothing private."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import urlencode
from xml.etree import ElementTree

import georeport
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from khotail.accounts.tokens import make_token
from khotail.issues import bodies, handling, publishing
from khotail.issues.models import Issue, Photo
from khotail.issues.raising import raise_issue
from tests.record.conftest import BANNER, OTHER_VILLAGE, TOWNSHIP, VILLAGE
from tests.record.test_issues_loop import JPEG

BASE = "/open311/v2"
FORMS = ("json", "xml")
XML = "text/xml; charset=utf-8"
NAME, PHONE, MAIL = "演示乌云", "13800000001", "demo@example.org"
#: Every field that the standard has in an answer to /requests.
FIELDS = [
    "service_request_id", "status", "status_notes", "service_name", "service_code", "description", "agency_responsible",
    "service_notice", "requested_datetime", "updated_datetime", "expected_datetime", "address", "address_id", "zipcode",
    "lat", "long", "media_url",
]  # fmt: skip


@pytest.fixture(autouse=True)
def of_a_banner(settings):
    settings.KHOTAIL_BANNER = BANNER


@pytest.fixture
def water(officers, now):
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


@pytest.fixture
def key(officers) -> str:
    return make_token(officers["banner_officer"], "热线", None, now=timezone.now()).secret


def raised(words="村口水管破了", at=None, **more) -> Issue:
    values = {"region_code": VILLAGE, "channel": "portal", "route": "water-pipe", "now": at or timezone.now()} | more
    issue = raise_issue(words, **values)
    issue.refresh_from_db()
    return issue


def got(client, path, **asked):
    return client.get(f"{BASE}/{path}", asked)


def listed(client, **asked) -> list[dict]:
    answer = got(client, "requests.json", **asked)
    assert answer.status_code == 200, answer.content
    return answer.json()


def numbers(client, **asked) -> list[str]:
    return [row["service_request_id"] for row in listed(client, **asked)]


def posted(client, form="json", query="", **fields):
    return client.post(
        f"{BASE}/requests.{form}{query}", urlencode(fields, doseq=True),
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )  # fmt: skip


def errors_of(answer, form) -> list[dict]:
    """The errors, checked to be as the standard has them."""
    if form == "json":
        assert answer["Content-Type"] == "application/json; charset=utf-8"
        found = answer.json()
        assert isinstance(found, list)
    else:
        assert answer["Content-Type"] == XML
        root = ElementTree.fromstring(answer.content)
        assert root.tag == "errors"
        found = [{child.tag: child.text for child in error} for error in root.findall("error")]
    assert found and all(set(error) == {"code", "description"} and error["description"] for error in found)
    return found


# Discovery


def test_discovery_tells_the_endpoint_and_whom_to_ask_for_a_key(client, db):
    found = client.get("/open311/discovery.json")
    assert found["Content-Type"] == "application/json; charset=utf-8"
    told = found.json()
    assert told["contact"] and told["key_service"]
    assert parse_datetime(told["changeset"]).tzinfo
    (endpoint,) = told["endpoints"]
    assert endpoint["url"] == "http://testserver/open311/v2"
    assert endpoint["type"] in ("production", "test")
    assert endpoint["formats"] == ["text/xml", "application/json"]
    assert parse_datetime(endpoint["changeset"]) and endpoint["specification"].startswith("http")
    answer = client.get("/open311/discovery.xml")
    assert answer["Content-Type"] == XML
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "discovery"
    assert [one.text for one in root.findall("endpoints/endpoint/formats/format")] == ["text/xml", "application/json"]
    assert root.findtext("endpoints/endpoint/url") == "http://testserver/open311/v2"


# Services and their definitions


def test_services_are_the_open_classes_in_both_formats(client, db):
    rows = {row["service_code"]: row for row in got(client, "services.json").json()}
    assert set(rows["water-cut"]) == {
        "service_code", "service_name", "description", "metadata", "type", "keywords", "group",
    }  # fmt: skip
    assert rows["water-cut"]["metadata"] is True and rows["water-pipe"]["metadata"] is False
    assert rows["water-cut"]["type"] == "realtime" and "停水了" in rows["water-cut"]["keywords"].split(",")
    answer = got(client, "services.xml")
    assert answer["Content-Type"] == XML and answer.content.startswith(b"<?xml")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "services" and len(root.findall("service")) == len(rows)
    first = next(one for one in root if one.findtext("service_code") == "water-cut")
    assert (first.findtext("service_name"), first.findtext("metadata")) == ("停水断水", "true")


def test_a_definition_lists_its_questions_in_order(client, db):
    told = got(client, "services/water-cut.json").json()
    assert told["service_code"] == "water-cut"
    assert [(one["code"], one["order"], one["datatype"]) for one in told["attributes"]] == [
        ("days", 1, "number"), ("households", 2, "number"),
    ]  # fmt: skip
    assert set(told["attributes"][0]) == {
        "variable", "code", "datatype", "required", "datatype_description", "order", "description", "values",
    }  # fmt: skip
    root = ElementTree.fromstring(got(client, "services/water-quality.xml").content)
    assert root.tag == "service_definition"
    seen = root.find("attributes/attribute")
    assert seen.findtext("datatype") == "multivaluelist" and seen.findtext("required") == "false"
    assert [one.findtext("key") for one in seen.findall("values/value")] == ["colour", "smell", "taste", "ill"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("code", ["water-pipe", "no-such-class", "%00", "..%5c"])
def test_a_class_without_questions_has_no_definition(client, db, code, form):
    answer = client.get(f"{BASE}/services/{code}.{form}")
    assert answer.status_code == 404
    errors_of(answer, form)


# Lists


def test_a_row_has_every_field_of_the_standard(client, water, officers):
    issue = raised(latitude="46.0712345", longitude="121.9523456", phone=PHONE, name=NAME)
    handling.accept(issue, by=officers["department_officer"], now=timezone.now())
    publishing.publish(issue, "村口水管漏水", by=officers["township_officer"], now=timezone.now())
    (row,) = listed(client)
    assert [*row] == [*FIELDS, "state"]
    issue.refresh_from_db()
    assert row["service_request_id"] == issue.number and row["status"] == "open" and row["state"] == "accepted"
    assert (row["service_code"], row["service_name"]) == ("water-pipe", "水管水井损坏")
    assert row["agency_responsible"] == "演示水利局" and row["description"] == "村口水管漏水"
    assert (row["lat"], row["long"]) == (46.071, 121.952)
    assert row["address"] == "科尔沁右翼前旗科尔沁镇第一嘎查" and row["address_id"] == VILLAGE
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert parse_datetime(row[name]).utcoffset() == timedelta(hours=8), name
    assert parse_datetime(row["expected_datetime"]).date() == issue.due_on
    assert NAME not in json.dumps(row, ensure_ascii=False) and PHONE not in json.dumps(row)


def test_a_closed_request_says_so_with_its_reason_and_time(client, water, officers):
    issue, worker, now = raised(), officers["department_officer"], timezone.now()
    handling.accept(issue, by=worker, now=now)
    handling.resolve(
        issue, "内部：找王师傅", by=worker, now=now, public_words="已换新管", files=[ContentFile(JPEG, "p.jpg")]
    )
    handling.say(issue, "请老乡回电", by=worker, now=now, to_raiser=True)
    (row,) = listed(client, status="closed")
    assert (row["status"], row["status_notes"]) == ("closed", "已换新管")
    assert parse_datetime(row["updated_datetime"]) == now.replace(microsecond=0)
    assert listed(client, status="open") == []
    assert len(listed(client, status="open,closed")) == 1


def test_a_list_holds_90_days_unless_a_range_says_otherwise(client, water):
    now = timezone.now()
    recent, older = raised(at=now - timedelta(days=89)), raised(at=now - timedelta(days=91))
    assert numbers(client) == [recent.number]
    start, end = (now - timedelta(days=day) for day in (120, 31))
    assert numbers(client, start_date=start.isoformat(), end_date=end.isoformat()) == [recent.number, older.number]
    assert numbers(client, start_date=start.isoformat()) == [recent.number, older.number]  # 90 days from there
    assert numbers(client, end_date=(now - timedelta(days=90)).isoformat()) == [older.number]
    assert numbers(client, start_date="", end_date="", status="", service_code="") == [recent.number]
    assert numbers(client, start_date=(now + timedelta(days=400)).isoformat()) == []
    zulu = (now - timedelta(days=89, minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert numbers(client, start_date=zulu) == [recent.number]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "asked",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-04-02T00:00:00Z"},
        {"start_date": "2026-04-02T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "2026-01-01"},
        {"start_date": "2026-01-01T00:00:00"},
        {"end_date": "yesterday"},
        {"end_date": "2026-02-30T00:00:00Z"},
        {"start_date": "9999-12-31T23:59:59Z"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"status": "resolved"},
        {"page": "0"},
        {"page": "²"},
        {"page": "-1"},
        {"page_size": "1001"},
        {"page_size": "' OR 1=1"},
    ],
)
def test_arguments_that_make_no_sense_are_refused_with_400(client, db, asked, form):
    answer = got(client, f"requests.{form}", **asked)
    assert answer.status_code == 400
    errors_of(answer, form)


@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_jurisdiction_class_request_or_token_is_404(client, water, form):
    for path, asked in (
        ("services", {"jurisdiction_id": "x"}), ("requests", {"jurisdiction_id": "x"}),
        ("requests", {"service_code": "no-such-class"}), ("requests/NOSUCHNO", {}), ("tokens/123", {}),
        ("requests/%00", {}), ("services.csv", {}), ("requests/1.csv", {}), ("nothing", {}),
    ):  # fmt: skip
        answer = client.get(f"{BASE}/{path}.{form}", asked)
        assert answer.status_code == 404, path
        errors_of(answer, form)
    assert got(client, f"requests.{form}", jurisdiction_id=BANNER).status_code == 200
    assert client.delete(f"{BASE}/requests.{form}").status_code == 400


def test_another_suffix_or_none_is_404_with_a_sentence(client, db):
    for path in ("requests.csv", "requests", "services.JSON", "services/water-cut", ""):
        errors_of(client.get(f"{BASE}/{path}"), "xml")
        assert client.get(f"{BASE}/{path}").status_code == 404


def test_numbers_override_whatever_else_is_asked_for(client, water):
    now = timezone.now()
    old, new = raised(at=now - timedelta(days=300)), raised()
    both = f"{old.number.lower()}, {new.number},NOSUCHNO,%00,\x00"
    found = numbers(client, service_request_id=both, status="closed", service_code="nonsense", start_date="nonsense")
    assert found == [new.number, old.number]
    assert numbers(client, service_request_id="\x00") == []


def test_classes_are_chosen_and_pages_turned(client, water):
    made = [raised(words=f"漏水{n}") for n in range(3)]
    cut = raised(words="停水", route="water-cut")
    assert numbers(client, service_code="water-cut, no-such-class") == [cut.number]
    first = numbers(client, page_size="2", service_code="water-pipe")
    second = numbers(client, page_size="2", page="2", service_code="water-pipe")
    assert first + second == [one.number for one in reversed(made)]
    assert numbers(client, page_size="2", page="3", service_code="water-pipe") == []


def test_a_list_has_at_most_1000_and_costs_as_few_queries_as_a_short_one(client, water, django_assert_num_queries):
    now = timezone.now()
    Issue.objects.bulk_create(
        Issue(
            number=f"N{n:05}", region_code=VILLAGE if n % 2 else OTHER_VILLAGE, words="水", route="water-pipe",
            state="sent", body=water, channel="portal", raised_at=now, changed_at=now,
        )
        for n in range(1003)
    )  # fmt: skip
    listed(client, page_size="1")  # what is read once for a process
    with django_assert_num_queries(4):  # issues with their bodies, notes, photos, names of places
        assert len(listed(client)) == 1000
    assert len(listed(client, page="2")) == 3
    with django_assert_num_queries(4):
        assert len(listed(client, page_size="1")) == 1


# What must not come out


def test_quiet_unsorted_and_joined_issues_are_nowhere(client, water, officers):
    shown = raised()
    quiet = raised(words="家里吃水困难", route="water-household", phone=PHONE)
    unsorted = raised(words="呃", route="")
    joined = raised(words="水管又漏了")
    handling.merge(joined, shown, by=officers["banner_officer"], now=timezone.now())
    assert quiet.quiet and unsorted.state == "sorting"
    every = ",".join(one.number for one in (shown, quiet, unsorted, joined))
    assert numbers(client) == numbers(client, service_request_id=every) == [shown.number]
    assert numbers(client, service_code="water-household") == []
    for hidden in (quiet, unsorted):
        absent, missing = (got(client, f"requests/{number}.json") for number in (hidden.number, "NOSUCHNO"))
        assert (absent.status_code, absent.content) == (404, missing.content)
    assert got(client, f"requests/{joined.number}.json").json()[0]["service_request_id"] == shown.number


def test_only_public_photos_have_an_address(client, water, officers):
    issue = raised(files=[ContentFile(JPEG, "a.jpg"), ContentFile(JPEG, "b.jpg")])
    first, second = Photo.objects.filter(issue=issue).order_by("id")
    publishing.publish(issue, "漏水", [second.pk], by=officers["township_officer"], now=timezone.now())
    (row,) = listed(client)
    assert row["media_url"].startswith("http://testserver/board/") and str(second.pk) in row["media_url"]
    assert client.get(row["media_url"]).status_code == 200
    assert client.get(row["media_url"].replace(str(second.pk), str(first.pk))).status_code == 404


NASTY = "<script>&\"'</script> ]]> \x01\x08\x0b\x1f\ufffe 蒙古ᠮᠣᠩᠭᠣᠯ 👩‍🌾 =SUM(A1)"


def test_markup_and_control_characters_stay_words_in_both_formats(client, water, officers):
    issue = raised()
    publishing.publish(issue, NASTY, by=officers["township_officer"], now=timezone.now())
    assert listed(client)[0]["description"] == NASTY
    root = ElementTree.fromstring(got(client, "requests.xml").content)
    kept = "".join(letter for letter in NASTY if letter not in "\x01\x08\x0b\x1f\ufffe")
    assert root.findtext("request/description") == kept
    assert root.find("request/zipcode").text is None
    single = ElementTree.fromstring(got(client, f"requests/{issue.number}.xml").content)
    assert single.tag == "service_requests" and len(single.findall("request")) == 1


def test_head_and_a_signed_in_browser_change_nothing(client, signed_in, water):
    raised()
    assert client.head(f"{BASE}/requests.json").status_code == 200
    assert signed_in("leader").get(f"{BASE}/requests.json").json() == listed(client)


def test_a_flood_is_answered_in_the_form_of_the_standard(client, water, settings):
    settings.KHOTAIL_LIMITS = (("/open311/", ("GET", "POST"), 2),)
    answers = [got(client, "services.json") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 429, 429]
    assert int(answers[-1]["Retry-After"]) >= 1
    errors_of(answers[-1], "json")


# With a client that somebody else wrote


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", FORMS)
def test_the_georeport_client_reads_everything(live_server, water, form):
    issue, other = raised(), raised(words="停水", route="water-cut", region_code=TOWNSHIP)
    client = georeport.GeoReport(f"{live_server.url}{BASE}", jurisdiction=BANNER, output_format=form)
    assert "停水断水" in {one["service_name"] for one in client.get_service_list()}
    attributes = client.get_service_definition("water-cut")["attributes"]
    assert len(attributes if form == "json" else attributes["attribute"]) == 2
    found = client.get_service_requests(status="open", start_date=(timezone.now() - timedelta(days=1)).isoformat())
    assert [one["service_request_id"] for one in found] == [other.number, issue.number]
    one = client.get_service_request(issue.number)
    assert (one["service_request_id"], one["agency_responsible"]) == (issue.number, "演示水利局")
