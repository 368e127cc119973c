"""Doubtful rows of department lists: whom of the register they are about, decided by people side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.intake_forms import DoubtFilter
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.desk.regions import name_of as place_name
from khotail.desk.views.intake import name_of
from khotail.intake import actions, queries
from khotail.intake.models import DoubtfulMatch
from khotail.intake.queries import Choice, Doubt
from khotail.problems import Problem
from khotail.register.models import Person
from khotail.register.queries import search

_PER_PAGE = 50
_State = DoubtfulMatch.State
#: Members of found households that are offered, at most.
_MOST_FOUND = 60


@dataclass(frozen=True)
class Compared:
    """One field of a candidate beside what the list says.

    verdict  agrees, differs, or "" where one side is silent
    differs_at  of an ID number: the positions, from 1, that can be read and differ
    """

    label: Promise
    listed: str
    registered: str
    verdict: str
    differs_at: tuple[int, ...] = ()


@login_required
@require_safe
def doubtful_matches(request: HttpRequest, pk: int = 0) -> HttpResponse:
    """All that wait in the region, or of one batch."""
    require(request.user, May.DECIDE_MATCHES)
    region = chosen_region(request.user, request.GET.get("region", ""))
    of = queries.batch(request.user, pk) if pk else None
    form = DoubtFilter(request.GET)
    rows = queries.doubtful(request.user, of, form.wanted()).in_region(region)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.source_name = name_of(row)
        row.said_name = row.values.get("name") or ""
        row.best = round(100 * row.candidates[0]["score"]) if row.candidates else None
    context = {
        "page": page, "form": form, "batch": of, "region": region, "filtered": bool(request.GET.get("state")),
        "before": request.session.pop("decided_match", None),
    }  # fmt: skip
    return render(request, "desk/intake/doubtful.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def doubtful_match(request: HttpRequest, pk: int) -> HttpResponse:
    """The row beside whom it may be about. A search for others is sent in the body: names do not belong in addresses."""
    require(request.user, May.DECIDE_MATCHES)
    return _show(request, pk, text=request.POST.get("q", ""))


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """`person`: whom the row is about, one of the candidates or somebody who was searched for; "nobody" for nobody."""
    require(request.user, May.DECIDE_MATCHES)
    doubt = queries.doubt(request.user, pk)
    answer = request.POST.get("person", "")
    person = None if answer == "nobody" else _person(request, answer)
    among = person is None or any(choice.person == person for choice in doubt.choices)
    try:
        if among:
            actions.decide(doubt.row, person, request.user, timezone.now())
        else:
            actions.assign(doubt.row, person, request.user, timezone.now())
    except Problem as problem:
        return _show(request, pk, problem=problem)
    request.session["decided_match"] = pk
    following = _following(request, doubt)
    if following is None:
        messages.success(request, _("Decided. Nothing else waits here."))
        return redirect("batch_doubtful", doubt.row.batch_id)
    return redirect("doubtful_match", following)


@login_required
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a decision back, on its day."""
    require(request.user, May.DECIDE_MATCHES)
    try:
        actions.undo(queries.doubt(request.user, pk).row, request.user, timezone.now())
    except Problem as problem:
        return _show(request, pk, problem=problem)
    messages.success(request, _("The decision is taken back; the row waits again."))
    return redirect("doubtful_match", pk)


def _person(request: HttpRequest, text: str) -> Person:
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
    return get_object_or_404(Person.objects.visible_to(request.user), pk=pk)


def _following(request: HttpRequest, doubt: Doubt) -> int | None:
    """The next row to decide: of the same batch after this one, then from its beginning."""
    waiting = queries.doubtful(request.user, doubt.row.batch).order_by("row_number", "id")
    after = waiting.filter(row_number__gte=doubt.row.row_number).exclude(pk=doubt.row.pk)
    found: int | None = after.values_list("pk", flat=True).first() or waiting.values_list("pk", flat=True).first()
    return found


def _show(request: HttpRequest, pk: int, *, text: str = "", problem: Problem | None = None) -> HttpResponse:
    doubt = queries.doubt(request.user, pk)
    row = doubt.row
    is_open = row.state == _State.OPEN
    before = request.session.pop("decided_match", None)
    context = {
        "doubt": doubt,
        "row": row,
        "batch": row.batch,
        "is_open": is_open,
        "choices": [
            (number, choice, round(100 * choice.score), _compared(doubt, choice))
            for number, choice in enumerate(doubt.choices, 1)
        ],
        "waiting": queries.doubtful(request.user, row.batch).count(),
        "may_undo": not is_open and (row.decided_before or timezone.localdate(row.decided_at) == timezone.localdate()),
        "before": before if before != pk else None,
        "following": None if is_open else _following(request, doubt),
        "q": text,
        "found": _found(request, text) if is_open and text.strip() else [],
        "asked": bool(text.strip()),
        "problem": sentence(problem) if problem else "",
    }
    return render(request, "desk/intake/doubt.html", context, status=problem.status if problem else 200)


def _found(request: HttpRequest, text: str) -> list[Person]:
    """People whom the register finds for a text; of a household that is found, its members."""
    hits = search(request.user, text)
    homes = [hit.household.pk for hit in hits if hit.person is None]
    members = Person.objects.visible_to(request.user).filter(household__in=homes, left_on=None)
    people = [hit.person for hit in hits if hit.person] + list(members.select_related("household")[:_MOST_FOUND])
    known = {hit.household.pk: hit.household for hit in hits}
    for person in people:
        person.household = known.get(person.household_id, person.household)
    return people[:_MOST_FOUND]


_FIELDS = (
    ("name", gettext_lazy("Name"), ("姓名",)),
    ("birth_date", gettext_lazy("Date of birth"), ("出生日期",)),
    ("sex", gettext_lazy("Sex"), ("性别",)),
    ("id_number", gettext_lazy("ID number"), ("证件号码", "证件号码（有残缺）")),
    ("village", gettext_lazy("Village"), ("乡镇", "行政村")),
)


def _compared(doubt: Doubt, choice: Choice) -> list[Compared]:
    said: dict[str, str] = {text.zh: value for text, value in doubt.says}
    person = choice.person
    registered: dict[str, Any] = {
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "sex": person.sex,
        "id_number": choice.masked_id,
        "village": place_name(person.region_code),
    }
    return [
        Compared(
            label, " ".join(said[each] for each in columns if each in said), registered[name],
            "agrees" if name in choice.agrees else "differs" if name in choice.differs else "",
            choice.differs_at if name == "id_number" else (),
        )
        for name, label, columns in _FIELDS
    ]  # fmt: skip
