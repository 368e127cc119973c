"""Decide leads: every one ends in a case, or is dismissed with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework.actors import check_lead_worker
from khotail.casework.models import Case, Lead
from khotail.casework.opening import begin
from khotail.casework.problems import HouseholdGone, LeadAlreadyDecided, NoHousehold, NotFound, ReasonMissing
from khotail.casework.procedures import procedure_for
from khotail.casework.raising import checked_words
from khotail.register.models import Household
from khotail.trail.chain import record as record_event

_OPEN = (Case.State.DECIDING, Case.State.HELPED, Case.State.EXITING)


@transaction.atomic
def open_case(lead: Lead, by: Officer, now: datetime) -> Case:
    """Take a lead into a case: the household's open one, or a new one that begins with the check at home.

    All other open leads of the household go into the same case. A household that was in monitoring before gets a new
    case that names the one before it. Raises LeadAlreadyDecided, NoHousehold, HouseholdGone, NotFound, MayNot,
    NoProcedure.
    """
    if lead.household_id is None:
        lead.refresh_from_db(fields=["household"])
    if lead.household_id is None:
        raise NoHousehold
    household = Household.objects.select_for_update().get(pk=lead.household_id)
    lead = _lock(lead)
    check_lead_worker(by, lead)
    _check_open(lead)
    if household.ended_on:
        raise HouseholdGone
    case = Case.objects.filter(household=household, state__in=_OPEN).first() or _new_case(household, by, now)
    joined = list(Lead.objects.filter(household=household, state=Lead.State.OPEN).order_by("id"))
    for one in joined:
        one.state, one.case, one.decided_by, one.decided_at = Lead.State.TAKEN, case, by, now
        one.save()
        record_event(by, "lead.taken", one, at=now, case=case.pk)
    case.causes = list(dict.fromkeys([*case.causes, *(cause for one in joined for cause in one.causes)]))
    case.save()
    return case


def _new_case(household: Household, by: Officer, now: datetime) -> Case:
    today = timezone.localdate(now)
    case = Case.objects.create(
        household=household,
        region_code=household.region_code,
        procedure=procedure_for("identification", today, household.region_code).key,
        opened_on=today,
        opened_by=by,
        helper_id=household.helper_id,
        previous=Case.objects.filter(household=household).order_by("-id").first(),
    )
    record_event(by, "case.opened", case, at=now, household=household.number, previous=case.previous_id)
    begin(case, "identification", now)
    return case


@transaction.atomic
def dismiss_lead(lead: Lead, reason: str, by: Officer, now: datetime) -> Lead:
    """Decide that a lead is not confirmed. Raises ReasonMissing, LeadAlreadyDecided, NotFound, MayNot."""
    lead = _lock(lead)
    check_lead_worker(by, lead)
    _check_open(lead)
    if not reason.strip():
        raise ReasonMissing
    lead.state, lead.reason = Lead.State.DISMISSED, checked_words(reason)
    lead.decided_by, lead.decided_at = by, now
    lead.save()
    record_event(by, "lead.dismissed", lead, at=now)
    return lead


@transaction.atomic
def link_lead(lead: Lead, household: Household, by: Officer, now: datetime) -> Lead:
    """Say which household a lead is about. Raises LeadAlreadyDecided, NotFound, MayNot."""
    lead = _lock(lead)
    check_lead_worker(by, lead)
    _check_open(lead)
    if not Household.objects.visible_to(by).filter(pk=household.pk).exists():
        raise NotFound
    lead.household, lead.region_code = household, household.region_code
    lead.save()
    record_event(by, "lead.linked", lead, at=now, household=household.number)
    return lead


def _lock(lead: Lead) -> Lead:
    locked = Lead.objects.select_for_update().filter(pk=lead.pk).first()
    if locked is None:
        raise NotFound
    return locked


def _check_open(lead: Lead) -> None:
    if lead.state == Lead.State.OPEN:
        return
    taken = lead.state == Lead.State.TAKEN
    raise LeadAlreadyDecided(
        who=lead.decided_by.full_name if lead.decided_by else "—",
        state_zh="已纳入个案" if taken else "核实排除",
        state_en="taken into a case" if taken else "not confirmed",
    )
