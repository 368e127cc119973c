"""The issue loop: raised, sent, taken up, resolved with proof, confirmed or reopened one level up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile

from khotail.accounts.problems import NotAllowed
from khotail.accounts.sms import Memory
from khotail.casework.models import Lead
from khotail.issues import answering, bodies, checks, escalation, handling, matters, publishing, queries
from khotail.issues import problems as said
from khotail.issues.models import Body, Check, Issue, Matter, Move
from khotail.issues.raising import MOST_A_DAY, raise_issue
from khotail.issues.receipts import Raiser, by_receipt, receipt_of
from khotail.trail.chain import breaks
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, TOWNSHIP, VILLAGE

PIPE = "村口那根水管破了，漏水三天"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"


@pytest.fixture(autouse=True)
def no_messages(settings):
    settings.KHOTAIL_SMS_BACKEND = "khotail.accounts.sms.Memory"
    Memory.sent.clear()


@pytest.fixture
def water(officers, now) -> Body:
    body = bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    return bodies.set_people(body, [officers["department_officer"]], by=officers["administrator"], now=now)


@pytest.fixture
def office(officers, now) -> Body:
    return bodies.add_body("演示苏木办公室", "government", TOWNSHIP, by=officers["administrator"], now=now)


def raised(at, words=PIPE, route="water-pipe", **more) -> Issue:
    values = {"region_code": VILLAGE, "channel": "portal", "route": route, "now": at} | more
    issue = raise_issue(words, **values)
    issue.refresh_from_db()
    return issue


def resolved(issue, officer, now):
    handling.accept(issue, by=officer, now=now)
    return handling.resolve(
        issue, "换了管", by=officer, now=now, public_words="已换新管", files=[ContentFile(JPEG, "p.jpg")]
    )


def test_an_issue_goes_to_the_body_of_its_class_and_its_raiser_confirms(water, officers, now):
    worker = officers["department_officer"]
    issue = raised(now, phone="13800000001")
    assert (issue.state, issue.body, issue.level) == ("sent", water, "banner")
    assert issue.due_on.isoformat() == "2026-06-10"  # five working days
    resolved(issue, worker, now)
    issue = answering.confirm(issue, 5, raiser=Raiser(receipt=receipt_of(issue), phone="13800000001"), now=now)
    assert (issue.state, issue.satisfied) == ("confirmed", 5)
    kinds = list(issue.moves.values_list("kind", flat=True))
    assert kinds == ["raised", "sent", "accepted", "resolved", "confirmed"]
    assert [number for number, _ in Memory.sent] == ["13800000001"] * 2 or Memory.sent == []
    assert list(breaks()) == []


def test_a_receipt_of_another_issue_or_a_wrong_phone_opens_nothing(water, now):
    issue, other = raised(now, phone="13800000001"), raised(now, words="井水发黄", route="water-quality")
    assert by_receipt(f" {receipt_of(issue).lower()} ", "138 0000 0001") == issue
    for receipt, phone in (
        (receipt_of(issue), ""),
        (receipt_of(issue), "13800000002"),
        (issue.number, "13800000001"),
        (f"{issue.number}-{receipt_of(other)[-6:]}", "13800000001"),
        ("", ""),
    ):
        with pytest.raises(said.NotTheRaiser):
            by_receipt(receipt, phone)


def test_a_reopened_issue_goes_one_level_up(office, water, officers, now):
    issue = raised(now, words="垃圾堆成山没人收", route="rubbish")
    assert (issue.body, issue.level) == (office, "township")
    resolved(issue, officers["township_officer"], now)
    issue = answering.reopen(issue, "还在那里", raiser=Raiser(receipt=receipt_of(issue)), now=now)
    assert (issue.state, issue.reopened, issue.body) == ("sent", 1, office)  # nobody answers for it above
    bodies.add_body("演示旗政府办", "government", BANNER, by=officers["administrator"], now=now)
    resolved(issue, officers["township_officer"], now)
    issue = answering.reopen(issue, "还在", raiser=Raiser(receipt=receipt_of(issue)), now=now)
    assert (issue.level, issue.body.name, issue.reopened) == ("banner", "演示旗政府办", 2)


def test_a_closing_without_proof_or_a_word_why_is_refused(water, officers, now):
    issue = raised(now)
    worker = officers["department_officer"]
    handling.accept(issue, by=worker, now=now)
    with pytest.raises(said.ProofMissing):
        handling.resolve(issue, "", by=worker, now=now, public_words="好了")
    with pytest.raises(said.WordsMissing):
        handling.resolve(issue, "好了", by=worker, now=now, public_words=" ")


def test_who_does_not_work_for_the_body_cannot_handle_it(water, officers, now):
    issue = raised(now)
    for key, problem in (
        ("leader", NotAllowed), ("village_cadre", said.NotYourBody), ("neighbour", said.NotFound),
        ("supervisor", NotAllowed), ("helper", said.NotFound),
    ):  # fmt: skip
        with pytest.raises(problem):
            handling.accept(issue, by=officers[key], now=now)


def test_the_clock_stands_while_it_is_stopped_and_is_put_off_once(water, officers, now):
    worker = officers["department_officer"]
    issue = handling.accept(raised(now), by=worker, now=now)
    before = issue.due_on
    issue = handling.pause(issue, "等配件", by=worker, now=now)
    issue = handling.resume(issue, by=worker, now=now + timedelta(days=7))
    assert (issue.paused_days, (issue.due_on - before).days) == (5, 7)
    issue = handling.extend(issue, 10, "配件缺货", by=worker, now=now)
    assert issue.extended_days == 10
    for days in (1, 0, -3, 10_000):
        with pytest.raises(said.TooLong):
            handling.extend(issue, days, "再延", by=worker, now=now)
    with pytest.raises(said.WrongState):
        handling.resume(issue, by=worker, now=now)


def test_passing_on_says_whose_it_is_and_a_body_that_ended_is_refused(water, office, officers, now):
    worker, administrator = officers["department_officer"], officers["administrator"]
    issue = raised(now)
    with pytest.raises(said.ReasonMissing):
        handling.transfer(issue, office, " ", by=worker, now=now)
    issue = handling.transfer(issue, office, "村内管道归苏木管", by=worker, now=now)
    assert issue.body == office
    assert issue.moves.last().public_words == "村内管道归苏木管"
    far = Body.objects.create(region_code=NEIGHBOUR_BANNER, field="water", name="邻旗水利局")
    with pytest.raises(said.BodyElsewhere):
        handling.transfer(issue, far, "给你", by=administrator, now=now)
    with pytest.raises(said.OpenWork):
        bodies.end_body(office, now.date(), by=administrator, now=now)
    follower = bodies.add_body("演示苏木综合办", "government", TOWNSHIP, by=administrator, now=now)
    assert bodies.end_body(office, now.date(), by=administrator, now=now, successor=follower) == 1
    issue.refresh_from_db()
    assert issue.body == follower
    with pytest.raises(said.BodyEnded):
        handling.transfer(issue, office, "退给你", by=administrator, now=now)


def test_without_any_body_an_issue_waits_to_be_sorted_and_is_never_lost(officers, now):
    issue = raised(now)
    assert (issue.state, issue.body) == ("sorting", None)
    bodies.add_body("演示水利局", "water", BANNER, by=officers["administrator"], now=now)
    issue = handling.sort(issue, "water-pipe", by=officers["village_cadre"], now=now)
    assert issue.state == "sent"


def test_trouble_in_an_issue_quietly_raises_one_lead(office, officers, household, now):
    issue = raised(now, words="丈夫得了肝癌，住院花了很多钱", route="medical-cost", household=household)
    lead = Lead.objects.get()
    assert issue.quiet and issue.lead == lead
    assert (lead.household, lead.causes) == (household, ["illness"])
    handling.sort(issue, "reimbursement", by=officers["banner_officer"], now=now)
    assert Lead.objects.count() == 1
    assert queries.board(BANNER).issues == [] and queries.public_issue(issue.number) is None


def test_a_complaint_about_a_cadre_is_not_shown_to_the_village(officers, now):
    bodies.add_body("演示旗信访局", "government", BANNER, by=officers["administrator"], now=now)
    issue = raised(now, words="办事要好处费", route="bribe")
    seen = {key for key, one in officers.items() if Issue.objects.visible_to(one).filter(pk=issue.pk).exists()}
    assert seen == {"administrator", "banner_officer", "banner_reviewer", "leader", "auditor"}


def test_a_message_that_is_unclear_is_sorted_by_a_person(office, officers, now):
    issue = raised(now, words="家里老人的事想说", route="")
    assert issue.state == "sorting"
    assert len(issue.suggested) >= 2
    issue = raised(now, words="村里垃圾堆成山没人收，垃圾桶满了", route="")
    assert (issue.route, issue.state) == ("rubbish", "sent")


def test_the_same_key_twice_is_one_issue(water, now):
    first = raised(now, key="phone-1:17")
    assert raised(now, key="phone-1:17") == first
    assert Issue.objects.count() == 1


def test_one_phone_cannot_flood(water, now):
    for _ in range(MOST_A_DAY):
        raised(now, phone="13800000001")
    with pytest.raises(said.TooMany):
        raised(now, phone="13800000001")
    raised(now + timedelta(days=1, minutes=1), phone="13800000001")


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"words": " \x00 "}, said.WordsMissing),
        ({"words": "长" * 4001}, said.WordsTooLong),
        ({"region_code": "999999999999"}, said.UnknownPlace),
        ({"region_code": "１５"}, said.UnknownPlace),
        ({"route": "no-such"}, said.UnknownRoute),
        ({"latitude": "91", "longitude": "1"}, said.PlaceWrong),
        ({"latitude": "NaN", "longitude": "1"}, said.PlaceWrong),
    ],
)
def test_bad_input_is_refused_with_a_sentence(water, now, more, problem):
    with pytest.raises(problem):
        raised(now, **more)
    assert Issue.objects.count() == 0


def test_what_is_overdue_is_watched_one_level_up_and_silence_closes(water, officers, now):
    issue = raised(now)
    late = now + timedelta(days=10)
    assert escalation.escalate_overdue(late)["escalated"] == 0  # nobody of this installation stands above the banner
    issue = raised(now, words="垃圾没人收", route="rubbish")
    office = bodies.add_body("演示苏木办公室", "government", TOWNSHIP, by=officers["administrator"], now=now)
    issue = handling.transfer(issue, office, "归苏木", by=officers["banner_officer"], now=now)
    assert escalation.escalate_overdue(late)["escalated"] == 1
    assert escalation.escalate_overdue(late)["escalated"] == 0
    issue.refresh_from_db()
    assert issue.escalated_to == "banner"
    resolved(issue, officers["banner_officer"], late)
    assert escalation.escalate_overdue(late + timedelta(days=30))["closed"] == 1
    issue.refresh_from_db()
    assert (issue.state, issue.satisfied) == ("confirmed", None)


def test_the_committee_checks_a_sample_and_what_does_not_hold_is_reopened(water, officers, now):
    issue = raised(now)
    resolved(issue, officers["department_officer"], now)
    assert checks.draw_checks(now) == 1
    assert checks.draw_checks(now + timedelta(hours=1)) == 0
    drawn = Check.objects.get()
    with pytest.raises(NotAllowed):
        checks.check(drawn, "holds", "", by=officers["village_cadre"], now=now)
    with pytest.raises(said.ReasonMissing):
        checks.check(drawn, "does_not_hold", "", by=officers["supervisor"], now=now)
    checks.check(drawn, "does_not_hold", "管还在漏", by=officers["supervisor"], now=now)
    issue.refresh_from_db()
    assert (issue.state, issue.reopened) == ("sent", 1)
    with pytest.raises(said.AlreadyChecked):
        checks.check(drawn, "holds", "", by=officers["supervisor"], now=now)


def test_what_keeps_coming_back_becomes_a_village_matter(water, officers, now):
    for n in range(5):
        issue = raised(now + timedelta(days=n))
        handling.accept(issue, by=officers["department_officer"], now=now + timedelta(days=n))
    matter = Matter.objects.get()
    assert (matter.route, matter.issues.count()) == ("water-pipe", 5)
    with pytest.raises(said.NoMatter):
        matters.settle(matter, "换整条管", by=officers["other_village_cadre"], now=now)
    assert matters.settle(matter, "换整条管", by=officers["village_cadre"], now=now).state == "settled"


def test_the_board_shows_what_was_published_and_no_person(water, officers, now):
    issue = raised(now, words="演示甲家门口水管漏水", phone="13800000001", name="演示甲")
    [shown] = queries.board(VILLAGE).issues
    assert (shown.pk, shown.public_words) == (issue.pk, "")
    publishing.publish(issue, "水管漏水", by=officers["village_cadre"], now=now)
    assert queries.public_issue(issue.number).public_words == "水管漏水"
    assert Move.Kind.PUBLISHED not in [move.kind for move in queries.public_moves(issue)]


def test_the_board_is_paged_by_key_without_gaps(water, now):
    made = [raised(now).pk for _ in range(5)]
    first = queries.board(BANNER, size=2)
    second = queries.board(BANNER, size=2, before=first.before)
    last = queries.board(BANNER, size=2, before=second.before)
    assert [one.pk for page in (first, second, last) for one in page.issues] == made[::-1]
    assert last.before is None


def test_joined_issues_follow_the_other(water, officers, now):
    one, two = raised(now), raised(now)
    handling.merge(two, one, by=officers["village_cadre"], now=now)
    assert queries.public_issue(two.number).pk == one.pk
    with pytest.raises(said.WrongState):
        handling.merge(two, one, by=officers["village_cadre"], now=now)
    with pytest.raises(said.CannotMerge):
        handling.merge(one, one, by=officers["village_cadre"], now=now)


def test_figures_say_how_long_things_took(water, officers, now):
    issue = raised(now)
    resolved(issue, officers["department_officer"], now + timedelta(days=2))
    rows = Issue.objects.shown_in_public()
    figures = queries.figures_by("body_id", rows, now - timedelta(days=1), now + timedelta(days=9), now.date())
    found = figures[water.pk]
    assert (found.raised, found.resolved, found.days_to_resolve, found.satisfied) == (1, 1, 2.0, None)
