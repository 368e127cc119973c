"""Did it work? Checks that were asked for, and what one of them found, in plain words, with a chart."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.assistance.effects import ask_for_effect
from khotail.assistance.models import EffectStudy
from khotail.casework.models import Measure
from khotail.desk.assistance_forms import EffectForm
from khotail.desk.effect_words import chart_of, words_of
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.jobs.models import Job
from khotail.problems import Problem
from khotail.register.models import Household

_PER_PAGE = 30


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def effects(request: HttpRequest) -> HttpResponse:
    """The checks of the region, and a form that asks for one more."""
    officer, status = request.user, 200
    require(officer, May.SEE_HELP)
    region = chosen_region(officer, request.GET.get("region", ""))
    form = EffectForm(officer, request.POST or None, initial={"region_code": officer.region_code})
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                study = ask_for_effect(**form.cleaned_data, by=officer, now=timezone.now())
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
            else:
                return redirect("effect", study.pk)
    rows = (
        EffectStudy.objects.visible_to(officer).in_region(region).select_related("household").defer("household__phone")
    )
    page = KeysFirst(rows.order_by("-id"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "region": region, "form": form}
    return render(request, "desk/assistance/effects.html", context, status=status)


@login_required
@require_POST
def of_measure(request: HttpRequest, measure: int) -> HttpResponse:
    """Ask for the check of one measure."""
    require(request.user, May.SEE_HELP)
    found = get_object_or_404(Measure.objects.visible_to(request.user), pk=measure)
    study = ask_for_effect(measure=found, by=request.user, now=timezone.now())
    messages.success(request, _("The check is asked for; it takes a moment."))
    return redirect("effect", study.pk)


@login_required
@never_cache
@require_safe
def effect(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    require(officer, May.SEE_HELP)
    rows = EffectStudy.objects.visible_to(officer).select_related("household", "measure", "asked_by")
    study = get_object_or_404(rows, pk=pk)
    compared = Household.objects.visible_to(officer).filter(pk__in=study.result.get("ids", []))
    context = {
        "study": study,
        "job": Job.objects.filter(pk=study.job_number).first() if study.computed_at is None else None,
        "words": words_of(study) if study.computed_at else None,
        "chart": chart_of(study) if study.computed_at else None,
        "compared": list(compared.defer("phone").order_by("number")),
    }
    return render(request, "desk/assistance/effect.html", context)
