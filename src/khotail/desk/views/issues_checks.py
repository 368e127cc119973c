"""The supervision committee's work: closings that were drawn, and what it found."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.issue_forms import words_field
from khotail.desk.issue_lists import queues_of
from khotail.desk.problems import sentence
from khotail.issues import checks as actions
from khotail.issues.models import Check, Move
from khotail.issues.queries import checks_of
from khotail.problems import Problem

_OLDER = 30


class CheckForm(forms.Form):
    result = forms.ChoiceField(
        label=gettext_lazy("What was found"), choices=Check.Result.choices, widget=forms.RadioSelect
    )
    words = words_field(
        gettext_lazy("In words"), required=False, help_text=gettext_lazy("Needed if it does not hold: it is reopened.")
    )


@login_required
@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.CHECK_CLOSINGS)
    done = Check.objects.visible_to(officer).filter(checked_at__isnull=False, issue__quiet=False)
    context = {
        "checks": checks_of(officer)[:200],
        "done": done.select_related("issue", "checked_by").order_by("-checked_at")[:_OLDER],
        "queues": queues_of(officer),
    }
    return render(request, "desk/issues/checks.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.CHECK_CLOSINGS)
    rows = Check.objects.visible_to(officer).filter(issue__quiet=False)
    found = get_object_or_404(rows.select_related("issue", "issue__body", "checked_by"), pk=pk)
    form = CheckForm(request.POST or None)
    form.use_required_attribute = False
    if request.method == "POST":
        status = 400
        if form.is_valid():
            values = form.cleaned_data
            try:
                actions.check(found, values["result"], values["words"], by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("What the committee found is recorded."))
                return redirect("issue_checks")
    closing = found.issue.moves.filter(kind__in=(Move.Kind.RESOLVED, Move.Kind.CONFIRMED)).order_by("-id")
    moves = list(closing.select_related("by").prefetch_related("photos__document"))
    context = {"check": found, "issue": found.issue, "form": form, "moves": moves}
    return render(request, "desk/issues/check.html", context, status=status)
