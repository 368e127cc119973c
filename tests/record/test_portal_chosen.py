"""Photos and recordings of a form that was refused: they need not be chosen again, and nobody else gets at them."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khotail.issues.models import Issue
from khotail.issues.receipts import receipt_of
from khotail.jobs.actions import ask
from khotail.jobs.work import run_waiting
from khotail.portal import chosen, floods
from khotail.residents.models import Correction, Declaration
from tests.record.portal_people import PHONE, give_phone, sign_in, state
from tests.record.test_issues_loop import JPEG
from tests.record.test_portal_public_report import VOICE, done, issue, of_a_banner, sent, water, with_receipt
from tests.record.test_visits import PNG

__all__ = ["done", "issue", "of_a_banner", "water"]


@pytest.fixture
def home(household):
    give_phone(household, PHONE)
    return household


def photo(content: bytes = JPEG, name: str = "a.jpg") -> ContentFile:
    return ContentFile(content, name)


def voice() -> SimpleUploadedFile:
    return SimpleUploadedFile("v.webm", VOICE, "audio/webm")


def ids(page: str) -> list[str]:
    return re.findall(r'name="left_out" value="(\w+)"', page)


def on_disk(settings) -> list[Path]:
    return sorted((Path(settings.KHOTAIL_HOME) / "chosen").glob("*"))


def test_a_report_that_was_refused_keeps_photos_and_voice_and_is_raised_with_them(client, water, settings):
    refused = sent(client, words=" ", photos=[photo(), photo(PNG, "b.png")], voice=voice()).content.decode()
    assert len(ids(refused)) == 3 and "no need to choose them again" in refused and "add the photos" not in refused
    assert JPEG not in b"".join(path.read_bytes() for path in on_disk(settings))
    assert sent(client).status_code == 200
    kinds = sorted(one.document.content_type for one in Issue.objects.get().photos.select_related("document"))
    assert kinds == ["audio/webm", "image/jpeg", "image/png"]
    sent(client)
    assert Issue.objects.count() == 1


def test_a_photo_can_be_left_out_chosen_again_and_added_to(client, water):
    first = ids(sent(client, words=" ", photos=[photo(), photo(PNG, "b.png")], voice=voice()).content.decode())
    again = sent(client, words=" ", left_out=first[0], photos=[photo(PNG, "b.png")], voice=voice()).content.decode()
    assert len(ids(again)) == 2
    other = SimpleUploadedFile("w.ogg", b"OggS" + b"\0" * 60, "audio/ogg")
    assert len(ids(sent(client, words=" ", voice=other).content.decode())) == 2
    sent(client)
    kinds = sorted(one.document.content_type for one in Issue.objects.get().photos.select_related("document"))
    assert kinds == ["audio/ogg", "image/png"]


def test_only_the_file_that_is_refused_has_to_be_chosen_anew(client, water):
    page = sent(client, photos=[photo(), photo(b"MZ program", "b.jpg")]).content.decode()
    assert len(ids(page)) == 1 and "add the photos" in page
    assert sent(client).status_code == 200 and Issue.objects.get().photos.count() == 1


def test_more_than_a_form_takes_is_kept_up_to_its_limit(client, water):
    page = sent(client, photos=[photo(JPEG + bytes([n])) for n in range(7)]).content.decode()
    assert len(ids(page)) == 6
    assert sent(client).status_code == 200 and Issue.objects.get().photos.count() == 6


def test_what_is_kept_belongs_to_one_browser_and_one_form(client, water):
    kept = ids(sent(client, words=" ", photos=[photo()]).content.decode())
    assert ids(sent(Client(), words=" ").content.decode()) == []
    assert ids(sent(client, words=" ", key="another").content.decode()) == []
    assert ids(sent(client, words=" ").content.decode()) == kept


def test_what_is_kept_goes_after_an_hour(client, water, settings, monkeypatch):
    sent(client, words=" ", photos=[photo()])
    later = time.time() + chosen.KEPT_SECONDS + 1
    monkeypatch.setattr(chosen.time, "time", lambda: later)
    assert ids(sent(client, words=" ").content.decode()) == []
    sent(client, words=" ", photos=[photo(PNG)])
    assert len(on_disk(settings)) == 1


def test_the_nightly_job_removes_what_nobody_sent(client, water, settings, monkeypatch):
    sent(client, words=" ", photos=[photo()])
    monkeypatch.setattr(chosen, "KEPT_SECONDS", -1)
    ask("portal.forget_chosen", by=None, region_code="", now=timezone.now())
    run_waiting(timezone.now())
    assert on_disk(settings) == []


def test_a_full_folder_and_a_flood_keep_nothing_and_the_page_asks_again(client, water, settings, monkeypatch):
    monkeypatch.setattr(chosen, "MOST_BYTES_OF_ALL", 10)
    page = sent(client, words=" ", photos=[photo()]).content.decode()
    assert ids(page) == [] and "add the photos" in page
    monkeypatch.setattr(floods, "MOST_A_DAY", 0)
    monkeypatch.setattr(chosen, "MOST_BYTES_OF_ALL", 1 << 30)
    assert ids(sent(client, photos=[photo()]).content.decode()) == [] and on_disk(settings) == []


def test_a_declaration_keeps_its_files_and_sign_out_forgets_them(home, django_capture_on_commit_callbacks):
    client = sign_in(django_capture_on_commit_callbacks)
    files = {"photo": photo(), "voice": voice()}
    assert len(ids(client.post("/my/declare/", {"key": "k", **files}).content.decode())) == 2
    client.post("/my/declare/", {"key": "k", "cause": "illness"})
    assert Declaration.objects.get().lead.documents.count() == 2
    client.post("/my/declare/", {"key": "other", "photo": photo()})
    client.post("/my/sign-out/")
    assert chosen.SESSION not in client.session


def test_a_correction_keeps_its_paper_until_it_is_asked(home, now, django_capture_on_commit_callbacks):
    client, person = sign_in(django_capture_on_commit_callbacks), home.members.order_by("id").first()
    state(home, "persons", {"education": "初中"}, now, person)
    about = {"table": "persons", "column": "education", "person": person.pk}
    assert len(ids(client.post("/my/record/wrong/", about | {"photo": photo()}).content.decode())) == 1
    client.post("/my/record/wrong/", about | {"wanted": "高中"})
    assert Correction.objects.get().documents.count() == 1


def test_a_word_by_receipt_keeps_its_photo(client, done):
    page = with_receipt(client, done, do="reopen", words=" ", photos=[photo()], phone="13800000001").content.decode()
    assert len(ids(page)) == 1, receipt_of(done)
    with_receipt(client, done, do="reopen", words="还在漏", phone="13800000001")
    done.refresh_from_db()
    assert done.photos.count() == 2 and reverse("receipt")
