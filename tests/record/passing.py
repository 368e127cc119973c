"""Time passes for a case: everything about it moves into the past, since pages take the clock as it is."""

from __future__ import annotations

from datetime import timedelta

from khotail.casework.models import Case, Lead, Objection, Step


def days_pass(case: Case, days: int) -> None:
    """As if whatever was done and opened until now had been so many days ago."""
    span = timedelta(days=days)
    for step in Step.objects.filter(case=case):
        for name in ("opened_at", "closed_at", "due_on", "not_before"):
            if getattr(step, name):
                setattr(step, name, getattr(step, name) - span)
        step.save()
    for objection in Objection.objects.filter(step__case=case):
        objection.raised_at -= span
        objection.save()
    for lead in Lead.objects.filter(case=case):
        lead.raised_at, lead.due_on = lead.raised_at - span, lead.due_on - span
        lead.save()
    fresh = Case.objects.get(pk=case.pk)
    for name in ("opened_on", "identified_on", "closed_on"):
        if getattr(fresh, name):
            setattr(fresh, name, getattr(fresh, name) - span)
    fresh.save()
