"""Residents: codes by phone or from a cadre, declarations, corrections, consent, and who looked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from khotail.accounts.problems import NotAllowed
from khotail.accounts.sms import Memory
from khotail.casework.models import Lead
from khotail.register.models import Person, Statement
from khotail.register.sealed import phone_digest
from khotail.residents import codes, corrections, declaring, people, viewings
from khotail.residents import problems as said
from khotail.residents.models import Consent, Correction, OneTimeCode, Resident
from khotail.trail.chain import breaks
from khotail.trail.models import Event

PHONE = "13800000001"
HERE = "203.0.113.7"


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    Memory.sent.clear()


@pytest.fixture
def person(household) -> Person:
    found = household.members.get()
    found.phone, found.phone_digest = PHONE, phone_digest(PHONE)
    found.save()
    return found


@pytest.fixture
def resident(person, now) -> Resident:
    return people.sign_in(person, now=now)


def code_sent(now, capture, phone=PHONE, address=HERE) -> str:
    with capture(execute=True):
        codes.ask_code(phone, address=address, now=now)
    return "".join(letter for letter in Memory.sent[-1][1].split("，")[0] if letter.isdecimal()) if Memory.sent else ""


def test_a_code_by_phone_lets_in_once(person, now, django_capture_on_commit_callbacks):
    code = code_sent(now, django_capture_on_commit_callbacks)
    assert codes.enter_code(code, phone=f"+86 {PHONE}", address=HERE, now=now) == [person]
    with pytest.raises(said.CodeWrong):
        codes.enter_code(code, phone=PHONE, address=HERE, now=now)


def test_an_unknown_phone_gets_the_same_answer_and_no_message(person, now, django_capture_on_commit_callbacks):
    assert code_sent(now, django_capture_on_commit_callbacks, phone="13900000009") == ""
    assert OneTimeCode.objects.count() == 1
    with pytest.raises(said.CodeWrong):
        codes.enter_code("000000", phone="13900000009", address=HERE, now=now)


def test_a_code_expires_and_a_newer_one_replaces_it(person, now, django_capture_on_commit_callbacks):
    old = code_sent(now, django_capture_on_commit_callbacks)
    later = now + timedelta(minutes=2)
    new = code_sent(later, django_capture_on_commit_callbacks)
    if old != new:
        with pytest.raises(said.CodeWrong):
            codes.enter_code(old, phone=PHONE, address=HERE, now=later)
    with pytest.raises(said.CodeWrong):
        codes.enter_code(new, phone=PHONE, address=HERE, now=later + timedelta(minutes=6))


def test_guessing_is_bounded_per_code_and_per_address(person, now, django_capture_on_commit_callbacks):
    code = code_sent(now, django_capture_on_commit_callbacks)
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(5):
        with pytest.raises(said.CodeWrong):
            codes.enter_code(wrong, phone=PHONE, address=HERE, now=now)
    with pytest.raises(said.CodeWrong):
        codes.enter_code(code, phone=PHONE, address=HERE, now=now)
    for _ in range(40):
        with pytest.raises((said.CodeWrong, said.TooManyCodes)):
            codes.enter_code("12345678", phone="", address=HERE, now=now)
    with pytest.raises(said.TooManyCodes):
        codes.enter_code("12345678", phone="", address=HERE, now=now)


def test_codes_are_not_sent_without_end(person, now, django_capture_on_commit_callbacks):
    code_sent(now, django_capture_on_commit_callbacks)
    with pytest.raises(said.TooSoon):
        codes.ask_code(PHONE, address=HERE, now=now + timedelta(seconds=30))
    for n in range(1, 6):
        codes.ask_code(PHONE, address=HERE, now=now + timedelta(minutes=2 * n))
    with pytest.raises(said.TooManyCodes):
        codes.ask_code(PHONE, address=HERE, now=now + timedelta(minutes=20))
    for phone in ("", "12", "abc", "1380000000１"):
        with pytest.raises(said.PhoneWrong):
            codes.ask_code(phone, address=HERE, now=now)


def test_a_cadre_helps_somebody_in_and_nobody_of_another_village(person, officers, now):
    code = codes.give_code(person, by=officers["village_cadre"], now=now)
    assert codes.enter_code(f"{code[:4]} {code[4:]}", phone="", address=HERE, now=now) == [person]
    with pytest.raises(said.CodeWrong):
        codes.enter_code(code, phone="", address=HERE, now=now)
    with pytest.raises(said.NotFound):
        codes.give_code(person, by=officers["other_village_cadre"], now=now)
    with pytest.raises(NotAllowed):
        codes.give_code(person, by=officers["helper"], now=now)


def test_a_session_ends_when_its_resident_is_blocked_or_leaves(resident, officers, now):
    assert people.still_in(resident.pk, 0) == resident
    people.block(resident, by=officers["village_cadre"], now=now)
    assert people.still_in(resident.pk, 0) is None
    with pytest.raises(said.Blocked):
        people.sign_in(resident.person, now=now)
    people.block(resident, by=officers["village_cadre"], now=now, blocked=False)
    resident = people.sign_in(resident.person, now=now)
    person = resident.person
    person.left_on = now.date()
    person.save()
    assert people.still_in(resident.pk, resident.sessions_ended) is None


def test_a_declaration_is_a_lead_once_with_its_consent(resident, now):
    made = declaring.declare(resident, ["illness"], "住院了", key="k1", now=now, consent_words="同意查询资产")
    again = declaring.declare(resident, ["illness"], "住院了", key="k1", now=now, consent_words="同意查询资产")
    lead = Lead.objects.get()
    assert made == again and made.lead == lead
    assert (lead.household, lead.channel, lead.consent, lead.causes) == (
        resident.household, "declaration", True, ["illness"],
    )  # fmt: skip
    assert Consent.objects.get().words == "同意查询资产"


def test_a_tap_is_enough_and_a_neighbour_is_named(resident, now):
    assert declaring.declare(resident, ["water"], key="k1", now=now).lead.words == "安全饮水"
    with pytest.raises(said.NeighbourMissing):
        declaring.declare(resident, ["water"], key="k2", now=now, for_neighbour=True)
    lead = declaring.declare(
        resident, ["labour"], "没人照顾", key="k2", now=now, for_neighbour=True, neighbour="演示乙"
    ).lead
    assert (lead.household, lead.told_by) == (None, resident.full_name)
    assert lead.words.startswith("演示乙")
    with pytest.raises(said.CauseMissing):
        declaring.declare(resident, [], key="k3", now=now)


def test_declaring_has_an_end_within_a_day(resident, now):
    for n in range(declaring.MOST_A_DAY):
        declaring.declare(resident, ["water"], key=f"k{n}", now=now)
    with pytest.raises(said.TooManyDeclarations):
        declaring.declare(resident, ["water"], key="more", now=now)
    assert declaring.declare(resident, ["water"], key="k0", now=now).lead


def test_a_correction_ends_in_the_register_or_with_a_reason(resident, officers, now):
    asked = corrections.ask_correction(
        resident, "persons", "education", "高中", now=now, person=resident.person, recorded="小学"
    )
    with pytest.raises(said.AlreadyAsked):
        corrections.ask_correction(resident, "persons", "education", "高中", now=now, person=resident.person)
    cadre = officers["village_cadre"]
    with pytest.raises(said.AnswerMissing):
        corrections.answer(asked, corrected=False, words="", by=cadre, now=now)
    corrections.answer(asked, corrected=True, words="已改", by=cadre, now=now)
    assert Statement.objects.filter(household=resident.household, values__education="高中").exists()
    with pytest.raises(said.AlreadyAnswered):
        corrections.answer(asked, corrected=False, words="不", by=cadre, now=now)
    asked = corrections.ask_correction(resident, "persons", "education", "大学", now=now, person=resident.person)
    with pytest.raises(said.NotFound):
        corrections.answer(asked, corrected=True, words="", by=officers["other_village_cadre"], now=now)
    corrections.answer(asked, corrected=False, words="没有证书", by=cadre, now=now)
    assert Correction.objects.get(pk=asked.pk).state == "declined"


@pytest.mark.parametrize(("table", "column"), [("nothing", "x"), ("persons", "person_id"), ("villages", "name")])
def test_what_cannot_be_corrected_is_refused(resident, now, table, column):
    with pytest.raises(said.CannotCorrect):
        corrections.ask_correction(resident, table, column, "x", now=now)


def test_the_household_sees_who_looked(resident, officers, now):
    for _ in range(3):
        viewings.looked(resident.household, officers["banner_officer"], now.date())
    viewings.looked(resident.household, officers["banner_officer"], now.date(), unmasked=True)
    viewings.looked(resident.household, officers["village_cadre"], now.date() + timedelta(days=1))
    rows = [(row.officer.username, row.times, row.unmasked) for row in viewings.who_looked(resident.household)]
    assert rows == [("village_cadre", 1, 0), ("banner_officer", 3, 1)]


def test_what_residents_do_is_in_the_trail_without_their_words(resident, now):
    declaring.declare(resident, ["illness"], "很私人的话", key="k", now=now)
    assert list(breaks()) == []
    assert not [event for event in Event.objects.all() if "私人" in str(event.details)]
