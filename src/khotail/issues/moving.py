"""What every handling of an issue does: hold it, check who and in which state, and leave a move and an event."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.issues.models import Body, Issue, Move, Photo
from khotail.issues.problems import NotFound, NotYourBody, TooManyFiles, WordsMissing, WordsTooLong, WrongState
from khotail.register.documents import keep_sent
from khotail.texts import typed
from khotail.trail.chain import record as record_event

LONGEST_WORDS = 4000
MOST_FILES = 6


def held(issue: Issue, officer: Officer | None = None) -> Issue:
    """The issue read anew and held until the transaction ends. Raises NotFound if the officer may not see it."""
    rows = Issue.objects.visible_to(officer) if officer else Issue.objects.all()
    if not rows.filter(pk=issue.pk).exists():
        raise NotFound
    return Issue.objects.select_for_update(of=("self",)).select_related("body").get(pk=issue.pk)


def check_state(issue: Issue, *states: str) -> None:
    """Raises WrongState."""
    if issue.state not in states:
        raise WrongState(state=issue.get_state_display())


def check_works_for(officer: Officer, issue: Issue) -> None:
    """The officer acts for the body that the issue lies with. Raises NotAllowed, NotYourBody."""
    if not officer.may(May.WORK_ISSUES):
        raise NotAllowed
    if not works_for(officer, issue):
        raise NotYourBody(body=issue.body.name if issue.body else "—")


def works_for(officer: Officer, issue: Issue) -> bool:
    """People of the body; where a body has none, whoever works issues in exactly its region; and who watches it late."""
    body = issue.body
    if body is None or not officer.may(May.WORK_ISSUES):
        return False
    if body.people.filter(pk=officer.pk).exists():
        return True
    if not body.people.filter(is_active=True).exists() and officer.region_code == body.region_code:
        return True
    return bool(issue.escalated_to) and officer.level == issue.escalated_to and officer.may(May.SORT_ISSUES)


def said(words: str, *, required: bool = True) -> str:
    """What somebody wrote. Raises WordsMissing, WordsTooLong."""
    words = typed(words)
    if required and not words:
        raise WordsMissing
    if len(words) > LONGEST_WORDS:
        raise WordsTooLong(most=LONGEST_WORDS)
    return words


def moved(
    issue: Issue,
    kind: str,
    *,
    by: Officer | None,
    now: datetime,
    by_raiser: bool = False,
    words: str = "",
    public_words: str = "",
    from_body: Body | None = None,
    to_body: Body | None = None,
    due_on: date | None = None,
    **details: Any,
) -> Move:
    """Save the issue, add a move and its event. Words do not go into the trail: they may name people."""
    issue.changed_at = now
    issue.save()
    move = Move.objects.create(
        issue=issue, kind=kind, at=now, by=by, by_raiser=by_raiser, words=words, public_words=public_words,
        from_body=from_body, to_body=to_body, due_on=due_on,
    )  # fmt: skip
    known = {"from_body": from_body and from_body.pk, "to_body": to_body and to_body.pk, "due": due_on}
    record_event(
        by, f"issue.{kind}", issue, at=now, state=issue.state, by_raiser=by_raiser,
        **{name: value for name, value in known.items() if value is not None}, **details,
    )  # fmt: skip
    return move


def keep_files(issue: Issue, files: Iterable[Any], by: Officer | None, now: datetime, move: Move | None = None) -> int:
    """Keep pictures, voice notes and papers with an issue. Raises TooManyFiles and what the documents refuse."""
    found = list(files)
    if len(found) > MOST_FILES:
        raise TooManyFiles(most=MOST_FILES)
    for file in found:
        document = keep_sent(
            file, household=None, region_code=issue.region_code, kind="issue", title=f"{issue.number}", by=by, now=now
        )
        Photo.objects.create(issue=issue, move=move, document=document)
    return len(found)


def tell_body(issue: Issue, kind: str, now: datetime) -> None:
    """Tell the people of the body; without people, whoever works issues in its region."""
    body = issue.body
    if body is None:
        return
    people = body.people.filter(is_active=True)
    if not people.exists():
        people = Officer.objects.filter(is_active=True, region_code=body.region_code)
    notify([one for one in people if one.may(May.WORK_ISSUES)], kind, issue_path(issue), now, number=issue.number,
           due=issue.due_on or "—")  # fmt: skip


def issue_path(issue: Issue) -> str:
    return f"/issues/{issue.pk}/"
