"""Village matters: what keeps coming back, and what the village decided about it."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count
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
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.issues import matters as actions
from khotail.issues.models import Issue, Matter
from khotail.issues.queries import open_matters
from khotail.problems import Problem
from khotail.trail.scope import in_region

_PER_PAGE = 30
_MOST_ISSUES = 50


class SettleForm(forms.Form):
    outcome = words_field(gettext_lazy("What the village decided, and how it goes on"), rows=4)


@login_required
@require_safe
def matters(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_ISSUES)
    region = chosen_region(officer, request.GET.get("region", ""))
    settled = request.GET.get("state") == Matter.State.SETTLED
    rows = open_matters(officer)
    if settled:
        rows = Matter.objects.visible_to(officer).filter(state=Matter.State.SETTLED)
        rows = rows.annotate(count=Count("issues")).order_by("-settled_at", "-id")
    page = KeysFirst(rows.filter(in_region(region)), _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "region": region, "settled": settled, "queues": queues_of(officer)}
    return render(request, "desk/issues/matters.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def matter(request: HttpRequest, pk: int) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.SEE_ISSUES)
    found = get_object_or_404(Matter.objects.visible_to(officer).select_related("settled_by"), pk=pk)
    form = SettleForm(request.POST or None)
    form.use_required_attribute = False
    if request.method == "POST":
        require(officer, May.SORT_ISSUES)
        status = 400
        if form.is_valid():
            try:
                actions.settle(found, form.cleaned_data["outcome"], by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                messages.success(request, _("What the village decided is recorded."))
                return redirect("matter", pk)
    issues = Issue.objects.visible_to(officer).filter(matter=found).select_related("body").order_by("-id")
    context = {
        "matter": found,
        "issues": issues[:_MOST_ISSUES],
        "count": issues.count(),
        "form": form if officer.may(May.SORT_ISSUES) and found.state == Matter.State.OPEN else None,
        "lost": form.data.get("outcome", "") if found.state != Matter.State.OPEN else "",
    }
    return render(request, "desk/issues/matter.html", context, status=status)
