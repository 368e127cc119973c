"""Screening and the data audit: runs, what they found and why, and what is to be mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts.language import said
from khotail.accounts.queries import require
from khotail.accounts.roles import May, Role
from khotail.desk.addresses import address
from khotail.desk.charts import Chart, Series
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region, name_of
from khotail.desk.remembered import remembered
from khotail.desk.screening_forms import FindingFilter, StartForm
from khotail.facts.schema import TABLES
from khotail.jobs.models import Job
from khotail.register.models import Household, Person
from khotail.rulebook.model import CAUSES, SEVERITIES, Rulebook
from khotail.screening import rulebook
from khotail.screening.actions import ask_for_run
from khotail.screening.checking import check_household
from khotail.screening.models import Finding, Kind, Run
from khotail.screening.narrowed import counts_for, households_of, is_beyond
from khotail.screening.queries import NOT_A_RUN, Counted, Why, counts_by, explained_all, last_run, open_findings
from khotail.screening.queries import trend as trend_of
from khotail.texts import Text
from khotail.trail.scope import in_region

_PER_PAGE = 50
_FINDINGS_PER_PAGE = 20  # each is a paragraph
_MOST_RULES = 30
_NARROWED_BY = ("rule", "cause", "severity", "since")
_EXPORTED = (
    Column(
        gettext_lazy("Household number"), lambda row: row.finding.household.number if row.finding.household else "", 22
    ),
    Column(gettext_lazy("Head"), lambda row: row.finding.household.head_name if row.finding.household else ""),
    Column(gettext_lazy("Village"), lambda row: name_of(row.finding.region_code), 24),
    Column(gettext_lazy("Rule"), lambda row: row.finding.rule_id),
    Column(gettext_lazy("Name of the rule"), lambda row: said(row.name), 30),
    Column(gettext_lazy("Severity"), lambda row: row.finding.severity),
    Column(gettext_lazy("Why"), lambda row: said(row.sentence), 60),
    Column(gettext_lazy("What to do"), lambda row: said(row.mend), 40),
    Column(gettext_lazy("Since"), lambda row: row.finding.since),
)


@login_required
@require_safe
def runs(request: HttpRequest) -> HttpResponse:
    """Runs that concern the reader's region, and a form that starts one."""
    require(request.user, May.SCREEN)
    page = Paginator(_runs(request), _PER_PAGE).get_page(request.GET.get("page"))
    working = Job.objects.visible_to(request.user).filter(
        kind__in=("screening.run", "screening.nightly", "screening.audit"),
        state__in=(Job.State.WAITING, Job.State.RUNNING),
    )  # fmt: skip
    counts = counts_for(request.user, list(page.object_list))
    rows = [(each, counts[each.pk]) for each in page]
    return render(request, "desk/screening/runs.html", {
        "page": page, "rows": rows, "form": StartForm(), "working": list(working[:5]),
    })  # fmt: skip


@login_required
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    form = StartForm(request.POST)
    if not form.is_valid():
        raise Http404
    job = ask_for_run(form.cleaned_data["kind"], request.user.region_code, by=request.user, now=timezone.now())
    return redirect("job", job.pk)


@login_required
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: what it found in the reader's region, which rules could not run, and why."""
    require(request.user, May.SCREEN)
    seen = get_object_or_404(_runs(request), pk=pk)
    book = rulebook.current()
    mine = Finding.objects.visible_to(request.user)
    new = counts_by(mine.filter(first_run=seen), "rule_id")
    ended = {each.key: each.findings for each in counts_by(mine.filter(last_run=seen), "rule_id")}
    rows = [(_rule_name(book, each.key), each.key, each.findings, ended.pop(each.key, 0)) for each in new]
    rows += [(_rule_name(book, key), key, 0, number) for key, number in ended.items()]
    skipped = [(_rule_name(book, each["rule"]), each) for each in seen.counts.get("skipped", ())]
    counts, beyond = counts_for(request.user, [seen])[seen.pk], is_beyond(request.user, seen)
    if beyond:
        counts = {**counts, "households": households_of(request.user, seen)}
    shown = {"run": seen, "rows": rows, "skipped": skipped, "counts": counts, "beyond": beyond}
    return render(request, "desk/screening/run.html", shown)


@login_required
@require_safe
@never_cache
def signals(request: HttpRequest) -> HttpResponse:
    """Households that are warned of, and why."""
    require(request.user, May.SEE_CASES)
    return _findings(request, Kind.SIGNAL)


@login_required
@require_safe
@never_cache
def audit(request: HttpRequest) -> HttpResponse:
    """What is wrong in the data, each with the field to mend."""
    require(request.user, May.SEE_AUDIT)
    return _findings(request, Kind.AUDIT)


