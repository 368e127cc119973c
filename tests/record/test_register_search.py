import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.register.models import Household, Person
from khotail.register.names import initials_of
from khotail.register.queries import search
from khotail.register.sealed import id_digest, phone_digest
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, NEIGHBOUR_VILLAGE, OTHER_VILLAGE, TOWNSHIP, VILLAGE

ID = "152221199001010010"
PHONE = "15599990001"


def add(number, region, name, now, **person):
    household = Household.objects.create(number=number, region_code=region, head_name=name, changed_at=now)
    Person.objects.create(
        household=household, region_code=region, number=f"{number}01", name=name, initials=initials_of(name),
        relation="户主", changed_at=now, **person,
    )  # fmt: skip
    return household


@pytest.fixture
def wang(regions, now):
    return add(
        "152221100200A001", VILLAGE, "王小明", now, id_number=ID, id_digest=id_digest(ID), phone=PHONE,
        phone_digest=phone_digest(PHONE),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "by"),
    [
        ("王小明", "name"), ("王小", "name"), ("  王 ", "name"), ("wxm", "initials"), ("WX", "initials"),
        ("152221100200A001", "number"), ("152221100200a", "number"), ("152221100", "number"),
        ("152221100200A00101", "number"), (ID, "id"), ("１５２２２１１９９００１０１００１０", "id"), (ID + "43", "id"),
        ("152221 1990 0101 0010", "id"), (PHONE, "phone"), ("155-9999-0001", "phone"), ("+86 155 9999 0001", "phone"),
    ],
)  # fmt: skip
def test_a_household_is_found_by_whatever_is_known(officers, wang, text, by):
    hits = search(officers["banner_officer"], text)
    assert [(hit.household, hit.by) for hit in hits] == [(wang, by)]


def test_a_phone_that_only_the_household_has_is_found(officers, regions, now):
    home = Household.objects.create(
        number="H7", region_code=VILLAGE, phone="15599990009", phone_digest=phone_digest("15599990009"), changed_at=now
    )
    assert [hit.household for hit in search(officers["village_cadre"], "15599990009")] == [home]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "%", "_", "'; DROP TABLE register_person; --", "\x00", "王\x00", "<b>", "=1+1", "🐎", "x" * 5000],
)
def test_odd_text_finds_nobody_and_breaks_nothing(officers, wang, text):
    hits = search(officers["banner_officer"], text)
    assert hits == [] or text == "王\x00"


def test_nobody_is_found_in_a_neighbouring_banner_or_village(officers, wang):
    for key in ("neighbour", "other_village_cadre"):
        for text in ("王小明", "wxm", "152221100200A001", ID, PHONE):
            assert search(officers[key], text) == []


def test_a_helper_finds_only_their_own_households(officers, wang):
    helper = officers["helper"]
    assert search(helper, "王小明") == [] and search(helper, "1522211") == []
    Household.objects.filter(pk=wang.pk).update(helper=helper)
    assert len(search(helper, "王小明")) == len(search(helper, "1522211")) == 1


def test_at_most_fifty_are_shown_with_two_queries(officers, regions, now):
    for number in range(60):
        add(f"Q{number:03d}", VILLAGE, f"王{number}", now)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        hits = search(officers["banner_officer"], "王")
    assert len(hits) == 50 and len(queries) == 2


PLACES = [VILLAGE, OTHER_VILLAGE, NEIGHBOUR_VILLAGE]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    region=st.sampled_from([VILLAGE, OTHER_VILLAGE, TOWNSHIP, BANNER, "1522", "15", NEIGHBOUR_BANNER]),
    text=st.sampled_from(["王", "w", "wx", "王小明", "S", "S1", ID, PHONE, "152", "s"]) | st.text(max_size=6),
)
def test_whatever_is_searched_nothing_outside_the_region_is_found(three_places, region, text):
    officer = Officer(username="x", role=Role.OFFICER, region_code=region)
    found = search(officer, text)
    assert all(hit.household.region_code.startswith(region) for hit in found)
    if text == "王小明":
        assert len(found) == sum(place.startswith(region) for place in PLACES)


@pytest.fixture
def three_places(regions, now):
    for number, place in enumerate(PLACES):
        add(f"S{number}", place, "王小明", now, id_digest=id_digest(ID), phone_digest=phone_digest(PHONE))
