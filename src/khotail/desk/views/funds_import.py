"""Funds from a list: sent, looked at, then taken; refused rows come back as a workbook."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.export import XLSX
from khotail.desk.fund_forms import FundsFileForm
from khotail.desk.problems import sentence
from khotail.funds import importing
from khotail.funds.problems import NothingToImport
from khotail.problems import Problem

_WAITING = "funds_waiting"
_SHOWN = 100


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest) -> HttpResponse:
    """Send a list; nothing is entered before it was looked at and confirmed."""
    require(request.user, May.KEEP_FUNDS)
    form = FundsFileForm(request.POST if request.method == "POST" else None, request.FILES or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                found = _read(form.cleaned_data["file"], request.user)
            except Problem as problem:
                form.add_error("file", sentence(problem))
            else:
                request.session[_WAITING] = found.stored()
                return redirect("funds_preview")
    return render(request, "desk/funds/import.html", {"form": form, "most": importing.MOST}, status=status)


@login_required
@never_cache
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    found = _waiting(request)
    shown = {
        "found": found,
        "rejects": found.rejects[:_SHOWN],
        "shown": _SHOWN,
        "does": found.rows and found.received + found.allocated,
    }
    return render(request, "desk/funds/preview.html", shown)


@login_required
@require_POST
def confirm(request: HttpRequest) -> HttpResponse:
    done = importing.take(_waiting(request), by=request.user, now=timezone.now())
    told = _("Taken: %(received)d receipts, %(allocated)d allocations; %(unchanged)d were on record already.")
    messages.success(
        request, told % {"received": done.received, "allocated": done.allocated, "unchanged": done.unchanged}
    )
    if done.rejects:
        request.session[_WAITING] = done.stored() | {"rows": []}
        return redirect("funds_preview")
    del request.session[_WAITING]
    return redirect("funds")


@login_required
@require_safe
def rejects(request: HttpRequest) -> HttpResponse:
    return _workbook(importing.rejects(_waiting(request)), "rejected.xlsx")


@login_required
@require_safe
def example(request: HttpRequest) -> HttpResponse:
    require(request.user, May.KEEP_FUNDS)
    return _workbook(importing.example(), "example.xlsx")


def _read(file: UploadedFile, by: Officer) -> importing.Preview:
    """The upload as a preview; its temporary copy keeps only the ending of its name."""
    name = Path(file.name).name
    suffix = Path(name).suffix.lower()
    with TemporaryDirectory(prefix="khotail-") as folder:
        path = Path(folder) / f"funds{suffix if suffix in ('.xlsx', '.xls', '.csv') else ''}"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        return importing.preview(path, name, by=by, now=timezone.now())


def _waiting(request: HttpRequest) -> importing.Preview:
    require(request.user, May.KEEP_FUNDS)
    if _WAITING not in request.session:
        raise NothingToImport
    return importing.Preview.loaded(request.session[_WAITING])


def _workbook(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=XLSX, headers=headers)
