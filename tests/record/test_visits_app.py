"""The app for visits without signal, as its device sees it over HTTP: what it takes along, what it sends, what it keeps."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

import khotail.field
from khotail.field.words import SENTENCES
from khotail.jobs.models import Job
from khotail.visits import rounds
from khotail.visits.models import Submission
from tests.record.conftest import BANNER, VILLAGE, make_household
from tests.record.test_visits import PNG, filled, published, visit

__all__ = ["published"]

SCRIPTS = Path(khotail.field.__file__).parent / "static" / "field"


@pytest.fixture
def planned(published, officers, household, now):
    """One visit to each household of the banner, due in thirty days."""
    return rounds.open_round(
        "走访", "household_visit", BANNER, "all", starts_on=now.date(), due_on=now.date() + timedelta(days=30),
        by=officers["banner_officer"], now=now,
    )  # fmt: skip


def send(client: Client, officer, *parts: tuple[bytes, dict[str, bytes]]):
    """Submissions with their files, as the app puts them together."""
    data = {}
    for number, (xml, files) in enumerate(parts):
        data[f"xml-{number}"] = SimpleUploadedFile("visit.xml", xml, "text/xml")
        if files:
            data[f"files-{number}"] = [SimpleUploadedFile(name, content) for name, content in files.items()]
    return client.post(reverse("visits_sync"), data, headers={"X-Officer": str(officer.pk)})


def test_a_cadre_takes_along_forms_and_households_without_full_names(planned, signed_in, officers):
    work = signed_in("village_cadre").get(reverse("visits_work")).json()
    assert work["officer"]["id"] == officers["village_cadre"].pk and work["token"]
    assert len(work["forms"]) == 6 and all("<h:html" in form["xform"] for form in work["forms"])
    [one] = work["assignments"]
    assert (one["number"], one["head"], one["village"], one["due"]) == ("D0001", "演**", "第一嘎查", "2026-07-03")
    assert one["prefill"] == {"/household_visit/household": "D0001"}
    assert "演示甲" not in json.dumps(work, ensure_ascii=False)


def test_forms_that_the_device_has_are_not_sent_again(planned, signed_in):
    client = signed_in("village_cadre")
    have = [form["digest"] for form in client.get(reverse("visits_work")).json()["forms"]]
    again = client.get(reverse("visits_work"), {"have": ",".join(have)}).json()
    assert [form["digest"] for form in again["forms"]] == have
    assert not any("xform" in form for form in again["forms"])


def test_nobody_takes_along_what_is_another_villages(planned, signed_in, now):
    assert signed_in("other_village_cadre").get(reverse("visits_work")).json()["assignments"] == []
    assert signed_in("leader").get(reverse("visits_work")).status_code == 403
    assert signed_in("leader").get(reverse("visits_app")).status_code == 403
    assert signed_in("leader").post(reverse("visits_sync")).status_code == 403


def test_the_list_takes_few_queries_however_long_it_is(
    planned, published, officers, signed_in, now, django_assert_max_num_queries
):
    for number in range(2, 40):
        make_household(f"D{number:04d}", VILLAGE, "演示", now)
    rounds.open_round("二", "recheck", BANNER, "all", starts_on=now.date(), due_on=now.date(),
                      by=officers["banner_officer"], now=now)  # fmt: skip
    client = signed_in("village_cadre")
    with django_assert_max_num_queries(10):
        assert len(client.get(reverse("visits_work")).json()["assignments"]) == 40


def test_several_visits_come_at_once_and_each_is_told_by_itself(published, officers, household, signed_in):
    form, cadre, client = published["household_visit"], officers["village_cadre"], signed_in("village_cadre")
    good = filled(form, visit(form, more="<photo>a.png</photo>"))
    answer = send(client, cadre, (good, {"a.png": PNG}), (b"<broken", {}), (filled(form, visit(form)), {}))
    outcomes = answer.json()["outcomes"]
    assert [outcomes[part]["outcome"] for part in "012"] == ["arrived", "refused", "arrived"]
    assert outcomes["1"]["zh"] and outcomes["1"]["en"]
    assert Submission.objects.count() == 2 and Submission.objects.filter(state="received").count() == 2
    assert Job.objects.filter(kind="visits.take").count() == 1


def test_what_is_sent_again_arrives_once(published, officers, household, signed_in):
    form, cadre, client = published["household_visit"], officers["village_cadre"], signed_in("village_cadre")
    xml = filled(form, visit(form))
    assert send(client, cadre, (xml, {})).json()["outcomes"]["0"]["outcome"] == "arrived"
    for _ in range(5):
        assert send(client, cadre, (xml, {}), (xml, {})).json()["outcomes"]["1"]["outcome"] == "again"
    assert Submission.objects.count() == 1


def test_a_visit_whose_photo_has_not_come_says_so(published, officers, household, signed_in):
    form, cadre, client = published["household_visit"], officers["village_cadre"], signed_in("village_cadre")
    xml = filled(form, visit(form, more="<photo>a.png</photo>"))
    assert send(client, cadre, (xml, {})).json()["outcomes"]["0"]["missing"] == ["a.png"]
    assert send(client, cadre, (xml, {"a.png": PNG})).json()["outcomes"]["0"] == {"outcome": "again", "missing": []}


def test_nobody_sends_visits_of_another(published, officers, household, signed_in):
    form = published["household_visit"]
    answer = send(signed_in("village_cadre"), officers["helper"], (filled(form, visit(form)), {}))
    assert answer.status_code == 409 and "signed in" in answer.json()["en"]
    assert Submission.objects.count() == 0


def test_a_session_that_ended_is_told_in_words_and_takes_nothing(published, officers, household):
    client, form = Client(), published["household_visit"]
    assert client.get(reverse("visits_work")).status_code == 401
    answer = send(client, officers["village_cadre"], (filled(form, visit(form)), {}))
    assert answer.status_code == 401 and answer.json()["zh"]
    assert client.get(reverse("visits_app")).status_code == 302


def test_sending_needs_the_token_that_came_with_the_list(published, officers, household):
    client = Client(enforce_csrf_checks=True)
    client.force_login(officers["village_cadre"])
    cadre, form = officers["village_cadre"], published["household_visit"]
    assert send(client, cadre, (filled(form, visit(form)), {})).status_code == 403
    token = client.get(reverse("visits_work")).json()["token"]
    data = {"xml-0": SimpleUploadedFile("visit.xml", filled(form, visit(form)))}
    headers = {"X-Officer": str(cadre.pk), "X-CSRFToken": token}
    assert client.post(reverse("visits_sync"), data, headers=headers).json()["outcomes"]["0"]["outcome"] == "arrived"


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.98])
def test_half_a_body_is_refused_as_a_whole_and_the_visits_arrive_once_when_sent_again(
    part, published, officers, household, signed_in
):
    form, cadre, client = published["household_visit"], officers["village_cadre"], signed_in("village_cadre")
    first, second = filled(form, visit(form)), filled(form, visit(form, more="<photo>a.png</photo>"))
    body = multipart({"xml-0": first, "xml-1": second, "files-1": PNG * 20})
    answer = client.post(
        reverse("visits_sync"), body[: int(len(body) * part)], content_type="multipart/form-data; boundary=x",
        headers={"X-Officer": str(cadre.pk)},
    )  # fmt: skip
    assert answer.status_code == 400 and "connection broke" in answer.json()["en"]
    assert Submission.objects.count() == 0
    outcomes = send(client, cadre, (first, {}), (second, {"a.png": PNG})).json()["outcomes"]
    assert [outcomes[n]["outcome"] for n in "01"] == ["arrived", "arrived"] and Submission.objects.count() == 2


def multipart(parts: dict[str, bytes]) -> bytes:
    """As a browser writes it; the boundary is x."""
    head = '--x\r\nContent-Disposition: form-data; name="{0}"; filename="a.png"\r\nContent-Type: text/xml\r\n\r\n'
    return b"".join(head.format(name).encode() + content + b"\r\n" for name, content in parts.items()) + b"--x--\r\n"


def test_the_worker_keeps_every_script_of_the_app(signed_in, db):
    answer = signed_in("village_cadre").get(reverse("visits_worker"))
    kept = json.loads(re.match(r"const KEPT = (.*);", answer.content.decode()).group(1))
    imported = {
        (path.parent / name).resolve().relative_to(SCRIPTS).as_posix()
        for path in SCRIPTS.rglob("*.js")
        if "vendor" not in path.parts
        for name in re.findall(r'from "(\./[^"]+|\.\./[^"]+)"', path.read_text())
    }
    assert imported and {f"/static/field/{name}" for name in imported} <= set(kept["files"])
    assert answer["Content-Type"].startswith("text/javascript")


def test_the_shell_says_nothing_of_anybody_and_only_it_may_compile(signed_in, officers, household):
    shell = Client().get(reverse("visits_shell"))
    assert "csrf" not in shell.content.decode().lower()
    assert "wasm-unsafe-eval" in shell["Content-Security-Policy"]
    app = signed_in("village_cadre").get(reverse("visits_app"))
    assert officers["village_cadre"].full_name not in app.content.decode()
    assert "wasm" not in signed_in("village_cadre").get(reverse("home"))["Content-Security-Policy"]


def test_every_sentence_of_the_scripts_is_in_the_catalogue():
    spoken = set()
    for path in SCRIPTS.rglob("*.js"):
        if "vendor" not in path.parts:
            spoken |= set(re.findall(r'\bt\(\s*"([^"]+)"', path.read_text()))
    assert spoken == set(SENTENCES)


def test_a_visit_that_was_filled_in_with_a_wrong_clock_arrives(published, officers, household, signed_in):
    form = published["household_visit"]
    xml = filled(form, visit(form, day="1970-01-01"), f"uuid:{uuid.uuid4()}")
    answer = send(signed_in("village_cadre"), officers["village_cadre"], (xml, {}))
    assert answer.json()["outcomes"]["0"]["outcome"] == "arrived"
