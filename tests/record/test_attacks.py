"""What somebody with an account tries beyond their region and their rights."""

import json
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from khotail.accounts import actions as people
from khotail.accounts.models import Officer
from khotail.accounts.tokens import make_token, officer_of
from khotail.casework import actions as casework
from khotail.casework.models import Lead
from khotail.jobs.models import Job
from khotail.register import actions as register
from khotail.register.models import Household
from khotail.register.sealed import opened, seal
from khotail.trail.chain import record
from khotail.trail.models import Event
from khotail.trail.protection import is_protected, protect, unprotect
from tests.record.conftest import BANNER, OTHER_VILLAGE

ID_NUMBER, PHONE = "152221198001011234", "13812345678"
#: What begins like a sealed value and is none.
LIKE_SEALED = ("a1:", "a1:x", "s1:AAAA", "a1:" + "QUJD" * 14, "s1:" + "QUJD" * 14)


@pytest.mark.parametrize("text", LIKE_SEALED)
def test_words_that_begin_like_a_sealed_value_break_no_page(signed_in, household, text):
    village, banner = signed_in("village_cadre"), signed_in("administrator")
    member = household.members.get()
    village.post(f"/register/{household.pk}/correct/households/", {"group_name": text, "reason": "x"})
    village.post(
        f"/register/person/{member.pk}/correct/",
        {"name": text, "public_post": text, "person_phone": text, "reason": text},
    )
    member.refresh_from_db()
    assert member.name == text
    for path in (
        f"/register/{household.pk}/",
        f"/register/{household.pk}/correct/households/",
        f"/register/person/{member.pk}/correct/",
        f"/api/households/{household.pk}",
    ):
        assert banner.get(path).status_code == 200, path


def test_what_only_looks_sealed_stays_as_it_is_and_what_is_sealed_is_opened():
    assert [opened(text) for text in LIKE_SEALED] == list(LIKE_SEALED)
    assert opened(seal(ID_NUMBER)) == ID_NUMBER and opened(None) is None and opened(7) == 7


def test_a_phone_that_begins_like_a_sealed_value_is_sealed_all_the_same(household):
    household.phone = "a1:x"
    household.save()
    household.refresh_from_db()
    assert household.phone == "a1:x"


def test_a_household_that_moved_takes_its_case_out_of_the_old_villages_sight(signed_in, officers, household, now):
    cadre = officers["village_cadre"]
    case = casework.open_case(casework.raise_lead(household, "visit", [], "said", by=cadre, now=now), cadre, now)
    lead = casework.raise_lead(household, "visit", [], "said again", by=cadre, now=now)
    step = case.steps.get()
    register.move_household(household, to=OTHER_VILLAGE, on=date(2026, 6, 1), by=officers["banner_officer"], now=now)
    paths = (f"/register/{household.pk}/", f"/cases/{case.pk}/", f"/leads/{lead.pk}/", f"/api/cases/{case.pk}")
    before, after = signed_in("village_cadre"), signed_in("other_village_cadre")
    assert [before.get(path).status_code for path in paths] == [404] * 4
    assert [after.get(path).status_code for path in paths] == [200] * 4
    assert before.post(f"/cases/{case.pk}/steps/{step.pk}/close/", {"outcome": "risk"}).status_code == 404


@pytest.mark.parametrize(
    "region", ["152221<b>x</b", "15222110", "152221999999", f"{BANNER}\r\nX: y", "", "15222\u0662"]
)
def test_a_lead_is_raised_in_a_place_that_exists(signed_in, household, region):
    sent = {"region_code": region, "channel": "visit", "words": "said"}
    answer = signed_in("administrator").post("/api/leads", json.dumps(sent), content_type="application/json")
    assert answer.status_code in (404, 422) and not Lead.objects.exists()


@pytest.mark.parametrize("region", [f"{BANNER}abc", f"{BANNER}\r\nX: y", f'{BANNER}";x="', f"{BANNER}1000000000000"])
def test_an_export_is_of_a_place_and_of_nothing_that_only_begins_like_one(signed_in, household, region):
    assert signed_in("administrator").post("/register/export/", {"region": region}).status_code in (403, 404)
    assert not Job.objects.exists()


