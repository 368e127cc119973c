"""Names of the kinds of jobs and of what they count, for people."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_KINDS: dict[str, Promise] = {
    "intake.import": _("Import of a file"),
    "screening.run": _("Screening"),
    "screening.nightly": _("Nightly screening"),
    "screening.audit": _("Data audit"),
    "screening.trial": _("Dry run of a change to the rulebook"),
    "entitlements.run": _("Entitlements"),
    "casework.escalate": _("Escalation of overdue steps"),
    "casework.leads": _("Leads from a screening"),
    "register.export": _("Export of the register"),
    "accounts.digests": _("Daily digests"),
    "register.remove-exports": _("Removal of old exports"),
    "issues.escalate": _("Overdue issues passed up"),
    "issues.draw_checks": _("Closings drawn for a check"),
    "residents.forget_codes": _("Removal of old one-time codes"),
    "portal.forget_chosen": _("Removal of photos of forms that were never sent"),
    "visits.take": _("Visits entered into the register"),
    "visits.publish_forms": _("Visit forms offered"),
    "assistance.escalate": _("Papers of help at once passed up"),
    "assistance.effect": _("Check whether help worked"),
    "oversight.count": _("Count of the four not-removes"),
    "funds.escalate": _("Overdue milestones passed up"),
    "partners.remind": _("Reminders of overdue pledges"),
    "relocation.outcomes": _("Outcomes of relocation"),
    "trail.verify": _("Proof of the audit trail"),
    "simulation.run": _("Cliff simulation"),
    "simulation.radar": _("Radar of ends"),
}

_COUNTED: dict[str, Promise] = {
    "rows": _("Rows"),
    "taken": _("Taken"),
    "mended": _("Mended"),
    "rejected": _("Rejected"),
    "unchanged": _("Unchanged"),
    "doubtful": _("Doubtful"),
    "outside": _("Outside the region"),
    "new": _("New"),
    "lasting": _("Lasting"),
    "ended": _("Ended"),
    "changed": _("With other values"),
    "warned": _("Households warned"),
    "found": _("Found"),
    "subjects": _("Screened"),
    "households_new": _("New households"),
    "persons_new": _("New persons"),
    "leads": _("Leads"),
    "sent": _("Sent"),
    "removed": _("Removed"),
    "events": _("Events"),
    "escalated": _("Escalated"),
    "closed": _("Closed"),
    "drawn": _("Drawn"),
    "falls": _("Households that fall"),
    "ending": _("Programmes that end"),
    "programmes": _("Programmes"),
    "missed": _("Missed"),
    "left_out": _("Programmes left out"),
    "points": _("Numbers of the four not-removes"),
    "alarms": _("Alarms"),
    "recovered": _("Alarms that are over"),
}


def name_of(kind: str) -> Any:
    return _KINDS.get(kind, kind)


def outcome_lines(outcome: dict[str, Any]) -> list[tuple[Any, str]]:
    """Label and number for each thing that a job counted; the rest of its outcome is for programs."""
    return [
        (_COUNTED.get(name, name), f"{value:,}")
        for name, value in outcome.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]
