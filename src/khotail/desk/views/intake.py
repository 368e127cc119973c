"""Files that come in: send them, see how they will be read, correct that, import, follow, and take back rejected rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.intake_forms import MOST_FILES, BatchFilter, MeaningForm, UploadForm
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.intake import actions, queries
from khotail.intake.models import Batch
from khotail.intake.preview import Preview, preview
from khotail.intake.problems import UploadTooLarge
from khotail.intake.sources import source_of
from khotail.jobs.models import Job
from khotail.problems import Problem
from khotail.trail import chain

_PER_PAGE = 50
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: beside the files, an upload holds the form's other fields
_FORM_BYTES = 1 << 20
_MEANT = (Batch.State.UPLOADED, Batch.State.FAILED)

#: What an import counts, in the order in which people ask for it.
COUNTED: tuple[tuple[str, Promise], ...] = (
    ("rows", gettext_lazy("Rows in the file")),
    ("taken", gettext_lazy("Statements taken")),
    ("unchanged", gettext_lazy("Known already, unchanged")),
    ("mended", gettext_lazy("Cells mended")),
    ("flagged", gettext_lazy("Cells to check")),
    ("rejected", gettext_lazy("Rows rejected")),
    ("outside", gettext_lazy("Of these, outside the region")),
    ("unknown", gettext_lazy("Of these, household not in the register")),
    ("doubtful", gettext_lazy("Doubtful, to be decided")),
    ("decided_before", gettext_lazy("Of these, decided as before")),
    ("matched_by_score", gettext_lazy("Matched by description")),
    ("dropped", gettext_lazy("Repeated rows")),
    ("households_new", gettext_lazy("New households")),
    ("persons_new", gettext_lazy("New persons")),
)


@dataclass(frozen=True)
class Sent:
    """What became of one file of an upload."""

    name: str
    batch: Batch | None
    problem: str = ""


@login_required
@require_safe
def batches(request: HttpRequest) -> HttpResponse:
    _may_look(request.user)
    region = chosen_region(request.user, request.GET.get("region", ""))
    form = BatchFilter(request.user, request.GET)
    found = queries.batches(request.user, **form.wanted()).in_region(region)
    sender = form.sent_by()
    if sender:
        found = found.filter(sent_by=sender)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    for batch in page.object_list:
        batch.source_name = name_of(batch)
    filtered = any(form.wanted().values()) or bool(sender)
    return render(
        request, "desk/intake/batches.html", {"page": page, "form": form, "region": region, "filtered": filtered}
    )  # fmt: skip


@csrf_exempt  # the token is looked for within the body, which is not read before its size is known; see `_new`
def new(request: HttpRequest) -> HttpResponse:
    """Send one file or several. An upload that is too large is refused before it is received."""
    limit = settings.KHOTAIL_MAX_UPLOAD_MB
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_FILES * (limit << 20) + _FORM_BYTES:
        raise UploadTooLarge(file=_("all files together"), limit_mb=MOST_FILES * limit)
    return _new(request)


@csrf_protect
@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _new(request: HttpRequest) -> HttpResponse:
    require(request.user, May.SEND_FILES)
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(request.user, *given)
    sent: list[Sent] = []
    if given and form.is_valid():
        sent = [_send(request.user, file, form.cleaned_data) for file in form.cleaned_data["files"]]
        if len(sent) == 1 and (made := sent[0].batch):
            _tell_again(request, made)
            return redirect("batch", made.pk)
    context = {"form": form, "sent": sent, "limit": settings.KHOTAIL_MAX_UPLOAD_MB, "most": MOST_FILES}
    refused = bool(given) and not any(one.batch for one in sent)
    return render(request, "desk/intake/new.html", context, status=400 if refused else 200)


def _send(by: Officer, file: Any, values: dict[str, Any]) -> Sent:
    try:
        batch = actions.upload(
            file, by=by, now=timezone.now(), source=values["source"], as_of=values["as_of"]
        )  # fmt: skip
    except Problem as problem:
        return Sent(file.name, None, sentence(problem))
    batch.source_name = name_of(batch)
    return Sent(file.name, batch)


def _tell_again(request: HttpRequest, made: Batch) -> None:
    if made.already:
        said = _("This file was sent before, on %(day)s; here is what became of it. Nothing was taken twice.")
        messages.info(request, said % {"day": f"{timezone.localtime(made.sent_at):%Y-%m-%d}"})


@login_required
@never_cache
@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _batch(request, pk))


@login_required
@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of a batch's page that changes while it is imported."""
    seen = _batch(request, pk)
    answer = render(request, "desk/intake/progress.html", {"batch": seen, **_running(seen)})
    if not _runs(seen):
        answer["HX-Refresh"] = "true"
    return answer


@login_required
@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEND_FILES)
    said = _("Saved. Files with the same headers will be read like this from now on.")
    return _save_meaning(request, _batch(request, pk), said) or redirect("batch", pk)


