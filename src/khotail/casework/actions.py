"""Everything that people do in casework, one function per thing; each lives in a module named after it."""

from __future__ import annotations

from khotail.casework.escalation import escalate_overdue
from khotail.casework.leads import dismiss_lead, link_lead, open_case
from khotail.casework.measures import assign_helper, record_measure
from khotail.casework.objections import answer_objection, object_to
from khotail.casework.raising import raise_lead
from khotail.casework.rechecks import start_recheck, start_recheck_campaign
from khotail.casework.screened import leads_from_run
from khotail.casework.steps import attach, close_step

__all__ = [
    "answer_objection", "assign_helper", "attach", "close_step", "dismiss_lead", "escalate_overdue", "leads_from_run",
    "link_lead", "object_to", "open_case", "raise_lead", "record_measure", "start_recheck", "start_recheck_campaign",
]  # fmt: skip
