"""Forms of visits: those that are offered, every version as a file, and an office's own."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.problems import sentence
from khotail.desk.visit_forms import UploadForm
from khotail.problems import Problem
from khotail.rulebook.forms import PURPOSES
from khotail.screening.rulebook import current
from khotail.visits import forms
from khotail.visits.converting import MAX_MB
from khotail.visits.models import Form

_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "xml": "text/xml; charset=utf-8",
}


@login_required
@never_cache
@require_safe
def visit_forms(request: HttpRequest) -> HttpResponse:
    require(request.user, May.PLAN_VISITS)
    rows = _seen(request).defer("xform", "xlsx").order_by("form_id", "-id")
    newest = set(forms.forms_for(request.user.region_code).values_list("pk", flat=True))
    own = request.user.region_code
    shown = [
        (form, form.pk in newest, PURPOSES.get(form.purpose, form.purpose), "md" if form.from_rulebook else "xlsx",
         not form.from_rulebook and form.retired_at is None and form.region_code.startswith(own))
        for form in rows
    ]  # fmt: skip
    return render(request, "desk/visits/forms.html", {"rows": shown})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit_form_upload(request: HttpRequest) -> HttpResponse:
    """Take a form; whatever the converter says of it is shown, with its rows."""
    require(request.user, May.UPLOAD_FORMS)
    form = UploadForm(request.POST or None, request.FILES or None)
    made, advice, status = None, [], 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                content = file.read((MAX_MB << 20) + 1)
                made, advice = forms.upload(
                    content, file.name, title=form.cleaned_data["title"], by=request.user, now=timezone.now()
                )
                status = 200
            except Problem as problem:
                form.add_error("file", sentence(problem))
                status = problem.status
    context = {"form": form, "made": made, "advice": advice, "limit": MAX_MB}
    return render(request, "desk/visits/form_upload.html", context, status=status)


@login_required
@require_safe
def visit_form_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The XForm that devices fill in, or the XLSForm that it was made from."""
    require(request.user, May.PLAN_VISITS)
    form = get_object_or_404(_seen(request), pk=pk)
    content: bytes | None = form.xform.encode() if kind == "xml" else _source(form, kind)
    if content is None or kind not in _KINDS:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{form.form_id}-{form.pk}.{kind}"'}
    return HttpResponse(content, content_type=_KINDS[kind], headers=headers)


@login_required
@require_POST
def visit_form_retire(request: HttpRequest, pk: int) -> HttpResponse:
    forms.retire(get_object_or_404(_seen(request), pk=pk), by=request.user, now=timezone.now())
    messages.success(request, _("The form is no longer offered. What was filled in with it is still taken."))
    return redirect("visit_forms")


def _seen(request: HttpRequest) -> QuerySet[Form]:
    """Forms of the officer's region and below, and those that are offered from above."""
    code = request.user.region_code
    above = Form.objects.filter(region_code__in=[code[:digits] for digits in (0, 2, 4, 6, 9) if digits < len(code)])
    return (forms.forms_in(code) | above).filter(published_at__isnull=False)


def _source(form: Form, kind: str) -> bytes | None:
    if form.xlsx is not None:
        content = bytes(form.xlsx)
        return content if content.startswith(b"PK") == (kind == "xlsx") else None
    declared = current().forms.get(form.form_id) if form.from_rulebook else None
    return declared.file.read_bytes() if declared and declared.file.suffix == f".{kind}" else None