@login_required
@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Run the audits of one household again."""
    household = get_object_or_404(Household.objects.visible_to(request.user), pk=pk)
    told = check_household(household, by=request.user, now=timezone.now())
    words = _("Checked: %(mended)d mended, %(new)d new, %(open)d still open.")
    messages.success(request, words % {"mended": told.mended, "new": told.new, "open": told.open})
    return redirect("household", pk)


@login_required
@require_safe
def trend(request: HttpRequest, kind: str) -> HttpResponse:
    """How many findings held after each run, for a region and a rule."""
    if kind not in Kind.values:
        raise Http404
    require(request.user, May.SEE_CASES if kind == Kind.SIGNAL else May.SEE_AUDIT)
    region, book = chosen_region(request.user, request.GET.get("region", "")), rulebook.current()
    rule = request.GET.get("rule", "")
    rule = rule if rule in book.rules and book.rules[rule].kind == kind else ""
    moments = trend_of(request.user, kind, region, rule_id=rule)
    chart = Chart(
        "trend", "line", _("Findings after each run"), _("Run"), [f"{each.run.as_of:%Y-%m-%d}" for each in moments],
        [
            Series(_("Open"), [each.open for each in moments]), Series(_("New"), [each.new for each in moments]),
            Series(_("Ended"), [each.ended for each in moments]),
        ],
    )  # fmt: skip
    rows = open_findings(request.user, kind, region)
    return render(request, "desk/screening/trend.html", {
        "kind": kind, "region": region, "rule": rule, "chart": chart if moments else None,
        "rules": [(each.id, said(each.name)) for each in (book.signals if kind == Kind.SIGNAL else book.audits)],
        "by_rule": _named(book, counts_by(rows, "rule_id")[:_MOST_RULES]),
        "by_village": counts_by(rows.filter(rule_id=rule) if rule else rows, "region_code")[:_MOST_RULES],
    })  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A finding as a line of a list: why, of whom, and where to mend it."""

    why: Why
    mend_address: str  # "" if no form corrects it
    person: str

    @property
    def severity_name(self) -> Text | str:
        return SEVERITIES[self.why.finding.kind].get(self.why.finding.severity, "")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.why, name)


def _findings(request: HttpRequest, kind: str) -> HttpResponse:
    region, book = chosen_region(request.user, request.GET.get("region", "")), rulebook.current()
    form = FindingFilter(request.GET, kind, book)
    everything = open_findings(request.user, kind, region)
    rows = form.narrowed(everything).select_related("household").defer("household__phone")
    if is_asked(request):
        return export(request, _explained(rows.order_by("region_code", "id")), _EXPORTED, kind)
    page = KeysFirst(rows.order_by("region_code", "household_id", "id"), _FINDINGS_PER_PAGE).get_page(
        request.GET.get("page")
    )
    page.object_list = _shown(list(page.object_list), kind)
    return render(request, "desk/screening/findings.html", {
        "kind": kind, "region": region, "form": form, "page": page, "last": last_run(kind, region),
        "is_filtered": any(request.GET.get(name) for name in _NARROWED_BY),
        "by_rule": tuple(_named(book, _counted(request, kind, region, "rule_id", form.narrowed(everything)))),
        "by_village": tuple(_counted(request, kind, region, "region_code", form.narrowed(everything)))
        if len(region) < 12 else (),
        "by_cause": _causes(_counted(request, kind, region, "cause", form.narrowed(everything))) if kind == Kind.SIGNAL else [],
    })  # fmt: skip


def _counted(request: HttpRequest, kind: str, region: str, field: str, rows: QuerySet[Finding]) -> list[Counted]:
    """Counts over a region, at most a minute old; a helper's own households are counted anew."""
    if request.user.role == Role.HELPER:
        return counts_by(rows, field)
    narrowed = tuple(request.GET.get(name, "") for name in _NARROWED_BY)
    return remembered(("findings", kind, region, field, *narrowed), lambda: counts_by(rows, field))


def _explained(rows: QuerySet[Finding]) -> Iterable[Why]:
    part: list[Finding] = []
    for finding in rows.iterator(chunk_size=1000):
        part.append(finding)
        if len(part) == 1000:
            yield from explained_all(part)
            part = []
    yield from explained_all(part)


def _shown(findings: list[Finding], kind: str) -> list[Shown]:
    whys = explained_all(findings)
    people = _people(findings) if any(finding.level in ("person", "work_record") for finding in findings) else {}
    shown = []
    for why in whys:
        person = people.get(_person_key(why.finding))
        shown.append(
            Shown(why, _where_to_mend(why, person) if kind == Kind.AUDIT else "", person.name if person else "")
        )
    return shown


def _person_key(finding: Finding) -> tuple[int | None, str]:
    """Household and person's number, of a finding about somebody: its subject is household|person or household|person|…"""
    parts = finding.subject.split("|")
    is_person = finding.level in ("person", "work_record") and len(parts) > 1
    return finding.household_id, parts[1] if is_person else ""


def _people(findings: list[Finding]) -> dict[tuple[int | None, str], Person]:
    keys = [_person_key(finding) for finding in findings]
    rows = Person.objects.filter(household__in={key[0] for key in keys}, number__in={key[1] for key in keys if key[1]})
    return {(person.household_id, person.number): person for person in rows}


def _where_to_mend(why: Why, person: Person | None) -> str:
    """The address of the form on which the first field that the rule names can be corrected."""
    household = why.finding.household_id
    for name in why.fields:
        if person is not None and name in TABLES["persons"].column_names and name != "has_left":
            return f"{address('person_correct', person.pk)}?column={name}"
        if household and name in TABLES["households"].column_names:
            return f"{address('household_correct', household, 'households')}?column={name}"
    return ""


def _runs(request: HttpRequest) -> QuerySet[Run]:
    """Runs of the reader's region, and of those above that cover it."""
    code = request.user.region_code
    above = [code[:digits] for digits in range(2, len(code))]
    ours = Run.objects.filter(in_region(code)) | Run.objects.filter(region_code__in=above)
    return ours.exclude(NOT_A_RUN).select_related("asked_by")


def _rule_name(book: Rulebook, rule_id: str) -> str:
    rule = book.rules.get(rule_id)
    return said(rule.name) if rule else rule_id


def _named(book: Rulebook, counted: list[Counted]) -> list[tuple[str, Counted]]:
    return [(_rule_name(book, each.key), each) for each in counted]


def _causes(counted: list[Counted]) -> list[tuple[str, Counted]]:
    return [(said(CAUSES[each.key]) if each.key in CAUSES else each.key, each) for each in counted if each.key]
