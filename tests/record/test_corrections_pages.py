"""Corrections that households ask for, answered in the desk; and helping somebody into the portal."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from khotail.residents.codes import enter_code
from khotail.residents.corrections import ask_correction
from khotail.residents.models import Correction, Resident
from khotail.residents.people import sign_in
from khotail.trail.models import Event
from tests.record.conftest import PEOPLE

EDITS = {"administrator", "banner_officer", "township_officer", "village_cadre"}


@pytest.fixture
def asked(household, officers, now) -> Correction:
    resident = sign_in(household.members.get(), now=now)
    return ask_correction(resident, "households", "house_grade", "C", now=now, recorded="B", words="墙裂了")


def page(answer) -> str:
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize("key", sorted(PEOPLE))
def test_only_who_edits_the_register_of_the_place_sees_corrections(key, asked, signed_in):
    browser = signed_in(key)
    listed, one = browser.get(reverse("corrections")), browser.get(reverse("correction", args=[asked.pk]))
    if key in EDITS:
        assert listed.status_code == one.status_code == 200 and "墙裂了" in page(one) and "演示甲" in page(listed)
    elif key in ("neighbour", "other_village_cadre"):
        assert listed.status_code == 200 and "演示甲" not in page(listed) and one.status_code == 404
    else:
        assert listed.status_code == one.status_code == 403


def test_a_correction_is_answered_once_and_the_register_states_it(asked, household, signed_in):
    browser, address = signed_in("village_cadre"), reverse("correction", args=[asked.pk])
    assert "1" in page(browser.get(reverse("home"))) and "Corrections to answer" in page(browser.get(reverse("home")))
    assert reverse("correction", args=[asked.pk]) in page(browser.get(reverse("household", args=[household.pk])))
    assert browser.post(address, {"corrected": "no", "words": ""}).status_code == 400
    assert browser.post(address, {}).status_code == 400
    answer = browser.post(address, {"corrected": "yes", "value": "C", "words": "已看过"})
    assert answer.status_code == 302
    assert household.statements.filter(table="households", values__house_grade="C").exists()
    again = browser.post(address, {"corrected": "no", "words": "我写的另一句"})
    assert again.status_code == 409 and "我写的另一句" in page(again)
    assert asked.household.head_name in page(browser.get(reverse("corrections"), {"state": "corrected"}))
    assert asked.household.head_name not in page(browser.get(reverse("corrections")))


def test_a_cadre_helps_somebody_in_with_a_code_that_is_shown_once(household, signed_in, now, officers):
    person = household.members.get()
    browser, address = signed_in("village_cadre"), reverse("person_portal", args=[person.pk])
    assert address in page(browser.get(reverse("household", args=[household.pk])))
    assert not re.search(r">\d{8}<", page(browser.get(address)))
    answer = browser.post(address, {"do": "code"})
    code = re.search(r">(\d{8})<", page(answer)).group(1)
    assert "no-store" in answer["Cache-Control"]
    assert enter_code(code, phone="", address="10.0.0.1", now=timezone.now()) == [person]
    assert not any(code in str(event.details) for event in Event.objects.all())
    for key in ("neighbour", "other_village_cadre", "leader", "supervisor", "banner_reviewer"):
        assert signed_in(key).post(address, {"do": "code"}).status_code in (403, 404), key


def test_somebody_is_blocked_and_let_in_again(asked, household, signed_in):
    browser, resident = signed_in("village_cadre"), Resident.objects.get()
    address = reverse("person_portal", args=[resident.person_id])
    browser.post(address, {"do": "block"})
    resident.refresh_from_db()
    assert resident.blocked_at and resident.sessions_ended == 1 and "Blocked" in page(browser.get(address))
    browser.post(address, {"do": "unblock"})
    resident.refresh_from_db()
    assert resident.blocked_at is None
    events = Event.objects.filter(subject_kind="resident").order_by("id")
    assert list(events.values_list("verb", flat=True))[-2:] == ["resident.blocked", "resident.unblocked"]
    text = page(signed_in("auditor").get(reverse("trail"), {"verb": "resident."}))
    assert "Stopped from signing in" in text
