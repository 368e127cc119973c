from datetime import date, timedelta

import pytest
from django.http import Http404
from django.urls import reverse

from khotail.accounts.models import Notification
from khotail.accounts.problems import NotAllowed
from khotail.intake import actions, queries
from khotail.intake.matching import Described
from khotail.intake.models import DoubtfulMatch
from khotail.intake.problems import AlreadyDecided, NotDecided, NotYours, TooLateToUndo
from khotail.register.known import known
from khotail.register.models import Person, Statement
from khotail.screening.rows import household_rows
from khotail.trail.chain import breaks
from khotail.trail.models import Event
from tests.facts.small_lists import id_number
from tests.record.conftest import make_household
from tests.record.intake_files import bill, imported, medical, register_of

WRONG = id_number(11)[:14] + "9988"


@pytest.fixture
def doubt(tmp_path, officers, now):
    register_of(tmp_path, officers["banner_officer"], now)
    path = medical(tmp_path / "医保自付费用202605.xlsx", [bill("示例11", WRONG, "30000")])
    imported(path, officers["banner_officer"], now)
    return DoubtfulMatch.objects.get()


@pytest.fixture
def person(doubt):
    return Person.objects.get(pk=doubt.candidates[0]["person"])


def costs():
    return Statement.objects.filter(table="medical_costs")


def seen_by_screening(person):
    return household_rows({"medical_costs": [person.household_id]})["medical_costs"].to_pylist()


def test_a_decision_states_the_row_at_once(doubt, person, officers, now):
    row = actions.decide(doubt, person, officers["banner_officer"], now)
    assert (row.state, row.person, row.household) == (DoubtfulMatch.State.MATCHED, person, person.household)
    said = costs().get()
    assert (said.person, said.source, said.batch_id) == (person, "medical-insurance", doubt.batch_id)
    assert said.values["self_paid_cny"] == 30000 and said.as_of == doubt.batch.as_of
    assert seen_by_screening(person)[0]["self_paid_cny"] == 30000
    event = Event.objects.get(verb="match.decided")
    assert event.details["person"] == person.pk and "示例" not in str(event.details)


def test_nobody_in_the_register(doubt, officers, now):
    row = actions.decide(doubt, None, officers["banner_officer"], now)
    assert (row.state, row.person) == (DoubtfulMatch.State.NOBODY, None) and not costs().exists()


def test_the_second_to_decide_is_told_who_and_what(doubt, person, officers, now):
    actions.decide(doubt, person, officers["banner_officer"], now)
    with pytest.raises(AlreadyDecided) as caught:
        actions.decide(doubt, None, officers["administrator"], now)
    assert caught.value.status == 409
    assert "演示banner_officer" in caught.value.text.en and person.household.number in caught.value.text.en
    assert costs().count() == 1


def test_a_decision_is_taken_back_on_the_same_day_and_nothing_is_erased(doubt, person, officers, now):
    officer = officers["banner_officer"]
    with pytest.raises(NotDecided):
        actions.undo(doubt, officer, now)
    actions.decide(doubt, person, officer, now)
    row = actions.undo(doubt, officer, now + timedelta(minutes=5))
    assert (row.state, row.person, row.decided_by) == (DoubtfulMatch.State.OPEN, None, None)
    assert costs().count() == 2
    assert "medical_costs" not in known(person.household) and seen_by_screening(person) == []
    assert Event.objects.get(verb="match.reopened").details["before"]["person"] == person.pk
    actions.decide(doubt, person, officer, now + timedelta(minutes=9))
    assert len(known(person.household)["medical_costs"]) == len(seen_by_screening(person)) == 1
    assert not list(breaks())


def test_what_was_known_before_holds_again_after_an_undo(doubt, person, officers, now, tmp_path):
    officer = officers["banner_officer"]
    imported(medical(tmp_path / "更早202604.xlsx", [bill("示例11", id_number(11), "111")]), officer, now,
             as_of=date(2026, 4, 30))  # fmt: skip
    actions.decide(doubt, person, officer, now + timedelta(minutes=1))
    assert seen_by_screening(person)[0]["self_paid_cny"] == 30000
    actions.undo(doubt, officer, now + timedelta(minutes=2))
    assert [row["self_paid_cny"] for row in seen_by_screening(person)] == [111]


def test_the_day_after_it_is_too_late(doubt, person, officers, now):
    actions.decide(doubt, person, officers["banner_officer"], now)
    with pytest.raises(TooLateToUndo):
        actions.undo(doubt, officers["banner_officer"], now + timedelta(days=1))


def test_two_bills_of_one_day_are_one_sum(tmp_path, officers, now):
    officer = officers["banner_officer"]
    register_of(tmp_path, officer, now)
    rows = [bill("示例11", id_number(11), "100"), bill("示例11", WRONG, "30000")]
    imported(medical(tmp_path / "医保自付费用.xlsx", rows), officer, now)
    person = Person.objects.get(name="示例11")
    doubt = DoubtfulMatch.objects.get()
    actions.decide(doubt, person, officer, now + timedelta(minutes=1))
    assert [row["self_paid_cny"] for row in seen_by_screening(person)] == [30100]
    actions.undo(doubt, officer, now + timedelta(minutes=2))
    assert [row["self_paid_cny"] for row in seen_by_screening(person)] == [100]


def test_somebody_found_by_hand(doubt, officers, now):
    other = Person.objects.get(name="示例31")
    row = actions.assign(doubt, other, officers["banner_officer"], now)
    assert row.person == other and Event.objects.get(verb="match.decided").details["by_hand"] is True


def test_nobody_of_another_banner_can_be_chosen(doubt, officers, now):
    stranger = make_household("D9001", "152222100200", "邻旗人", now).members.get()
    with pytest.raises(NotYours):
        actions.assign(doubt, stranger, officers["banner_officer"], now)
    assert not costs().exists()


