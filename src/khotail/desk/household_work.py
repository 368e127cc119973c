"""What casework, screening, entitlements, issues and the portal know of a household, for its page."""

from __future__ import annotations

from typing import Any

from django.db import connection

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.casework.models import Case, Lead, Measure
from khotail.entitlements.queries import standing_of
from khotail.funds.models import Participation
from khotail.issues.models import Issue
from khotail.register.models import Household
from khotail.residents.models import Correction
from khotail.screening.models import Finding, Kind
from khotail.screening.queries import why
from khotail.visits.queries import visits_of

#: Most households have none of it: one question instead of four lists that are empty.
_WHAT_THERE_IS = """
SELECT EXISTS (SELECT 1 FROM screening_finding WHERE household_id = %s AND ended_on IS NULL),
       EXISTS (SELECT 1 FROM casework_case WHERE household_id = %s),
       EXISTS (SELECT 1 FROM casework_lead WHERE household_id = %s AND state = 'open'),
       EXISTS (SELECT 1 FROM casework_measure WHERE household_id = %s),
       EXISTS (SELECT 1 FROM issues_issue WHERE household_id = %s),
       EXISTS (SELECT 1 FROM residents_correction WHERE household_id = %s AND state = 'open'),
       EXISTS (SELECT 1 FROM visits_submission WHERE household_id = %s),
       EXISTS (SELECT 1 FROM entitlements_entitlement WHERE household_id = %s AND ended_on IS NULL),
       EXISTS (SELECT 1 FROM funds_participation WHERE household_id = %s)
"""


def work_of(household: Household, officer: Officer) -> dict[str, Any]:
    """Signals and problems that hold, each with why; open leads, cases and measures, newest first; issues and corrections."""
    with connection.cursor() as cursor:
        cursor.execute(_WHAT_THERE_IS, [household.pk] * _WHAT_THERE_IS.count("%s"))
        (
            has_findings,
            has_cases,
            has_leads,
            has_measures,
            has_issues,
            has_corrections,
            has_visits,
            has_help,
            has_ties,
        ) = cursor.fetchone()
    findings = Finding.objects.filter(household=household, ended_on=None).order_by("kind", "-since")
    cases = Case.objects.filter(household=household).order_by("-id")
    leads = Lead.objects.filter(household=household, state=Lead.State.OPEN).order_by("due_on")
    measures = Measure.objects.filter(household=household).order_by("-starts_on")[:50]
    issues = Issue.objects.visible_to(officer).filter(household=household).order_by("-id")[:50]
    corrections = Correction.objects.filter(household=household, state=Correction.State.OPEN)
    ties = Participation.objects.filter(household=household).select_related("project").order_by("-since", "-id")
    told = [(finding, why(finding)) for finding in findings] if has_findings else []
    return {
        "signals": [(finding, text) for finding, text in told if finding.kind == Kind.SIGNAL],
        "problems": [(finding, text) for finding, text in told if finding.kind == Kind.AUDIT],
        "cases": list(cases) if has_cases else [],
        "leads": list(leads) if has_leads else [],
        "measures": list(measures) if has_measures else [],
        "ties": list(ties) if has_ties else [],
        "visits": visits_of(household, officer) if has_visits else [],
        "standing": standing_of(household) if has_help and officer.may(May.SEE_HELP) else None,
        "issues": list(issues) if has_issues else [],
        "corrections": list(corrections) if has_corrections and officer.may(May.EDIT_REGISTER) else [],
    }