def test_a_new_first_password_ends_the_tokens_that_whoever_had_the_old_one_made(officers, now):
    secret = make_token(officers["helper"], "made by a thief", None, now=now).secret
    people.reset_password(officers["helper"], by=officers["administrator"], now=now)
    Officer.objects.filter(pk=officers["helper"].pk).update(must_change_password=False)
    assert officer_of(secret, now) is None
    assert Event.objects.get(verb="officer.password_reset").details == {"tokens_withdrawn": 1}


def test_numbers_that_somebody_types_as_a_reason_do_not_come_into_the_trail(officers, household, now):
    cadre, member = officers["village_cadre"], household.members.get()
    said = {"group_name": f"电话{PHONE}"}
    register.correct(household, "households", said, reason=f"身份证{ID_NUMBER}", by=cadre, now=now)
    register.record_leaving(member, how="moved", on=date(2026, 6, 1), by=cadre, now=now, reason=f"打{PHONE}")
    told = str(list(Event.objects.values_list("details", flat=True)))
    assert ID_NUMBER not in told and PHONE not in told and "138****5678" in told


@pytest.mark.skipif(connection.vendor != "sqlite", reason="REPLACE is SQLite's")
def test_no_event_is_replaced_by_another(household, now):
    made = record(None, "household.seen", household, at=now)
    protect(connection)
    columns = [field.column for field in Event._meta.fields]
    forged = ", ".join("'forged'" if name == "actor_name" else name for name in columns)
    as_new = ", ".join("id + 1" if name == "id" else name for name in columns)
    try:
        assert is_protected(connection)
        for values in (forged, as_new):
            with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"INSERT OR REPLACE INTO trail_event ({', '.join(columns)}) SELECT {values} FROM trail_event"
                )
        record(None, "household.seen", household, at=now)
    finally:
        unprotect(connection)
    assert Event.objects.count() == 2 and Event.objects.get(pk=made.pk).actor_name == ""


@pytest.mark.parametrize("region", ["1522", "15", "152222", "152221100"])
def test_an_administrator_makes_nobody_and_moves_nobody_beyond_their_own_region(officers, signed_in, region):
    township = officers["township_officer"]
    Officer.objects.filter(pk=township.pk).update(role="administrator")
    browser = signed_in("township_officer" if region == "152221100" else "administrator")
    sent = {"username": "mole", "full_name": "某", "role": "administrator", "region_code": region[:6]}
    browser.post("/people/new/", sent)
    assert not Officer.objects.filter(username="mole").exists()
    browser.post(f"/people/{officers['village_cadre'].pk}/change/", {**sent, "role": "officer"})
    officers["village_cadre"].refresh_from_db()
    assert officers["village_cadre"].role == "village_cadre"


def test_nobody_makes_themselves_more_than_they_are(officers, signed_in):
    for key in ("helper", "administrator"):
        browser, me = signed_in(key), officers[key]
        raised = {"role": "administrator", "region_code": "15", "is_active": "1", "username": "root"}
        browser.post("/people/me/", {"language": "en", "phone": "", "email": "", **raised})
        browser.post(f"/people/{me.pk}/change/", {"full_name": "某", **raised})
        me.refresh_from_db()
        assert (me.username, me.region_code) == (key, officers[key].region_code) and me.region_code != "15"


def test_a_household_cannot_be_taken_into_a_list_of_another_region(officers, household, now):
    import pyarrow as pa

    from khotail.register.statements import state

    row = {"household_id": [household.number], "region_code": ["152221101200"]}
    said = state(
        "households", pa.table(row), as_of=date(2026, 6, 1), source="x", batch_id=None, by=officers["banner_officer"],
        now=now, region_code="152221101",
    )  # fmt: skip
    assert said.outside == 1 and Household.objects.get().region_code == household.region_code