@pytest.mark.parametrize("key", ["department_officer", "village_cadre", "helper", "leader", "auditor"])
def test_who_may_not_decide(key, doubt, person, officers, now):
    for act in (actions.decide, actions.assign):
        with pytest.raises(NotAllowed):
            act(doubt, person, officers[key], now)
    with pytest.raises(NotAllowed):
        actions.undo(doubt, officers[key], now)
    assert not queries.doubtful(officers[key]).exists()


def test_a_neighbouring_banner_and_a_single_township_see_no_doubts(doubt, person, officers, now):
    for key in ("neighbour", "township_officer"):
        assert not queries.doubtful(officers[key]).exists()
        with pytest.raises(Http404):
            queries.doubt(officers[key], doubt.pk)
        with pytest.raises(NotYours):
            actions.decide(doubt, person, officers[key], now)


def test_a_doubt_is_shown_with_masked_numbers_and_reasons(doubt, officers):
    shown = queries.doubt(officers["banner_officer"], doubt.pk)
    says = {name.en: value for name, value in shown.says}
    assert WRONG not in str(says) and "152221********9988" in says.values()
    best = shown.choices[0]
    assert best.person.name == "示例11" and {"name", "birth_date"} <= set(best.agrees) and "id_number" in best.differs
    assert best.masked_id == "152221********" + id_number(11)[-4:]
    assert shown.source_name.zh == "医保自付费用"


def test_the_list_of_doubts_takes_one_query(doubt, officers, django_assert_num_queries):
    batch = doubt.batch
    with django_assert_num_queries(1):
        for row in queries.doubtful(officers["banner_officer"], batch):
            assert row.batch.file_name and row.person is None


# -- decided before --------------------------------------------------------------------------------------------------


def next_list(tmp_path, officers, now, name="示例11", number=WRONG, paid="500"):
    path = medical(tmp_path / f"医保自付费用202604{paid}.xlsx", [bill(name, number, paid, day="2026-04-02")])
    batch = imported(path, officers["banner_officer"], now + timedelta(hours=1), as_of=date(2026, 4, 30))
    return batch, DoubtfulMatch.objects.filter(batch=batch).first()


def test_the_same_person_in_the_next_list_is_decided_as_before(doubt, person, officers, now, tmp_path):
    actions.decide(doubt, person, officers["administrator"], now)
    batch, row = next_list(tmp_path, officers, now)
    assert (row.state, row.person, row.decided_by) == (DoubtfulMatch.State.MATCHED, person, officers["administrator"])
    assert row.decided_before == doubt and costs().filter(batch_id=batch.pk, person=person).exists()
    assert (batch.counts["doubtful"], batch.counts["decided_before"]) == (1, 1)
    assert Event.objects.get(verb="match.decided-before").details["before"] == doubt.pk
    assert not Notification.objects.filter(kind="matches-new", path__contains=f"/{batch.pk}/").exists()


def test_nobody_is_reused_too_and_another_person_is_asked_about(doubt, officers, now, tmp_path):
    actions.decide(doubt, None, officers["banner_officer"], now)
    _, row = next_list(tmp_path, officers, now)
    assert row.state == DoubtfulMatch.State.NOBODY and row.decided_before == doubt
    other = WRONG[:14] + "9987"
    assert next_list(tmp_path, officers, now, number=other, paid="501")[1].state == DoubtfulMatch.State.OPEN


def test_a_reused_decision_can_be_taken_back_at_any_time(doubt, person, officers, now, tmp_path):
    actions.decide(doubt, person, officers["banner_officer"], now)
    _, row = next_list(tmp_path, officers, now)
    row = actions.undo(row, officers["banner_officer"], now + timedelta(days=9))
    assert (row.state, row.decided_before) == (DoubtfulMatch.State.OPEN, None)
    assert [each["self_paid_cny"] for each in seen_by_screening(person)] == [30000]


def test_a_decision_that_was_taken_back_is_not_reused(doubt, person, officers, now, tmp_path):
    actions.decide(doubt, person, officers["banner_officer"], now)
    actions.undo(doubt, officers["banner_officer"], now)
    assert next_list(tmp_path, officers, now)[1].state == DoubtfulMatch.State.OPEN


def test_a_name_alone_is_never_reused():
    assert Described("示例11", region_code="152221100200").digest() == ""
    assert Described("示例11", date(1990, 1, 2)).digest() == Described("示例 11", date(1990, 1, 2)).digest() != ""


def test_the_page_says_who_decided_before(doubt, person, officers, now, tmp_path, signed_in):
    actions.decide(doubt, person, officers["administrator"], now)
    _, row = next_list(tmp_path, officers, now)
    page = signed_in("banner_officer").get(reverse("doubtful_match", args=[row.pk])).content.decode()
    assert "Decided before by 演示administrator" in page and reverse("doubtful_undo", args=[row.pk]) in page


def test_a_number_that_excel_cut_is_shown_masked_with_its_lost_signs(tmp_path, officers, now, signed_in):
    officer = officers["banner_officer"]
    register_of(tmp_path, officer, now)
    imported(medical(tmp_path / "医保.xlsx", [bill("示例甲", id_number(11)[:15] + "000")]), officer, now)
    row = DoubtfulMatch.objects.get()
    assert id_number(11)[:15] not in str(row.values)
    says = {name.en: value for name, value in queries.doubt(officer, row.pk).says}
    assert says["ID number (damaged)"] == f"152221********{id_number(11)[14]}□□□"
    page = signed_in("banner_officer").get(reverse("doubtful_match", args=[row.pk])).content.decode()
    assert "□□□" in page and id_number(11)[:15] not in page
