"""Writing a scenario: in a form with a row for each change and each shock, or in YAML."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from khotail.accounts.language import readers_language, said
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.analysis.scenario import ScenarioFlawed
from khotail.desk import simulation_rows as builder
from khotail.desk.problems import sentence
from khotail.desk.simulation_forms import CONDITIONS, Offered, WrittenForm, offered
from khotail.problems import Problem
from khotail.rulebook.problems import RulebookFlawed
from khotail.screening import rulebook
from khotail.simulation import ending, queries, scenarios
from khotail.simulation.actions import ask_for_simulation
from khotail.simulation.models import Simulation
from khotail.simulation.problems import ScenarioNotText
from khotail.simulation.written import Rows, rows_of

_MOST_BYTES = 1_000_000


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def simulation_new(request: HttpRequest) -> HttpResponse:
    """Build a scenario and run it. What is wrong with it stands at the row, or with its line in the file."""
    require(request.user, May.SIMULATE)
    offers = offered(request.user, rulebook.current())
    if request.method != "POST":
        return _begin(request, offers)
    if request.POST.get("how") == "yaml":
        return _run_written(request, offers)
    if request.POST.get("more") in ("changes", "adds", "shocks"):
        rows = builder.with_one_more(offers, request.POST, request.POST["more"])
        return _show_builder(request, offers, rows)
    made = builder.sent(offers, request.POST)
    if not made.is_valid():
        return _show_builder(request, offers, made, status=400)
    if "as_yaml" in request.POST:
        return _show_written(request, offers, _as_written(offers, made))
    return _run_built(request, offers, made)


def _begin(request: HttpRequest, offers: Offered) -> HttpResponse:
    """An empty builder, or one filled with an example, an earlier simulation or a programme's end."""
    today = timezone.localdate()
    text, head = _start(request, offers, today)
    rows = rows_of(text) if text else Rows(adopted=today)
    if rows is None or request.GET.get("as") == "yaml":
        empty = text or scenarios.example_text("end_of_transition")
        return _show_written(request, offers, WrittenForm(offers, initial={**head, "text": empty}))
    title = rows.title_en if readers_language() == "en" else rows.title
    filled = builder.filled(offers, {"title": title, "adopted": rows.adopted, **head}, rows)
    return _show_builder(request, offers, filled)


def _start(request: HttpRequest, offers: Offered, today: date) -> tuple[str, dict[str, Any]]:
    """The YAML to start from ("" for none), and what the head of the form is filled with. Raises Http404."""
    asked = request.GET
    if asked.get("from"):
        text = scenarios.example_text(asked["from"])
        if text is None:
            raise Http404
        return text, {}
    if asked.get("copy"):
        found = _copied(request, asked["copy"])
        region = (
            found.region_code
            if found.region_code.startswith(offers.officer.region_code)
            else offers.officer.region_code
        )
        return found.scenario, {
            "title": found.title, "region_code": region, "years": found.years, "goes_on": found.goes_on,
        }  # fmt: skip
    if asked.get("ends"):
        programme = offers.book.programmes.get(asked["ends"])
        made = ending.just_ends(programme, offers.book, today) if programme else None
        if made is None:
            raise Http404
        return made[0], {"goes_on": made[1]}
    return "", {}


def _copied(request: HttpRequest, number: str) -> Simulation:
    rows = queries.simulations_of(request.user)
    found = (
        rows.filter(pk=int(number)).first() if number.isascii() and number.isdecimal() and len(number) < 19 else None
    )
    if found is None:
        raise Http404
    return found


def _run_built(request: HttpRequest, offers: Offered, made: builder.Builder) -> HttpResponse:
    written, head = made.written(), made.head.cleaned_data
    try:
        asked = ask_for_simulation(
            head["title"], written.text, head["region_code"], by=request.user, now=timezone.now(), years=head["years"],
            goes_on=head.get("goes_on", ()),
        )  # fmt: skip
    except ScenarioFlawed as problem:
        made.add_flaws(problem, written.lines)
        return _show_builder(request, offers, made, status=problem.status)
    except Problem as problem:
        made.head.add_error(None, sentence(problem))
        return _show_builder(request, offers, made, status=problem.status)
    return _asked(request, asked)


def _run_written(request: HttpRequest, offers: Offered) -> HttpResponse:
    form, flaws, status = WrittenForm(offers, request.POST, request.FILES), [], 400
    if form.is_valid():
        head = form.cleaned_data
        try:
            text, name = _text(form)
            asked = ask_for_simulation(
                head["title"], text, head["region_code"], by=request.user, now=timezone.now(), file_name=name,
                years=head["years"], goes_on=head.get("goes_on", ()),
            )  # fmt: skip
        except (ScenarioFlawed, RulebookFlawed) as problem:
            flaws = [(flaw.place.line, flaw.entry, said(flaw.text)) for flaw in problem.flaws]
            form.data = _with_text(request.POST, text)
        except Problem as problem:
            form.add_error(None, sentence(problem))
            status = problem.status
        else:
            return _asked(request, asked)
    return _show_written(request, offers, form, flaws=flaws, status=status)


def _text(form: WrittenForm) -> tuple[str, str]:
    """The scenario and its file's name. Raises ScenarioNotText."""
    file = form.cleaned_data["file"]
    if file is None:
        return form.cleaned_data["text"].replace("\r\n", "\n"), scenarios.FILE_NAME
    try:
        return file.read(_MOST_BYTES).decode("utf-8-sig").replace("\r\n", "\n"), file.name
    except UnicodeDecodeError as error:
        raise ScenarioNotText from error


def _with_text(data: QueryDict, text: str) -> QueryDict:
    """What was sent, with the file's text in the field: there it is mended."""
    changed = data.copy()
    changed["text"] = text
    return changed


def _as_written(offers: Offered, made: builder.Builder) -> WrittenForm:
    head = made.head.cleaned_data
    return WrittenForm(offers, initial={**head, "text": made.written().text})


def _asked(request: HttpRequest, asked: Simulation) -> HttpResponse:
    messages.success(request, _("The simulation is in the queue."))
    return redirect("simulation", asked.pk)


def _show_builder(request: HttpRequest, offers: Offered, made: builder.Builder, *, status: int = 200) -> HttpResponse:
    context = {
        "builder": made, "conditions": CONDITIONS.items(),
        "examples": [(id_, said(name)) for id_, name in scenarios.examples(offers.book).items()],
    }  # fmt: skip
    return render(request, "desk/simulation/build.html", context, status=status)


def _show_written(
    request: HttpRequest, offers: Offered, form: WrittenForm, *, flaws: Any = (), status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "flaws": flaws,
        "examples": [(id_, said(name)) for id_, name in scenarios.examples(offers.book).items()],
        "programmes": offers.programmes,
    }  # fmt: skip
    return render(request, "desk/simulation/write.html", context, status=status)
