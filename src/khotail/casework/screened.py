"""Leads from a screening: one per household with something new, none for what was known.

A finding lasts from the run that first saw it to the run that no longer did, so a signal that persists is new once, and
one that comes back after it ended (as it must have before an exit) is new again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.accounts.notifications import notify
from khotail.accounts.roles import Role
from khotail.casework.conditions import severities_that_raise
from khotail.casework.deadlines import after_working_days
from khotail.casework.models import Case, Lead
from khotail.casework.raising import LEADS_PATH
from khotail.register.models import Household
from khotail.screening.models import Finding, Kind, Run
from khotail.screening.rulebook import setting
from khotail.trail.chain import record as record_event

HOUSEHOLDS_AT_ONCE = 500


def leads_from_run(run: Run, now: datetime, keep_on: Callable[[int], None] = lambda done: None) -> Counter[str]:
    """Raise a lead for each household about which the run found something new that is severe enough.

    A household with an open screening lead gets the causes added to it; one with an open case gets a lead that is in
    the case from the start. May be run again after it was cut off: what was raised stays as it is.

    keep_on  called after each chunk with the number of households done
    Returns counts: raised, joined (into a case), merged (into an open lead).
    """
    counts: Counter[str] = Counter()
    last, done = 0, 0
    while True:
        with transaction.atomic():
            chunk = _new_findings(run, last)
            if chunk:
                raised = _raise_chunk(run, chunk, now)
                counts += raised
        if not chunk:
            break
        last, done = max(chunk), done + len(chunk)
        keep_on(done)
    if counts["raised"]:
        _tell_villages(run, now)
    return counts


def _new_findings(run: Run, after: int) -> dict[int, list[Finding]]:
    """The run's new findings that raise leads, of the next households by id."""
    severe = severities_that_raise(run.as_of, run.region_code)
    new = Finding.objects.filter(
        first_run=run, kind=Kind.SIGNAL, ended_on=None, severity__in=severe, household__ended_on=None
    )
    ids = new.filter(household_id__gt=after).order_by("household_id").values_list("household_id", flat=True)
    chosen = list(ids.distinct()[:HOUSEHOLDS_AT_ONCE])
    by_household: dict[int, list[Finding]] = defaultdict(list)
    for finding in new.filter(household_id__in=chosen).order_by("household_id", "id"):
        by_household[finding.household_id].append(finding)
    return by_household


def _raise_chunk(run: Run, chunk: dict[int, list[Finding]], now: datetime) -> Counter[str]:
    # The households' rows are locked as `open_case` does, so that no case opens meanwhile beside its lead.
    list(Household.objects.select_for_update().filter(pk__in=chunk).order_by("pk").values_list("pk", flat=True))
    done = set(
        Lead.objects.filter(finding__first_run=run, household_id__in=chunk).values_list("household_id", flat=True)
    )
    channel = Lead.Channel.SCREENING
    waiting = {
        lead.household_id: lead
        for lead in Lead.objects.filter(household_id__in=chunk, state=Lead.State.OPEN, channel=channel).order_by("-id")
    }
    cases = {
        case.household_id: case for case in Case.objects.filter(household_id__in=chunk).exclude(state__in=Case.CLOSED)
    }
    today, counts = timezone.localdate(now), Counter[str]()
    fresh: list[Lead] = []
    merged: list[Lead] = []
    due_on = after_working_days(today, int(setting("lead_days", today, run.region_code)))
    for household_id, findings in chunk.items():
        if household_id in done:
            continue
        causes = list(dict.fromkeys(finding.cause for finding in findings if finding.cause))
        lead = waiting.get(household_id)
        if lead is not None:
            if _merge(lead, causes):
                merged.append(lead)
            continue
        lead = Lead(
            household_id=household_id,
            region_code=findings[0].region_code,
            channel=channel,
            causes=causes,
            finding=findings[0],
            raised_by=run.asked_by,
            raised_at=now,
            due_on=due_on,
        )
        case = cases.get(household_id)
        if case is not None:
            lead.state, lead.case, lead.decided_at = Lead.State.TAKEN, case, now
        counts["joined" if case else "raised"] += 1
        fresh.append(lead)
    if merged:
        counts["merged"] = Lead.objects.bulk_update(merged, ["causes"])
    rows = Lead.objects.bulk_create(fresh)
    if rows or counts:
        record_event(run.asked_by, "leads.raised", run, at=now, leads=[row.pk for row in rows], **counts)
    return counts


def _merge(lead: Lead, causes: list[str]) -> bool:
    """Add causes to an open lead; whether that changed it. The caller writes it."""
    union = list(dict.fromkeys([*lead.causes, *causes]))
    changed, lead.causes = union != lead.causes, union
    return changed


def _tell_villages(run: Run, now: datetime) -> None:
    """One sentence for each village, with the number of its leads."""
    leads = Lead.objects.filter(finding__first_run=run, raised_at=now, state=Lead.State.OPEN)
    numbers = dict(leads.order_by().values_list("region_code").annotate(n=Count("pk")))
    cadres: dict[str, list[Officer]] = defaultdict(list)
    villages = Officer.objects.filter(is_active=True, role=Role.VILLAGE_CADRE, region_code__in=numbers)
    for officer in villages:
        cadres[officer.region_code].append(officer)
    for region_code, officers in cadres.items():
        notify(officers, "leads-new", LEADS_PATH, now, count=numbers[region_code])
