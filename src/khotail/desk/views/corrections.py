"""What households say is recorded wrongly about them: the work list, and the answer."""

from __future__ import annotations

from typing import Any

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
from khotail.desk.paging import KeysFirst
from khotail.desk.problems import sentence
from khotail.desk.regions import chosen_region
from khotail.desk.register_forms import in_words
from khotail.facts.schema import TABLES
from khotail.problems import Problem
from khotail.residents import corrections as actions
from khotail.residents.models import Correction

_PER_PAGE = 30
_STATES = (*Correction.State.values, "all")


class AnswerForm(forms.Form):
    corrected = forms.ChoiceField(
        label=gettext_lazy("Is it to be corrected?"), widget=forms.RadioSelect,
        choices=[("yes", gettext_lazy("Yes: state it in the register")), ("no", gettext_lazy("No"))],
    )  # fmt: skip
    value = forms.CharField(
        label=gettext_lazy("What is right"), max_length=200, required=False,
        help_text=gettext_lazy("As the household wrote it, unless you know better."),
    )  # fmt: skip
    words = forms.CharField(
        label=gettext_lazy("Answer (the household reads it)"), max_length=2000, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("Needed if it is not corrected."),
    )  # fmt: skip
    use_required_attribute = False


@login_required
@require_safe
def corrections(request: HttpRequest) -> HttpResponse:
    officer = request.user
    require(officer, May.EDIT_REGISTER)
    region = chosen_region(officer, request.GET.get("region", ""))
    state = request.GET.get("state", Correction.State.OPEN)
    rows = Correction.objects.visible_to(officer).in_region(region).select_related("household", "person")
    if state in Correction.State.values:
        rows = rows.filter(state=state)
    page = KeysFirst(rows.order_by("due_on", "id"), _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(each, column_name(each)) for each in page],
        "region": region,
        "state": state,
        "states": [*Correction.State.choices, ("all", _("All"))],
    }
    return render(request, "desk/corrections/corrections.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    officer, status = request.user, 200
    require(officer, May.EDIT_REGISTER)
    rows = Correction.objects.visible_to(officer)
    found = get_object_or_404(rows.select_related("household", "person", "answered_by", "asked_by__person"), pk=pk)
    form = AnswerForm(request.POST or None, initial={"value": found.wanted})
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _answer(found, form.cleaned_data, request)
            except Problem as problem:
                form.add_error(None, sentence(problem))
                status = problem.status
                found.refresh_from_db()
            else:
                messages.success(request, _("The household has its answer."))
                return redirect("corrections")
    context = {
        "asked": found,
        "column": column_name(found),
        "form": form,
        "is_open": found.state == Correction.State.OPEN,
        "documents": list(found.documents.all()),
    }
    return render(request, "desk/corrections/correction.html", context, status=status)


def column_name(asked: Correction) -> str:
    """What is to be corrected, as people call it; by its name where the schema has lost it."""
    table = TABLES.get(asked.table)
    column = next((each for each in table.columns if each.name == asked.column), None) if table else None
    return in_words(column.zh, column.en) if column else asked.column


def _answer(found: Correction, values: dict[str, Any], request: HttpRequest) -> None:
    actions.answer(
        found, corrected=values["corrected"] == "yes", words=values["words"], by=request.user, now=timezone.now(),
        value=values["value"] or None,
    )  # fmt: skip
