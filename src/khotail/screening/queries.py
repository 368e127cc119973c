"""Findings as people read them: why, of whom, how many, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from khotail.accounts.models import Officer
from khotail.engine.findings import ParameterUsed
from khotail.facts.masking import masked_value
from khotail.rulebook.explain import fill, shown
from khotail.rulebook.model import Rule, Rulebook
from khotail.screening import rulebook
from khotail.screening.comparing import opened_values
from khotail.screening.models import Finding, Run
from khotail.texts import Text

#: Runs that failed, and checks of one household.
NOT_A_RUN = Q(counts__has_key="failed") | Q(counts__has_key="household")


@dataclass(frozen=True)
class Why:
    """Why a finding holds. zh and en are the whole of it in words, as a `Text` has them.

    sentence    the rule's sentence with the subject's values
    mend        what to do about it; empty if the rule does not say
    parameters  lines and thresholds that the rule compares with, each with its source
    """

    finding: Finding
    rule: Rule | None
    sentence: Text
    mend: Text
    parameters: tuple[ParameterUsed, ...]

    @property
    def zh(self) -> str:
        return self.sentence.zh

    @property
    def en(self) -> str:
        return self.sentence.en

    @property
    def name(self) -> Text:
        return self.rule.name if self.rule else Text(self.finding.rule_id, self.finding.rule_id)

    @property
    def source(self) -> str:
        return self.rule.source if self.rule else ""

    @property
    def fields(self) -> tuple[str, ...]:
        return self.rule.fields if self.rule else ()


def why(finding: Finding) -> Text:
    """One finding in words: what is so, by which line of which source. ID and phone numbers are masked."""
    told = explained(finding)
    lines = [_line(each) for each in told.parameters if each.source]
    return Text(
        "；".join([told.zh.rstrip("。"), *(line.zh for line in lines)]) + "。",
        "; ".join([told.en.rstrip("."), *(line.en for line in lines)]) + ".",
    )


def explained(finding: Finding, book: Rulebook | None = None) -> Why:
    """One finding with its rule, its sentence and the parameters' values on the day since when it holds."""
    book = book or rulebook.current()
    values = {name: masked_value(name, value) for name, value in opened_values(finding.values).items()}
    rule = book.rules.get(finding.rule_id)
    if rule is None:  # the rule is no longer in the book
        told = "，".join(f"{name}: {value}" for name, value in values.items())
        return Why(finding, None, Text(f"{finding.rule_id} {told}", f"{finding.rule_id} {told}"), Text("", ""), ())
    sentence = Text(fill(rule.because, values, "zh"), fill(rule.because, values, "en"))
    mend = Text(fill(rule.mend, values, "zh"), fill(rule.mend, values, "en"))
    names = dict.fromkeys([*rule.when.parameters, *(name[1:] for name in values if name.startswith(":"))])
    used = (_parameter(book, name, values.get(f":{name}"), finding) for name in names)
    return Why(finding, rule, sentence, mend, tuple(each for each in used if each))


def explained_all(findings: Sequence[Finding]) -> list[Why]:
    book = rulebook.current()
    return [explained(finding, book) for finding in findings]


def _parameter(book: Rulebook, name: str, value: str | None, finding: Finding) -> ParameterUsed | None:
    parameter = book.parameters.get(name)
    in_force = parameter.in_force(finding.since, finding.region_code) if parameter else None
    if parameter is None or in_force is None:
        return None
    written = shown(f":{name}", str(in_force.value) if value is None else value, "zh")
    return ParameterUsed(
        parameter.name, written, parameter.unit, in_force.since, in_force.region, in_force.source, in_force.confidence
    )


def _line(used: ParameterUsed) -> Text:
    return Text(
        f"{used.name.zh} {used.value}（{used.since} 起，依据：{used.source}）",
        f"{used.name.en} {used.value} (since {used.since}, by {used.source})",
    )


def open_findings(officer: Officer, kind: str, region: str = "") -> QuerySet[Finding]:
    """What holds now, of what the officer may see."""
    rows = Finding.objects.visible_to(officer).filter(kind=kind, ended_on=None)
    return rows.in_region(region) if region else rows


@dataclass(frozen=True)
class Counted:
    """One rule, village or cause: how many findings, of how many households."""

    key: str
    findings: int
    households: int


def counts_by(rows: QuerySet[Finding], field: str) -> list[Counted]:
    """Findings and households by rule_id, region_code or cause, most first."""
    counted = (
        rows.order_by().values(field).annotate(findings=Count("pk"), homes=Count("household", distinct=True))
        .order_by("-findings", field)
    )  # fmt: skip
    return [Counted(row[field], row["findings"], row["homes"]) for row in counted]


@dataclass(frozen=True)
class Moment:
    """How many findings held after a run, and how many of them it was the first or last to see."""

    run: Run
    open: int
    new: int
    ended: int


def trend(officer: Officer, kind: str, region: str, *, rule_id: str = "", runs: int = 12) -> list[Moment]:
    """The last runs that covered the region, oldest first, with what held on each one's day."""
    code = region or officer.region_code
    covering = [code[:digits] for digits in range(2, len(code) + 1)]
    done = list(
        Run.objects.filter(kind=kind, finished_at__isnull=False, region_code__in=covering)
        .exclude(NOT_A_RUN).order_by("-id")[:runs]
    )  # fmt: skip
    rows = Finding.objects.visible_to(officer).in_region(code).filter(kind=kind)
    if rule_id:
        rows = rows.filter(rule_id=rule_id)
    new = _by_run(rows, "first_run")
    ended = _by_run(rows, "last_run")
    now = rows.filter(ended_on=None).count()
    moments: list[Moment] = []
    newest_first = sorted(set(new) | set(ended) | {run.pk for run in done}, reverse=True)
    held, wanted = now, {run.pk: run for run in done}
    for pk in newest_first:
        if pk in wanted:
            moments.append(Moment(wanted[pk], held, new.get(pk, 0), ended.get(pk, 0)))
        held += ended.get(pk, 0) - new.get(pk, 0)
    return moments[::-1]


def _by_run(rows: QuerySet[Finding], field: str) -> dict[int, int]:
    counted: Any = rows.exclude(**{field: None}).order_by().values(field).annotate(n=Count("pk"))
    return {row[field]: row["n"] for row in counted}


def last_run(kind: str, region_code: str) -> Run | None:
    """The newest finished run that covers the region."""
    covering = [region_code[:digits] for digits in range(2, len(region_code) + 1)]
    done = Run.objects.filter(kind=kind, finished_at__isnull=False, region_code__in=covering)
    return done.exclude(NOT_A_RUN).first()
