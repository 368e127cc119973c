"""The doors that officers' sessions do not open: the households' portal, OpenRosa, the app for visits and the public board.

Whoever has the key of such a door opens every address behind it, with their own objects and with somebody else's.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from khotail.accounts.tokens import make_token
from khotail.issues.models import Photo
from khotail.portal import places
from khotail.residents.models import Resident
from tests.record.conftest import BANNER
from tests.record.test_scope_walk import Standing, Walker, no_limits, ours, plausible, theirs
from tests.record.world import Address, World, addresses

__all__ = ["no_limits", "ours", "theirs"]

#: Pages of the portal that send whoever is in already on, and those that take a POST alone.
PASSED_ON = {"my_sign_in", "my_who", "my_sign_out", "my_sign_out_everywhere", "portal_look"}


def behind(door: str) -> list[Address]:
    return [address for address in addresses() if address.route.startswith(door)]


def at_home(world: World) -> Client:
    """A browser in which the world's resident is signed in."""
    client, resident = Client(), Resident.objects.get(pk=world.ids["resident"])
    session = client.session
    session.update(
        {
            "resident": resident.pk, "resident_sessions_ended": resident.sessions_ended,
            "resident_until": timezone.now().timestamp() + 3600,
        }
    )  # fmt: skip
    session.save()
    return client


def phone_of(officer) -> Client:
    """A client of OpenRosa with a token of the officer's own."""
    secret = make_token(officer, "ODK", None, now=timezone.now()).secret
    packed = base64.b64encode(f"{officer.username}:{secret}".encode()).decode()
    return Client(headers={"Authorization": f"Basic {packed}", "X-OpenRosa-Version": "1.0"})


def leaks(walker: Walker, doors: list[Address], foreign: World) -> Iterator[str]:
    """What is wrong when somebody calls addresses with what is not theirs."""
    standing = Standing(foreign)
    before = standing()
    for address in doors:
        for method, body in (("GET", None), ("POST", {}), ("POST", plausible(foreign))):
            answer, text = walker.call(address, foreign, method, body, None, standing)
            told = f"{method} {address.name} {answer.status_code}"
            if walker.looked != before:
                yield f"{told} changed what is not theirs"
            if leaked := [mark for mark in foreign.marks if mark in text]:
                yield f"{told} shows {leaked}"
            if answer.status_code >= 500 or (address.kinds and answer.status_code == 200):
                yield f"{told} answers"


def test_a_resident_opens_every_page_of_their_own(ours):
    walker, seen = Walker(at_home(ours)), {}
    for address in behind("my/"):
        answer, _ = walker.call(address, ours, "GET")
        seen[address.name] = answer.status_code
    pages = {name: code for name, code in seen.items() if name not in PASSED_ON}
    assert {name for name, code in pages.items() if code not in (200, 405)} <= {"my_wrong"}, pages  # it names a fact
    for name in ("my_home", "my_declared", "my_objection", "my_issue", "my_case", "my_consents", "my_corrections"):
        assert seen[name] == 200, name


def test_a_resident_takes_back_a_consent_and_answers_an_issue_by_the_same_addresses(ours):
    walker, found = Walker(at_home(ours)), {}
    body = plausible(ours) | {"what": "say"}
    for address in behind("my/"):
        if address.kinds:
            answer, _ = walker.call(address, ours, "POST", body)
            found[address.name] = answer.status_code
    assert found["my_consent_withdraw"] == found["my_issue"] == 302 and found["my_declared"] == 405


@pytest.mark.parametrize("whose", ["neighbours", "villages"])
def test_a_resident_opens_nothing_of_another_household(request, ours, theirs, whose):
    reader, foreign = (ours, theirs) if whose == "neighbours" else (theirs, ours)
    assert list(leaks(Walker(at_home(reader)), behind("my/"), foreign)) == []


def test_a_phone_opens_the_forms_of_its_region_and_the_households_of_its_officer(ours, theirs, officers):
    walker, seen = Walker(phone_of(officers["village_cadre"])), {}
    for address in behind("openrosa/"):
        answer, text = walker.call(address, ours, "GET")
        seen[address.name] = answer.status_code, ours.household.number in text
    assert seen["openrosa_form_list"][0] == seen["openrosa_form"][0] == seen["openrosa_manifest"][0] == 200
    assert seen["openrosa_households"] == (200, True) and seen["openrosa_submission"][0] == 405
    beside, text = Walker(phone_of(officers["other_village_cadre"])), ""
    for address in behind("openrosa/"):
        text += beside.call(address, ours, "GET")[1]
    assert not any(mark in text for mark in (*ours.marks, *theirs.marks))


@pytest.mark.parametrize("key", ["village_cadre", "helper", "banner_officer"])
def test_a_phone_opens_no_form_of_another_banner(ours, theirs, officers, key):
    assert list(leaks(Walker(phone_of(officers[key])), behind("openrosa/"), theirs)) == []


def test_the_list_that_the_app_takes_along_is_the_officers_own(ours, theirs, signed_in):
    for key, shown in (("village_cadre", True), ("other_village_cadre", False)):
        text = signed_in(key).get("/visits/work.json").content.decode()
        assert (ours.household.number in text) is shown and theirs.household.number not in text


def test_the_board_shows_an_issue_and_no_words_picture_or_name_of_it(ours, theirs, settings):
    settings.KHOTAIL_BANNER = BANNER
    places.forget()
    walker, seen = Walker(Client()), {}
    for address in behind("board/"):
        answer, text = walker.call(address, ours, "GET")
        seen[address.name] = answer.status_code
        assert not any(mark in text for mark in (*ours.marks, *theirs.marks)), address.name
    assert seen["board_issue"] == 200 and seen["board_photo"] == 404
    assert not Photo.objects.get(pk=ours.ids["photo"]).public
