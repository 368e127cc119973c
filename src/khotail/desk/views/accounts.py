"""People of the region: list, create, change, withdraw, import. For administrators."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts import actions, importing, lists
from khotail.accounts.actions import Created
from khotail.accounts.models import Officer
from khotail.accounts.names import sign_in_name
from khotail.accounts.problems import NothingToImport
from khotail.accounts.queries import manages, people, require, taken_names
from khotail.accounts.roles import May
from khotail.casework.handing_over import steps_only_they_do, successors
from khotail.casework.models import Case
from khotail.desk.account_forms import ImportForm, NewPersonForm, PeopleFilter, PersonForm, WithdrawForm
from khotail.desk.problems import sentence
from khotail.problems import Problem
from khotail.register.models import Household

_PER_PAGE = 50
_WAITING = "people_waiting"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN = 200


@login_required
@require_safe
def officers(request: HttpRequest) -> HttpResponse:
    form = PeopleFilter(request.GET)
    page = Paginator(people(request.user, **form.wanted()), _PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/accounts/people.html", {"page": page, "form": form})


@login_required
@require_safe
def officer(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    return render(request, "desk/accounts/person.html", _about(request, seen))


@login_required
def new(request: HttpRequest) -> HttpResponse:
    require(request.user, May.MANAGE_PEOPLE)
    form = NewPersonForm(_sent(request), initial=_asked_for(request, region_code=request.user.region_code))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        values["username"] = values["username"] or sign_in_name(values["full_name"], taken_names())
        try:
            created = actions.create_officer(request.user, now=timezone.now(), **values)
        except Problem as problem:
            form.add_error(None, sentence(problem))
        else:
            return _first_passwords(request, [created])
    return _form(request, form, _("New person"))


@login_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    seen = _seen(request, pk)
    form = PersonForm(
        _sent(request), initial=_asked_for(request, **{name: getattr(seen, name) for name in PersonForm.Meta.fields})
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_officer(seen, by=request.user, now=timezone.now(), **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, sentence(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("officer", pk)
    return _form(request, form, seen.full_name)


@login_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what the person still has to do, and asks for the reason."""
    seen = _seen(request, pk)
    form = WithdrawForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        actions.withdraw_officer(seen, by=request.user, now=timezone.now(), reason=form.cleaned_data["reason"])
        messages.success(request, _("The account is withdrawn; whoever used it is signed out."))
        return redirect("officer", pk)
    return render(request, "desk/accounts/withdraw.html", _about(request, seen) | {"form": form})


@login_required
@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    restored = actions.restore_officer(_seen(request, pk), by=request.user, now=timezone.now())
    return _first_passwords(request, [restored])


@login_required
@require_POST
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    reset = actions.reset_password(_seen(request, pk), by=request.user, now=timezone.now())
    return _first_passwords(request, [reset])


@login_required
@require_POST
def reset_totp(request: HttpRequest, pk: int) -> HttpResponse:
    actions.reset_totp(_seen(request, pk), by=request.user, now=timezone.now())
    messages.success(request, _("The authenticator app is removed; a new one is set up at the next sign-in."))
    return redirect("officer", pk)


@login_required
@require_POST
def export(request: HttpRequest) -> HttpResponse:
    wanted = PeopleFilter(request.POST).wanted()
    return _workbook(lists.export_people(request.user, now=timezone.now(), **wanted), "people.xlsx")


@login_required
def take_list(request: HttpRequest) -> HttpResponse:
    """Send a list; nothing is created before it was looked at and confirmed."""
    require(request.user, May.MANAGE_PEOPLE)
    form = ImportForm(_sent(request), request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = _read(form.cleaned_data["file"], request.user)
        except Problem as problem:
            form.add_error("file", sentence(problem))
        else:
            request.session[_WAITING] = found.stored()
            return redirect("officers_preview")
    return render(request, "desk/accounts/import.html", {"form": form, "most": importing.MOST})


@login_required
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    found = _waiting(request)
    shown = {"found": found, "new": found.new[:_SHOWN], "rejects": found.rejects[:_SHOWN], "shown": _SHOWN}
    return render(request, "desk/accounts/preview.html", shown)


@login_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    """Create the people of the list. Their first passwords are in this one answer and nowhere else."""
    found = _waiting(request)
    created = importing.take(found, by=request.user, now=timezone.now())
    del request.session[_WAITING]
    if "workbook" in request.POST:
        return _workbook(lists.first_passwords(created), "first-passwords.xlsx")
    return _first_passwords(request, created)


@login_required
@require_safe
def rejects(request: HttpRequest) -> HttpResponse:
    return _workbook(lists.rejects(_waiting(request)), "rejected.xlsx")


@login_required
@require_safe
def example(request: HttpRequest) -> HttpResponse:
    require(request.user, May.MANAGE_PEOPLE)
    return _workbook(lists.example(), "example.xlsx")


def _sent(request: HttpRequest) -> QueryDict | None:
    """What a form was filled with, an empty one too; None if the page is only being looked at."""
    return request.POST if request.method == "POST" else None


def _asked_for(request: HttpRequest, **initial: str) -> dict[str, str]:
    """What a form begins with; role and region may be named in the address, to put somebody in another's place."""
    named = {name: request.GET[name] for name in ("role", "region_code") if name in request.GET}
    return initial | named


def _seen(request: HttpRequest, pk: int) -> Officer:
    return get_object_or_404(people(request.user), pk=pk)


def _about(request: HttpRequest, seen: Officer) -> dict[str, object]:
    """The person, whether the reader manages them, the work that waits for them, and who else could do it."""
    steps = steps_only_they_do(seen)
    households = Household.objects.visible_to(request.user).filter(helper=seen, ended_on=None)
    cases = Case.objects.visible_to(request.user).filter(helper=seen).exclude(state__in=Case.CLOSED)
    return {
        "person": seen,
        "manages": manages(request.user, seen),
        "households": households[:_SHOWN],
        "household_count": households.count(),
        "cases": cases.select_related("household")[:_SHOWN],
        "case_count": cases.count(),
        "steps": steps[:_SHOWN],
        "step_count": steps.count(),
        "successors": successors(seen) if steps else (),
    }


def _form(request: HttpRequest, form: PersonForm, title: str) -> HttpResponse:
    return render(request, "desk/accounts/person_form.html", {"form": form, "title": title})


@never_cache
def _first_passwords(request: HttpRequest, created: list[Created]) -> HttpResponse:
    return render(request, "desk/accounts/first_passwords.html", {"created": created})


def _read(file: UploadedFile, by: Officer) -> importing.Preview:
    """The upload as a preview; its temporary copy keeps only the ending of its name."""
    name = Path(file.name).name
    suffix = Path(name).suffix.lower()
    with TemporaryDirectory(prefix="khotail-") as folder:
        path = Path(folder) / f"people{suffix if suffix in ('.xlsx', '.xls', '.csv') else ''}"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        return importing.preview(path, name, by=by)


def _waiting(request: HttpRequest) -> importing.Preview:
    require(request.user, May.MANAGE_PEOPLE)
    if _WAITING not in request.session:
        raise NothingToImport
    return importing.Preview.loaded(request.session[_WAITING])


def _workbook(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=_WORKBOOK, headers=headers)
