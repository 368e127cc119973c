"""Where a visit was made and an issue lies: coordinates as text, and a point within the banner's outline."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from khotail.desk.placemap import place_of
from khotail.issues.raising import raise_issue
from khotail.visits import forms
from khotail.visits.receiving import receive
from tests.record.conftest import BANNER, VILLAGE
from tests.record.test_visits import filled, visit


def place(region: str, north: str, east: str):
    return place_of(region, Decimal(north), Decimal(east))


def test_a_place_in_the_banner_is_a_point_on_its_outline():
    found = place(VILLAGE, "46.073", "122.05")
    left, top, width, height = map(int, found.map.view_box.split())
    assert found.map.is_inside and found.map.path.startswith("M")
    assert left < found.map.x < left + width and top < found.map.y < top + height
    assert found.words == "46.073000, 122.050000" and found.address == "geo:46.073000,122.050000"
    south = place(VILLAGE, "46.0", "122.05")
    assert south.map.y > found.map.y and place(VILLAGE, "46.073", "122.1").map.x > found.map.x


def test_the_bar_is_a_round_number_of_kilometres_long():
    found = place(VILLAGE, "46.073", "122.05").map
    shifted = place(VILLAGE, "46.073", "122.06").map
    km = found.bar_km / found.bar
    assert found.bar_km in {1, 2, 5, 10, 20, 50, 100} and found.bar < 400
    assert (shifted.x - found.x) * km == pytest.approx(0.772, abs=0.2)


def test_a_place_that_cannot_be_right_is_said_so():
    assert not place(VILLAGE, "47.6", "122.05").map.is_inside
    assert place(VILLAGE, "0", "0").map is None and place(VILLAGE, "0", "0").words == "0.000000, 0.000000"
    assert place("999999", "0", "0").map is None
    assert place("15", "46.073", "122.05").map.is_inside
    assert place_of(VILLAGE, None, None) is None


def test_a_visit_and_an_issue_show_their_place(household, officers, signed_in, now):
    form = next(form for form in forms.publish_rulebook_forms(now) if form.form_id == "household_visit")
    client = signed_in("banner_officer")
    there = visit(form).replace("46.1 121.2 0 5", "46.073 122.05 0 8")
    nowhere = visit(form).replace("46.1 121.2 0 5", "")
    for xml, shown in ((filled(form, there, "uuid:a"), True), (filled(form, nowhere, "uuid:b"), False)):
        stored = receive(xml, by=officers["village_cadre"], now=now).submission
        check(client.get(f"/visits-plan/records/{stored.pk}/").content.decode(), shown)
    for latitude, shown in ((Decimal("46.073"), True), (None, False)):
        issue = raise_issue(
            "水管漏水", region_code=VILLAGE, channel="portal", route="water-pipe", now=now, latitude=latitude,
            longitude=latitude and Decimal("122.05"),
        )  # fmt: skip
        check(client.get(f"/issues/{issue.pk}/").content.decode(), shown)


def check(page: str, shown: bool) -> None:
    assert ("46.073000, 122.050000" in page) is shown
    assert bool(re.search(r'<circle class="place-point"', page)) is shown
    assert ("No place was recorded" in page) is not shown
    assert "://" not in re.search(r'aria-labelledby="place-title".*?</section>', page, re.DOTALL)[0]


def test_the_banner_of_the_tests_has_an_outline():
    assert place(BANNER, "46.073", "122.05").map is not None
