"""One policy: its entry, reviews, class and plan, and what is done with them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.acting import acted
from khotail.desk.policy_forms import ClassForm, DecideForm, FigureForm, PlanForm, ReviewForm, StepDoneForm, StepForm
from khotail.desk.policy_words import details_of, marks_of
from khotail.oversight import plans, reviews
from khotail.oversight import policies as actions
from khotail.oversight.hints import hints_of
from khotail.oversight.models import PlanStep, Policy, PolicyPlan, PolicyReview
from khotail.oversight.plan_fields import FIGURES
from khotail.oversight.stability import losers


@login_required
@never_cache
@require_safe
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    require(request.user, May.SEE_POLICIES)
    return _show(request, get_object_or_404(Policy.objects.visible_to(request.user), pk=pk))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The scored form. Whoever signs it cannot confirm it."""
    officer, status = request.user, 200
    found = _own(officer, pk, May.REVIEW_POLICIES)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = acted(
            request, form,
            lambda values: reviews.sign_review(
                found, form.marks, form.notes, values["advice"], values["summary"], by=officer, now=timezone.now()
            ),
            _("The review is signed; somebody else confirms it."),
        )  # fmt: skip
        if not status:
            return redirect("policy", pk)
    context = {
        "policy": found,
        "form": form,
        "title": _("Review"),
        "hint": _("Marks run from 0 to 5; 5 is always the good end."),
    }
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int, review: int) -> HttpResponse:
    officer = request.user
    found = _own(officer, pk, May.REVIEW_POLICIES)
    signed = get_object_or_404(PolicyReview, pk=review, policy=found)
    form = DecideForm(request.POST)

    def act(values: dict[str, Any]) -> None:
        reviews.decide_review(
            signed, values["decision"] == "confirm", values["reason"], by=officer, now=timezone.now()
        )  # fmt: skip

    return _done(request, found, "decide_form", form, act, _("The decision is recorded."))


@login_required
@require_POST
def put_into_class(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    found = _own(officer, pk, May.REVIEW_POLICIES)

    def act(values: dict[str, Any]) -> None:
        actions.put_into_class(found, values["transition"], values["reason"], by=officer, now=timezone.now())

    return _done(request, found, "class_form", ClassForm(found, request.POST), act, _("The class is recorded."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the plan of the policy's class; one that was there is replaced."""
    officer, status = request.user, 200
    found = _own(officer, pk, May.KEEP_POLICIES)
    if not found.transition:
        return redirect("policy", pk)
    form = PlanForm(found, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = acted(
            request, form,
            lambda values: plans.make_plan(
                found, values["goal"], form.details, values["due_on"], by=officer, now=timezone.now()
            ),
            _("The plan is made. Add its steps."),
        )  # fmt: skip
        if not status:
            return redirect("policy", pk)
    context = {"policy": found, "form": form, "title": _("Plan: %(class)s") % {"class": found.get_transition_display()}}
    return render(request, "desk/oversight/form.html", context, status=status)


@login_required
@require_POST
def add_step(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    found = _own(officer, pk, May.KEEP_POLICIES)
    running = get_object_or_404(PolicyPlan, policy=found, ended_at=None)

    def act(values: dict[str, Any]) -> None:
        plans.add_step(running, values["what"], values["due_on"], values["who"], by=officer, now=timezone.now())

    return _done(request, found, "step_form", StepForm(request.POST), act, _("The step is added."))


@login_required
@require_POST
def finish_step(request: HttpRequest, pk: int, step: int) -> HttpResponse:
    officer = request.user
    found = _own(officer, pk, May.KEEP_POLICIES)
    waiting = get_object_or_404(PlanStep, pk=step, plan__policy=found)

    def act(values: dict[str, Any]) -> None:
        plans.finish_step(waiting, values["done_on"], values["note"], by=officer, now=timezone.now())

    form = StepDoneForm(request.POST)
    return _done(request, found, "done_form", form, act, _("The step is done."), done_step=waiting.pk)


@login_required
@require_POST
def report(request: HttpRequest, pk: int) -> HttpResponse:
    officer = request.user
    found = _own(officer, pk, May.KEEP_POLICIES)
    running = get_object_or_404(PolicyPlan, policy=found, ended_at=None)

    def act(values: dict[str, Any]) -> None:
        plans.report_figure(
            running, values["value"], values["on"], values["words"], by=officer, now=timezone.now()
        )  # fmt: skip

    return _done(request, found, "figure_form", FigureForm(running, request.POST), act, _("The figure is recorded."))


def _own(officer: Officer, pk: int, right: May) -> Policy:
    require(officer, right)
    return get_object_or_404(Policy.objects.in_region(officer.region_code), pk=pk)


def _done(
    request: HttpRequest, found: Policy, name: str, form: forms.Form, act: Any, done: str, **more: Any
) -> HttpResponse:  # fmt: skip
    status = acted(request, form, act, done)
    if not status:
        return redirect("policy", found.pk)
    found.refresh_from_db()
    return _show(request, found, status, **{name: form}, **more)


def _show(request: HttpRequest, found: Policy, status: int = 200, **more: Any) -> HttpResponse:
    officer, today = request.user, timezone.localdate()
    own = found.region_code.startswith(officer.region_code)
    keeps, decides = own and officer.may(May.KEEP_POLICIES), own and officer.may(May.REVIEW_POLICIES)
    past = list(found.reviews.select_related("signed_by", "decided_by"))
    waiting = next((each for each in past if each.state == PolicyReview.State.SIGNED), None)
    running = found.plans.filter(ended_at=None).prefetch_related("steps__done_by", "figures__by").first()
    rows = losers(officer, found, today) if found.programme and officer.may(May.SEE_HELP) else None
    context = {
        "policy": found,
        "standing": found.standing(today),
        "children": Policy.objects.visible_to(officer).filter(parent=found).order_by("title", "id"),
        "hints": hints_of(found, officer),
        "households": rows.order_by().values("household").distinct().count() if rows is not None else None,
        "reviews": [(each, marks_of(each)) for each in past],
        "changes": found.class_changes.select_related("by"),
        "plan": running,
        "plan_details": details_of(running) if running else [],
        "progress": plans.progress_of(running, today) if running else None,
        "figure_name": FIGURES.get(running.transition) if running else None,
        "past_plans": found.plans.exclude(ended_at=None),
        "keeps": keeps,
        "may_review": decides and waiting is None,
        "decide_form": DecideForm() if decides and waiting and waiting.signed_by_id != officer.pk else None,
        "class_form": ClassForm(found) if decides else None,
        "step_form": StepForm() if keeps and running else None,
        "done_form": StepDoneForm(initial={"done_on": today}) if keeps and running else None,
        "figure_form": FigureForm(running, initial={"on": today}) if keeps and running else None,
        "waiting": waiting,
        **more,
    }
    return render(request, "desk/oversight/policy.html", context, status=status)
