"""The parts that pages are made of, all on one sheet: they fit a phone, and axe finds nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import loader
from django.test import RequestFactory
from django.utils import timezone, translation

from khotail.accounts.models import SavedFilter
from khotail.desk.charts import Chart, Series
from khotail.jobs.models import Job
from khotail.register.models import Household
from khotail.texts import Text
from tests.browser.conftest import DESKTOP, PHONE, SignIn, scrolls_sideways, violations

SHEET = """{% extends "desk/base.html" %}{% load khotail %}{% block title %}Parts{% endblock %}
{% block scripts %}{% include "desk/parts/chart_scripts.html" %}{% endblock %}
{% block breadcrumbs %}{% region_trail "152221100200" %}{% endblock %}
{% block content %}<h1>Parts</h1>
<form class="form" method="post" enctype="multipart/form-data">{% include "desk/parts/form.html" %}
{% include "desk/parts/file.html" with name="photos" label="Photos of the visit" help="At most ten." needed=True %}
<div class="form-actions"><button class="button">Save</button><a class="button button-quiet" href="/">Back</a></div></form>
{% include "desk/parts/confirm.html" with label="Withdraw" question="Withdraw this lead?" action="/" %}
<h2>Lists</h2>
<ul class="lines"><li>{% include "desk/parts/household_line.html" %}</li></ul>
<div class="table-wrap"><table class="table"><thead><tr><th>Household</th><th class="right">Income</th></tr></thead>
<tbody><tr><th scope="row">乌云其其格·阿拉坦呼雅格图·斯日古楞</th><td class="right" data-label="Income">{{ 12345.5|money }}</td></tr>
</tbody></table></div>
{% include "desk/parts/pager.html" %}{% saved_filters "sample" %}{% include "desk/parts/export.html" %}
<h2>Case</h2>
{% include "desk/parts/why.html" with why=text name=text severity="high" since=today source="Rule 1" only %}
{% include "desk/parts/progress.html" %}
{% include "desk/parts/chart.html" %}{% endblock %}"""


class Sample(forms.Form):
    name = forms.CharField(help_text="As on the identity card.")
    agreed = forms.BooleanField(help_text="Signed by the head.")
    cause = forms.ChoiceField(choices=[("a", "Illness"), ("b", "Disaster")], widget=forms.RadioSelect)
    causes = forms.MultipleChoiceField(choices=[("a", "Illness")], widget=forms.CheckboxSelectMultiple, required=False)
    words = forms.CharField(widget=forms.Textarea)
    file = forms.FileField()


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("dark", [False, True])
def test_all_parts_fit_and_axe_finds_nothing(
    sign_in: SignIn, officers: dict[str, Any], household: Household, width: int, dark: bool
) -> None:
    officer, today, now = officers["banner_officer"], timezone.localdate(), timezone.now()
    household.household_type, household.monitored_type = "脱贫户", "边缘易致贫户"
    SavedFilter.objects.create(officer=officer, page="sample", name="Late in 索伦镇", query="late=1")
    job = Job.objects.create(
        kind="x", state="running", asked_by=officer, asked_at=now, done=20, total=100, stage="rows"
    )
    request = RequestFactory().get("/sample/", {"late": "1", "page": "3"})
    request.user = officer
    context = {
        "form": Sample({}), "household": household, "page": Paginator(range(900), 50).page(3), "job": job,
        "text": Text("医疗自付费用过高", "High medical cost"), "today": today,
        "chart": Chart("income", "stacked", "Income", "Year", ["2024", "2025"], [Series("Wages", [1, 2]), Series("Herd", [3, None])]),
    }  # fmt: skip
    with translation.override("en"):
        engine = loader.engines["django"]
        html = engine.from_string(SHEET).render(context, request)
    page = sign_in("banner_officer", width=width, dark=dark)
    page.route("**/sample/", lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
    page.goto("/sample/")
    page.wait_for_selector(".chart canvas")
    page.click("summary:text('Withdraw')")
    assert not scrolls_sideways(page)
    assert violations(page) == []


def test_progress_moves_on_by_itself_and_the_page_is_loaded_anew_at_the_end(
    sign_in: SignIn, officers: dict[str, Any]
) -> None:
    officer = officers["banner_officer"]
    job = Job.objects.create(kind="x", state="running", asked_by=officer, asked_at=timezone.now(), done=1, total=4)
    request = RequestFactory().get("/sample/")
    request.user = officer
    sheet = '{% extends "desk/base.html" %}{% block content %}<h1>Work</h1>{% include "desk/parts/progress.html" %}{% endblock %}'

    def answer(route: Any) -> None:
        job.refresh_from_db()
        with translation.override("en"):
            html = loader.engines["django"].from_string(sheet).render({"job": job}, request)
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page = sign_in("banner_officer")
    page.route("**/sample/", answer)
    page.goto("/sample/")
    page.wait_for_selector("text=1 of 4")
    Job.objects.update(done=3)
    page.wait_for_selector("text=3 of 4", timeout=8000)
    Job.objects.update(state="done", done=4)
    with page.expect_navigation(timeout=8000):
        page.wait_for_selector("text=Done", timeout=8000)
    assert page.locator("[hx-trigger]").count() == 0