def _save_meaning(
    request: HttpRequest, seen: Batch, said: str, *, only_changes: bool = False
) -> HttpResponse | None:  # fmt: skip
    """Save what the form says and show the file anew; None if only changes are to be saved and there are none."""
    shown, problem = _previewed(seen)
    if shown is None:
        return _show(request, seen, problem=problem)
    form = MeaningForm(request.user, seen, shown, every=True, data=_as_guessed(request, shown))
    if not form.is_valid():
        return _show(request, seen, form=form, status=400)
    source, day, mapping = form.cleaned_data["source"], form.day, form.mapping
    if only_changes and (source, day, mapping) == (seen.source, seen.as_of, seen.mapping):
        return None
    try:
        actions.correct(seen, source, day, mapping, request.user, timezone.now())
    except Problem as error:
        return _show(request, _batch(request, seen.pk), form=form, problem=error)
    messages.success(request, said)
    return redirect("batch", seen.pk)


def _as_guessed(request: HttpRequest, shown: Preview) -> Any:
    """What was sent, with the guess for columns whose fields the page did not show."""
    data = request.POST.copy()
    for place, guess in enumerate(shown.columns):
        data.setdefault(f"column-{place}", guess.column)
    return data


@login_required
@require_POST
def take_as(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the file as the list that it looks like."""
    seen = _batch(request, pk)
    try:
        actions.take_as(seen, request.POST.get("source", ""), request.user, timezone.now())
    except Problem as problem:
        return _show(request, _batch(request, pk), problem=problem)
    messages.success(request, _("It is taken as that list. Look at the rows, then import."))
    return redirect("batch", pk)


@login_required
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the file be imported in the background. What was changed beside the button is saved and shown once more first."""
    seen = _batch(request, pk)
    if "source" in request.POST:
        require(request.user, May.SEND_FILES)
        said = _("Your changes are saved. Look at the rows again, then import.")
        if (answer := _save_meaning(request, seen, said, only_changes=True)) is not None:
            return answer
    try:
        actions.start_import(seen, request.user, timezone.now(), reason=request.POST.get("reason", ""))
    except Problem as problem:
        return _show(request, _batch(request, pk), problem=problem)
    return redirect("batch", pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _batch(request, pk)
    try:
        actions.withdraw(seen, request.user, timezone.now())
    except Problem as problem:
        return _show(request, _batch(request, pk), problem=problem)
    messages.success(request, _("The file is taken back; nothing of it was imported."))
    return redirect("batches")


@login_required
@require_POST
def rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """The workbook of rejected rows. It holds people's numbers as they were sent, so taking it is an event."""
    require(request.user, May.SEND_FILES)
    seen = _batch(request, pk)
    content = queries.rejects(seen)
    chain.record(request.user, "batch.rejects-taken", seen, at=timezone.now())
    headers = {
        "Content-Disposition": f'attachment; filename="rejects-{seen.pk}.xlsx"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(content, content_type=_WORKBOOK, headers=headers)


def name_of(batch: Batch) -> Any:
    """The list's name in both languages; the id of one that is not declared any more."""
    source = source_of(batch.source)
    return source.name if source else batch.source


def _may_look(officer: Officer) -> None:
    if not (officer.may(May.SEND_FILES) or officer.may(May.DECIDE_MATCHES)):
        raise NotAllowed


def _batch(request: HttpRequest, pk: int) -> Batch:
    _may_look(request.user)
    seen = queries.batch(request.user, pk)
    seen.source_name = name_of(seen)
    return seen


def _runs(batch: Batch) -> bool:
    over = batch.job is None or batch.job.state in (Job.State.DONE, Job.State.FAILED, Job.State.CANCELLED)
    return batch.state == Batch.State.IMPORTING and not over


def _running(batch: Batch) -> dict[str, Any]:
    job = batch.job
    percent = min(100, job.done * 100 // job.total) if job and job.total else None
    return {"job": job, "runs": _runs(batch), "percent": percent}


def _previewed(batch: Batch) -> tuple[Preview | None, Problem | None]:
    try:
        return preview(batch), None
    except Problem as problem:
        return None, problem


def _show(
    request: HttpRequest, seen: Batch, *, form: MeaningForm | None = None, problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {"batch": seen, **_running(seen)}
    stopped = seen.state == Batch.State.IMPORTING and not context["runs"]
    context["waits"] = seen.state in _MEANT or stopped
    if context["waits"]:
        shown, why = _previewed(seen)
        problem = problem or why
        if shown is not None:
            every = "all" in request.GET or "all" in request.POST
            form = form or MeaningForm(request.user, seen, shown, every=every)
            context |= {"shown": shown, "form": form, "every": every, **_columns(shown, form)}
    if seen.state == Batch.State.IMPORTED:
        context["counts"] = [(label, seen.counts[name]) for name, label in COUNTED if name in seen.counts]
    context["problem"] = sentence(problem) if problem else ""
    return render(request, "desk/intake/batch.html", context, status=problem.status if problem else status)


def _columns(shown: Preview, form: MeaningForm) -> dict[str, Any]:
    """Columns with their fields, and the first rows with only the columns that are read."""
    fields = [(guess, form.column(place)) for place, guess in enumerate(shown.columns) if guess.header]
    names = dict(shown.choices)
    read = [place for place, guess in enumerate(shown.columns) if guess.column]
    return {
        "to_correct": [
            (guess, field, names.get(guess.suggestion))
            for guess, field in sorted(fields, key=lambda each: each[0].confidence) if field is not None
        ],
        "sure": [guess for guess, field in fields if field is None],
        "left_out": [guess.header for guess, _field in fields if not guess.column],
        "head": [shown.columns[place].column_name for place in read],
        "body": [[row[place] for place in read] for row in shown.rows],
    }  # fmt: skip
