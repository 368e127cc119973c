"""Help at once: first what is needed, then its papers.

Recording it needs nothing but who, what and when. If the household's case is open, the help is a measure of it; if none
is, a lead is raised, so that the household is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.assistance.checks import check_past, check_planner, checked_amount, checked_text, own_papers, present
from khotail.assistance.models import Emergency
from khotail.assistance.problems import AlreadyClosed, GaveNothing, NotFound, PapersMissing, ReasonMissing, UnknownWord
from khotail.casework.deadlines import after_working_days
from khotail.casework.measures import record_measure
from khotail.casework.models import Case, Lead
from khotail.casework.raising import checked_causes, raise_lead
from khotail.register.models import Document, Household
from khotail.screening.rulebook import setting
from khotail.texts import Text
from khotail.trail.chain import record as record_event

#: Kinds as the register writes measures of social security.
_MEASURE = ("综合保障", "临时救助")
_KINDS = {
    "cash": Text("现金", "cash"),
    "food": Text("食品和生活用品", "food and daily goods"),
    "fodder": Text("饲草料", "fodder"),
    "shelter": Text("安置、帐篷、取暖", "shelter, tents, heating"),
    "medical": Text("医疗", "medical treatment"),
    "transport": Text("转移、救援", "transport, rescue"),
    "repair": Text("房屋抢修", "repair of the house"),
    "other": Text("其他", "other"),
}
_STATES = {"complete": Text("手续已补齐", "papers complete"), "excused": Text("无手续关闭", "closed without papers")}


@transaction.atomic
def give_at_once(
    household: Household,
    kind: str,
    cause: str,
    *,
    amount_cny: Decimal | str | int | None = None,
    words: str = "",
    given_on: date | None = None,
    photos: Iterable[Document] = (),
    by: Officer,
    now: datetime,
    key: str | None = None,
) -> Emergency:
    """Record what was given today (or on a day before), by the officer who gave it.

    key  the sender's own name for it; sent again, the one that is known is returned
    Raises NotAllowed, NotFound (also if the key is another household's), HouseholdLeft, UnknownWord, GaveNothing,
    AmountWrong, NotYet, DatesWrong.
    """
    check_planner(by)
    case = Case.objects.select_for_update().filter(household=household).exclude(state__in=Case.CLOSED).first()
    household = present(household, by)
    # Only now: whoever sent it a moment earlier has the household's lock until theirs is written.
    if key and (earlier := Emergency.objects.filter(key=key[:64]).first()):
        if earlier.household_id != household.pk:
            raise NotFound
        return earlier
    if kind not in Emergency.Kind.values:
        raise UnknownWord(word=str(kind)[:30])
    [cause] = checked_causes([cause])
    amount, words, today = checked_amount(amount_cny), checked_text(words), timezone.localdate(now)
    if not amount and not words:
        raise GaveNothing
    given_on = given_on or today
    check_past(given_on, now)
    given = Emergency.objects.create(
        household=household, region_code=household.region_code, cause=cause, kind=kind, amount_cny=amount, words=words,
        given_on=given_on, given_by=by, recorded_at=now, level=by.level, key=key[:64] if key else None,
        due_on=after_working_days(today, int(setting("emergency_papers_days", today, household.region_code))),
    )  # fmt: skip
    given.photos.add(*own_papers(photos, household))
    _lead_on(given, case, by, now)
    record_event(by, "emergency.given", given, at=now, kind=kind, cause=cause, due_on=given.due_on)
    return given


@transaction.atomic
def add_papers(emergency: Emergency, documents: Iterable[Document], *, by: Officer, now: datetime) -> Emergency:
    """Add papers. More may follow. Raises NotAllowed, NotFound, AlreadyClosed, ForeignDocument."""
    found = _open(emergency, by)
    papers = own_papers(documents, found.household)
    found.papers.add(*papers)
    record_event(by, "emergency.papers-added", found, at=now, papers=len(papers))
    return found


@transaction.atomic
def complete(emergency: Emergency, *, by: Officer, now: datetime) -> Emergency:
    """All papers are there. Raises as `add_papers`, PapersMissing."""
    found = _open(emergency, by)
    if not found.papers.exists():
        raise PapersMissing
    return _close(found, Emergency.State.COMPLETE, "", by, now)


@transaction.atomic
def excuse(emergency: Emergency, reason: str, *, by: Officer, now: datetime) -> Emergency:
    """There will be no papers, and this is why. Raises as `add_papers`, ReasonMissing."""
    found = _open(emergency, by)
    reason = checked_text(reason)
    if not reason:
        raise ReasonMissing
    return _close(found, Emergency.State.EXCUSED, reason, by, now)


def _close(found: Emergency, state: str, reason: str, by: Officer, now: datetime) -> Emergency:
    found.state, found.reason, found.closed_at, found.closed_by = state, reason, now, by
    found.save()
    record_event(by, f"emergency.{state}", found, at=now)
    return found


def _open(emergency: Emergency, by: Officer) -> Emergency:
    """Locked and still open. A household that has left may still be cleared up."""
    check_planner(by)
    if not Emergency.objects.visible_to(by).filter(pk=emergency.pk).exists():
        raise NotFound
    rows = Emergency.objects.select_for_update(of=("self",)).select_related("household", "closed_by")
    found = rows.get(pk=emergency.pk)
    if found.state != Emergency.State.OPEN:
        name = _STATES[found.state]
        who = found.closed_by.full_name if found.closed_by else "—"
        raise AlreadyClosed(who=who, state_zh=name.zh, state_en=name.en)
    return found


def _lead_on(given: Emergency, case: Case | None, by: Officer, now: datetime) -> None:
    """Into the household's open case, or else to somebody's attention."""
    household, name = given.household, _KINDS[given.kind]
    if case is not None:
        category, kind = _MEASURE
        given.measure = record_measure(
            case, category, kind, causes=[given.cause], starts_on=given.given_on, ends_on=given.given_on,
            amount_cny=given.amount_cny, note=f"{name.zh} {given.words}".strip(), by=by, now=now,
        )  # fmt: skip
    else:
        given.lead = Lead.objects.filter(household=household, state=Lead.State.OPEN).order_by("id").first()
        if given.lead is None:
            words = f"已先行救助（{name.zh}）。{given.words}".strip()
            given.lead = raise_lead(household, Lead.Channel.VISIT, [given.cause], words, by=by, now=now)
    given.save(update_fields=["measure", "lead"])
