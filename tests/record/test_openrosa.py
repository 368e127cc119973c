"""OpenRosa over HTTP as ODK Collect drives it: form list, form, manifest, submission with files in several posts."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.utils import timezone

from khotail.accounts.tokens import make_token, withdraw_token
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from khotail.register.models import Document, Statement
from khotail.trail.chain import breaks
from khotail.visits import forms, rounds
from khotail.visits.models import Form, Submission
from tests.record.conftest import BANNER, VILLAGE, make_household
from tests.record.test_visits import BOMB, PNG, SURVEY, XXE, filled, visit

_LIST = "{http://openrosa.org/xforms/xformsList}"
_RESPONSE = "{http://openrosa.org/http/response}"
SUBMISSION, FORM_LIST = "/openrosa/submission", "/openrosa/formList"


class Collect:
    """A phone with ODK Collect, set up with a name and a token."""

    def __init__(self, name: str, secret: str) -> None:
        packed = base64.b64encode(f"{name}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {packed}", "X-OpenRosa-Version": "1.0"}
        self._http = Client(enforce_csrf_checks=True)

    def get(self, path: str, **headers: str) -> Any:
        return self._http.get(path, headers=self._headers | headers)

    def head(self, path: str) -> Any:
        return self._http.head(path, headers=self._headers)

    def post(self, body: bytes, content_type: str = "multipart/form-data; boundary=collect", **more: Any) -> Any:
        address = f"{SUBMISSION}?deviceID=collect%3A1"
        return self._http.post(address, body, content_type=content_type, headers=self._headers, **more)

    def send(self, xml: bytes, **files: bytes) -> Any:
        return self.post(multipart(xml, {name.replace("_", "."): file for name, file in files.items()}))


def multipart(xml: bytes | None, files: dict[str, bytes] | None = None) -> bytes:
    named = [("xml_submission_file", "record.xml", "text/xml", xml)] if xml is not None else []
    named += [(name, name, "image/png", content) for name, content in (files or {}).items()]
    head = '--collect\r\nContent-Disposition: form-data; name="{}"; filename="{}"\r\nContent-Type: {}\r\n\r\n'
    parts = [head.format(*about).encode() + content + b"\r\n" for *about, content in named]
    return b"".join(parts) + b"--collect--\r\n"


def told(answer: Any) -> str:
    """The message of the envelope; every answer has the headers of the standard."""
    assert answer["X-OpenRosa-Version"] == "1.0"
    assert int(answer["X-OpenRosa-Accept-Content-Length"]) > 20 << 20
    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", answer["Date"])
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    assert root.tag == f"{_RESPONSE}OpenRosaResponse"
    return root.findtext(f"{_RESPONSE}message")


@pytest.fixture
def published(regions, now) -> dict[str, Form]:
    return {form.form_id: form for form in forms.publish_rulebook_forms(now)}


@pytest.fixture
def phone_of(officers):
    def phone(key: str) -> Collect:
        return Collect(key, make_token(officers[key], "ODK", None, now=timezone.now()).secret)

    return phone


@pytest.fixture
def phone(phone_of) -> Collect:
    return phone_of("village_cadre")


def test_a_phone_lists_and_downloads_the_forms_of_its_officer(published, phone):
    answer = phone.get(FORM_LIST)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer["X-OpenRosa-Version"] == "1.0" and answer["Date"].endswith("GMT")
    listed = ElementTree.fromstring(answer.content)
    assert listed.tag == f"{_LIST}xforms" and len(listed) == len(published)
    for one in listed:
        names = [child.tag.removeprefix(_LIST) for child in one]
        assert names == ["formID", "name", "version", "hash", "downloadUrl"]
        form = published[one.findtext(f"{_LIST}formID")]
        assert one.findtext(f"{_LIST}version") == form.version
        blank = phone.get(one.findtext(f"{_LIST}downloadUrl"))
        assert blank.status_code == 200 and blank.content == form.xform.encode()
        assert one.findtext(f"{_LIST}hash") == "md5:" + hashlib.md5(blank.content).hexdigest()


def test_a_list_can_be_asked_for_one_form_in_a_language_with_more_words(published, phone):
    one = phone.get(f"{FORM_LIST}?formID=recheck&verbose=true", **{"Accept-Language": "en"})
    [form] = ElementTree.fromstring(one.content)
    assert form.findtext(f"{_LIST}name") == published["recheck"].title_en
    assert form.findtext(f"{_LIST}descriptionText") == "recheck"
    assert one["Content-Language"] == "en"
    chinese = phone.get(f"{FORM_LIST}?formID=recheck", **{"Accept-Language": "zh-CN"})
    assert published["recheck"].title_zh in chinese.content.decode()
    assert len(ElementTree.fromstring(phone.get(f"{FORM_LIST}?formID=nothing").content)) == 0


def test_all_versions_are_listed_only_when_asked_for(officers, phone, now):
    forms.upload(SURVEY.encode(), "well.md", by=officers["banner_officer"], now=now)
    forms.upload(SURVEY.replace("Well | 1", "Well | 2").encode(), "well.md", by=officers["banner_officer"], now=now)
    versions = [
        [form.findtext(f"{_LIST}version") for form in ElementTree.fromstring(phone.get(path).content)]
        for path in (FORM_LIST, f"{FORM_LIST}?listAllVersions=true")
    ]
    assert versions[0] == ["2"] and sorted(versions[1]) == ["1", "2"]


def test_a_form_of_another_banner_is_neither_listed_nor_given(officers, phone, phone_of, now):
    form, _ = forms.upload(SURVEY.encode(), "well.md", by=officers["banner_officer"], now=now)
    assert phone.get(f"/openrosa/forms/{form.pk}/form.xml").status_code == 200
    beside = phone_of("neighbour")
    assert b"well" not in beside.get(FORM_LIST).content
    for path in ("form.xml", "manifest", "households.csv"):
        assert "没有这份表单" in told(beside.get(f"/openrosa/forms/{form.pk}/{path}"))


WITH_LIST = SURVEY.replace("| text | household |", "| select_one_from_file households.csv | household |")


def test_a_form_that_asks_for_households_gets_those_of_the_officer_alone(officers, published, household, phone, now):
    make_household("D0002", "152221100201", "演示乙", now)
    today = now.date()
    rounds.open_round("六月", "household_visit", BANNER, "all", starts_on=today, due_on=today + timedelta(days=9),
                      by=officers["banner_officer"], now=now)  # fmt: skip
    forms.upload(WITH_LIST.encode(), "well.md", by=officers["banner_officer"], now=now)
    [listed] = ElementTree.fromstring(phone.get(f"{FORM_LIST}?formID=well").content)
    asked = ElementTree.fromstring(phone.get(listed.findtext(f"{_LIST}manifestUrl")).content)
    assert asked.tag == "{http://openrosa.org/xforms/xformsManifest}manifest"
    [[name, digest, address]] = asked
    found = phone.get(address.text)
    assert (name.text, digest.text) == ("households.csv", "md5:" + hashlib.md5(found.content).hexdigest())
    lines = found.content.decode().splitlines()
    assert lines[0] == "name,label,village,due" and [line[:5] for line in lines[1:]] == ["D0001"]
    assert "演示甲" not in lines[1]
    other = published["household_visit"]
    assert ElementTree.fromstring(phone.get(f"/openrosa/forms/{other.pk}/manifest").content)[:] == []
    assert phone.get(f"/openrosa/forms/{other.pk}/households.csv").status_code == 404


def test_the_head_of_a_submission_says_where_and_how_much(published, phone):
    answer = phone.head(SUBMISSION)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Location"] == f"http://testserver{SUBMISSION}"
    assert answer["X-OpenRosa-Version"] == "1.0" and int(answer["X-OpenRosa-Accept-Content-Length"]) > 20 << 20


def test_a_record_with_files_over_several_posts_is_stored_once_and_entered(published, household, phone, now):
    form = published["household_visit"]
    xml = filled(form, visit(form, more="<photo>a.png</photo><signature>b.png</signature>"))
    first = phone.post(multipart(xml, {"a.png": PNG, "*isIncomplete*": b"yes"}))
    assert first.status_code == 201 and "还缺 1 个附件" in told(first)
    run_waiting(timezone.now())
    assert Statement.objects.count() == 0
    second = phone.send(xml, b_png=PNG)
    assert second.status_code == 202 and "arrived before" in told(second)
    stored = Submission.objects.get()
    assert (stored.state, stored.device_id, stored.files.count()) == ("received", "collect:1", 2)
    run_waiting(timezone.now())
    stored.refresh_from_db()
    assert stored.state == "taken" and Statement.objects.filter(table="incomes").count() == 1
    assert list(breaks()) == []


def test_the_same_record_a_hundred_times_is_one_and_each_time_the_phone_may_forget_it(published, household, phone):
    form = published["household_visit"]
    body = multipart(filled(form, visit(form, more="<photo>a.png</photo>")), {"a.png": PNG})
    codes = [phone.post(body).status_code for _ in range(100)]
    assert codes == [201] + [202] * 99
    assert (Submission.objects.count(), Document.objects.count()) == (1, 1)
    assert Job.objects.filter(kind="visits.take").count() == 1


def test_a_record_for_another_village_is_kept_and_looked_at(published, phone, now):
    make_household("D0003", "152221101200", "演示丙", now)
    form = published["household_visit"]
    answer = phone.send(filled(form, visit(form, "D0003")))
    assert answer.status_code == 201 and "D0003" in told(answer)
    assert (Submission.objects.get().state, Submission.objects.get().household) == ("to_look_at", None)


def test_a_clock_of_1970_loses_nothing(published, household, phone):
    form = published["household_visit"]
    assert phone.send(filled(form, visit(form, day="1970-01-01"))).status_code == 201
    run_waiting(timezone.now())
    stored = Submission.objects.get()
    assert (stored.state, "1970-01-01" in stored.problem_en) == ("to_look_at", True)
    received, income = timezone.localdate(stored.received_at), Statement.objects.get(table="incomes")
    assert (income.as_of, income.values["income_year"]) == (received, received.year)


def test_half_a_body_is_refused_and_nothing_of_it_is_stored(published, household, phone):
    form = published["household_visit"]
    body = multipart(filled(form, visit(form, more="<photo>a.png</photo>")), {"a.png": PNG * 100})
    for part in (body[: len(body) // 2], body[:-14], body[:200]):
        answer = phone.post(part)
        assert answer.status_code == 400 and "再发送一次" in told(answer)
    broken = io.BytesIO(body[:-30])
    assert phone.post(b"").status_code == 400
    assert phone.post(b"x", CONTENT_LENGTH=len(body), **{"wsgi.input": broken}).status_code == 400
    assert (Submission.objects.count(), Document.objects.count()) == (0, 0)
    assert phone.post(body).status_code == 201


def test_a_record_that_comes_in_chunks_of_no_stated_size_is_taken(published, household, phone):
    form = published["household_visit"]
    body = multipart(filled(form, visit(form, more="<photo>a.png</photo>")), {"a.png": PNG})

    def chunked(content: bytes) -> Any:
        source = {"wsgi.input": io.BytesIO(content), "HTTP_TRANSFER_ENCODING": "chunked"}
        return phone.post(b"x", CONTENT_LENGTH="", **source)

    assert chunked(body[:-20]).status_code == 400
    assert chunked(b"0" * (25 << 20)).status_code == 413
    assert chunked(body).status_code == 201 and Submission.objects.get().state == "received"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"<x/>", "text/xml"),
        (b"{}", "application/json"),
        (multipart(b"<x/>"), "multipart/form-data"),
        (multipart(b"<x/>"), "multipart/form-data; boundary=" + "x" * 300),
        (multipart(b"<x/>"), "multipart/mixed; boundary=collect"),
        (multipart(None, {"a.png": PNG}), "multipart/form-data; boundary=collect"),
        (multipart(b"<x/>").replace(b"--collect--\r\n", b"") + multipart(b"<x/>"), "multipart/form-data; boundary=collect"),
    ],
)  # fmt: skip
def test_whatever_is_no_submission_is_refused_with_a_sentence(published, phone, body, kind):
    answer = phone.post(body, kind)
    assert answer.status_code == 400 and len(told(answer)) > 20
    assert Submission.objects.count() == 0


@pytest.mark.parametrize("xml", [XXE, BOMB, b"", b"<a>" * 5000, b"\x00\xff\xfe"])
def test_hostile_xml_is_refused(published, phone, xml):
    answer = phone.send(xml)
    assert answer.status_code == 400 and "XML" in told(answer)


def test_an_unknown_form_is_not_found_and_says_which(published, phone):
    answer = phone.send(b'<nothing id="nothing" version="9"/>')
    assert answer.status_code == 404 and "nothing" in told(answer)


def test_files_that_are_none_or_too_many_are_refused_and_the_record_with_them(published, household, phone):
    form = published["household_visit"]
    xml = filled(form, visit(form, more="<photo>a.png</photo>"))
    for files in (
        {"a.png": b"MZ\x90\x00"},
        {f"{n}.png": PNG for n in range(60)},
        {f"{n}.png": PNG for n in range(300)},
    ):
        answer = phone.post(multipart(xml, files))
        assert answer.status_code in (400, 415) and told(answer)
    assert Submission.objects.count() == 0
    assert phone.post(multipart(xml, {"a.png": PNG, "../../etc/x.png": PNG, "other.png": PNG})).status_code == 201
    assert Submission.objects.get().files.count() == 1


def test_a_hundred_megabytes_are_refused_before_they_are_read(published, phone):
    class Unread:
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

        readline = read

    answer = phone.post(b"x", CONTENT_LENGTH=100 << 20, **{"wsgi.input": Unread()})
    assert answer.status_code == 413 and "24 MB" in told(answer)
    assert phone.post(b"x", CONTENT_LENGTH=10**30).status_code == 413


def test_a_large_xml_is_refused(published, phone):
    assert phone.send(b"<x>" + b" " * (3 << 20) + b"</x>").status_code == 413


def test_nobody_gets_in_without_a_token_of_their_own(officers, published, household, phone_of, now):
    made = make_token(officers["village_cadre"], "ODK", timezone.now() + timedelta(days=1), now=timezone.now())
    assert Collect("Village_Cadre", made.secret).get(FORM_LIST).status_code == 200
    withdraw_token(made.token, by=officers["village_cadre"], now=now)
    for key, secret in (("village_cadre", made.secret), ("village_cadre", "kht_x"), ("helper", made.secret)):
        answer = Collect(key, secret).get(FORM_LIST)
        assert answer.status_code == 401 and "access token" in told(answer)
        assert answer["WWW-Authenticate"].startswith("Basic realm=")
    assert Client().get(FORM_LIST).status_code == Client().head(SUBMISSION).status_code == 401
    browser = Client()
    browser.force_login(officers["village_cadre"])
    assert browser.get(FORM_LIST).status_code == 401
    officers["village_cadre"].is_active = False
    officers["village_cadre"].save()
    for broken in ("Basic", "Basic %%%", "Basic " + "x" * 9999, "Bearer kht_1", "Basic //79"):
        assert Client().get(FORM_LIST, headers={"Authorization": broken}).status_code == 401


def test_guessed_tokens_are_stopped_and_the_right_one_still_works(published, phone_of):
    right = phone_of("township_officer")
    codes = [Collect("township_officer", f"kht_{n}").get(FORM_LIST).status_code for n in range(8)]
    assert codes == [401] * 5 + [429] * 3
    assert right.get(FORM_LIST).status_code == 200


def test_who_makes_no_visits_gets_neither_forms_nor_in(published, household, phone_of):
    form = published["household_visit"]
    for key in ("leader", "auditor", "department_officer", "supervisor"):
        beside = phone_of(key)
        assert beside.get(FORM_LIST).status_code == beside.head(SUBMISSION).status_code == 403
        assert beside.send(filled(form, visit(form))).status_code == 403
    assert Submission.objects.count() == 0


def test_other_methods_are_refused(published, phone):
    answer = phone.get(SUBMISSION)
    assert answer.status_code == 405 and "GET" in told(answer) and answer["Allow"] == "HEAD, POST"


def test_a_record_costs_few_queries(published, household, phone, django_assert_max_num_queries):
    form = published["household_visit"]
    phone.send(filled(form, visit(form)))
    with django_assert_max_num_queries(30):
        assert phone.send(filled(form, visit(form), f"uuid:{uuid.uuid4()}")).status_code == 201


def test_an_odk_form_written_by_the_office_comes_back_filled(officers, household, phone, now):
    form, _ = forms.upload(SURVEY.encode(), "well.md", by=officers["banner_officer"], now=now)
    answers = "<household>D0001</household><litres>30</litres><day>2026-06-01</day>"
    assert form in forms.forms_for(VILLAGE)
    assert phone.send(filled(form, answers)).status_code == 201
    run_waiting(timezone.now())
    assert Statement.objects.get(table="water_checks").values["litres_per_person_day"] == 30.0
