"""Coming in to the portal: by phone, with a cadre's help, as whom; and going out."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from khotail.residents import codes, people
from khotail.residents.models import OneTimeCode, Resident
from tests.record.portal_people import PHONE, ask, give_phone, sign_in


@pytest.fixture
def person(household):
    return give_phone(household, PHONE)


def page(client, path="/my/"):
    return client.get(path)


def test_a_phone_and_its_code_open_the_home_page(person, django_capture_on_commit_callbacks):
    client = sign_in(django_capture_on_commit_callbacks)
    answer = page(client)
    assert answer.status_code == 200 and "演示甲" in answer.content.decode()


def test_nobody_sees_a_page_without_signing_in(person, client):
    for path in ("", "declare/", "case/", "record/", "received/", "consents/", "looked/", "issues/", "account/"):
        answer = page(client, f"/my/{path}")
        assert answer.status_code == 302 and answer["Location"].startswith("/my/sign-in/?next="), path


def test_after_the_sign_in_the_page_asked_for_opens_and_no_other_site(person, django_capture_on_commit_callbacks):
    for asked, opened in (
        ("/my/case/", "/my/case/"),
        ("https://elsewhere.example/", "/my/"),
        ("//elsewhere.example", "/my/"),
    ):
        OneTimeCode.objects.all().delete()
        client = Client()
        code = ask(client, django_capture_on_commit_callbacks)
        answer = client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": code, "next": asked})
        assert answer["Location"] == opened


def test_an_unknown_phone_gets_the_same_page_and_no_code(person, client, django_capture_on_commit_callbacks):
    known = client.post("/my/sign-in/", {"step": "ask", "phone": PHONE}).content.decode()
    assert ask(client, django_capture_on_commit_callbacks, "13900000000") == ""
    unknown = client.post("/my/sign-in/", {"step": "ask", "phone": "13900000001"}).content.decode()
    assert "a code of 6 figures has been sent" in known and "a code of 6 figures has been sent" in unknown


def test_guesses_end_and_the_code_is_dead(person, client, django_capture_on_commit_callbacks):
    code = ask(client, django_capture_on_commit_callbacks)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        answer = client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": wrong})
        assert answer.status_code == 403 and "not right or has expired" in answer.content.decode()
    assert client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": code}).status_code == 403
    assert page(client).status_code == 302


def test_guessed_cadres_codes_end_for_the_whole_address(person, client):
    statuses = [client.post("/my/sign-in/", {"step": "helped", "code": f"{n:08d}"}).status_code for n in range(42)]
    assert statuses[0] == 403 and statuses[-1] == 429


def test_a_flood_of_codes_is_refused(person, client):
    assert client.post("/my/sign-in/", {"step": "ask", "phone": PHONE}).status_code == 200
    answer = client.post("/my/sign-in/", {"step": "ask", "phone": PHONE})
    assert answer.status_code == 429 and "Code from the message" in answer.content.decode()


def test_rubbish_is_told_what_to_do(person, client):
    answer = client.post("/my/sign-in/", {"step": "ask", "phone": "<b>12"})
    assert answer.status_code == 400 and "11 digits" in answer.content.decode()
    assert "<b>12" not in answer.content.decode()
    assert client.post("/my/sign-in/", {}).status_code == 200
    assert client.post("/my/sign-in/who/", {"person": person.pk}).status_code == 403


def test_whoever_shares_a_phone_says_who_they_are_and_names_are_masked(
    household, person, django_capture_on_commit_callbacks
):
    other = household.members.create(
        region_code=household.region_code, name="演示乙丙", relation="配偶", phone=PHONE, phone_digest=person.phone_digest,
        changed_at=timezone.now(),
    )  # fmt: skip
    client = Client()
    code = ask(client, django_capture_on_commit_callbacks)
    answer = client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": code})
    assert answer["Location"].startswith("/my/sign-in/who/?next=")
    text = page(client, "/my/sign-in/who/").content.decode()
    assert "演***" in text and "演示乙丙" not in text
    assert client.post("/my/sign-in/who/", {"person": "999"}).status_code == 200
    client.post("/my/sign-in/who/", {"person": other.pk})
    assert "演示乙丙" in page(client).content.decode()
    assert client.post("/my/sign-in/who/", {"person": person.pk}).status_code == 403


def test_a_child_does_not_sign_in(person, django_capture_on_commit_callbacks, client):
    person.birth_date = timezone.localdate() - timedelta(days=13 * 365)
    person.save()
    code = ask(client, django_capture_on_commit_callbacks)
    assert client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": code}).status_code == 403
    assert Resident.objects.count() == 0


def test_a_cadres_code_lets_in_for_half_an_hour(person, officers, client, monkeypatch):
    code = codes.give_code(person, by=officers["village_cadre"], now=timezone.now())
    assert client.post("/my/sign-in/", {"step": "helped", "code": f"{code[:4]} {code[4:]}"}).status_code == 302
    assert page(client).status_code == 200
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert page(client).status_code == 302


def test_the_sessions_key_changes_when_somebody_comes_in_and_goes_out(person, django_capture_on_commit_callbacks):
    client = Client()
    client.get("/my/sign-in/")
    code = ask(client, django_capture_on_commit_callbacks)
    session = client.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    client.post("/my/sign-in/", {"step": "enter", "phone": PHONE, "code": code})
    within = client.cookies["sessionid"].value
    assert within != planted
    client.post("/my/sign-out/")
    assert client.cookies["sessionid"].value != within and page(client).status_code == 302


def test_signing_out_everywhere_ends_the_other_phone(person, django_capture_on_commit_callbacks):
    one = sign_in(django_capture_on_commit_callbacks)
    OneTimeCode.objects.all().delete()
    two = sign_in(django_capture_on_commit_callbacks)
    two.post("/my/sign-out/everywhere/")
    assert page(one).status_code == 302 and page(two).status_code == 302


def test_a_blocked_or_departed_resident_is_out_at_once(person, officers, django_capture_on_commit_callbacks):
    client = sign_in(django_capture_on_commit_callbacks)
    people.block(Resident.objects.get(), by=officers["village_cadre"], now=timezone.now())
    assert page(client).status_code == 302
    people.block(Resident.objects.get(), by=officers["village_cadre"], now=timezone.now(), blocked=False)
    OneTimeCode.objects.all().delete()
    client = sign_in(django_capture_on_commit_callbacks)
    person.left_on = date(2026, 1, 1)
    person.save()
    assert page(client).status_code == 302


def test_an_officer_is_nobody_in_the_portal_and_a_resident_nobody_at_the_desk(
    person, officers, django_capture_on_commit_callbacks
):
    client = sign_in(django_capture_on_commit_callbacks)
    assert client.get("/register/").status_code == 302
    client.force_login(officers["village_cadre"])
    officer = Client()
    officer.force_login(officers["village_cadre"])
    assert page(officer).status_code == 302


def test_an_officer_beside_stays_signed_in_when_the_resident_leaves(
    person, officers, django_capture_on_commit_callbacks
):
    client = Client()
    client.force_login(officers["village_cadre"])
    code = codes.give_code(person, by=officers["village_cadre"], now=timezone.now())
    client.post("/my/sign-in/", {"step": "helped", "code": code})
    assert page(client).status_code == 200
    client.post("/my/sign-out/")
    assert page(client).status_code == 302 and client.get("/register/").status_code == 200


def test_codes_are_shown_on_the_page_in_the_demo_and_nowhere_else(
    person, client, settings, django_capture_on_commit_callbacks
):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Shown"
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/my/sign-in/", {"step": "ask", "phone": PHONE})
    assert "Demonstration" not in client.post("/my/sign-in/", {"step": "ask", "phone": PHONE}).content.decode()
    settings.KHOTAIL_DEMO, settings.KHOTAIL_DEMO_PHONES = True, (PHONE,)
    OneTimeCode.objects.all().delete()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/my/sign-in/", {"step": "ask", "phone": PHONE})
    shown = client.post("/my/sign-in/", {"step": "ask", "phone": PHONE}).content.decode()
    assert "this message was sent to the phone" in shown and f'value="{PHONE}"' in shown
