"""The engine: runs a rulebook over facts and returns findings."""

from khotail.engine.entitle import entitle
from khotail.engine.entitlement_output import write_entitlements
from khotail.engine.entitlements import Entitlements, ExplainedEntitlement, MissedText, ProgrammeCount
from khotail.engine.findings import Explanation, Findings, FindingText, ParameterUsed
from khotail.engine.household import HouseholdExplained, explain
from khotail.engine.output import check_format, write_findings
from khotail.engine.run import audit, frame, screen

__all__ = [
    "Entitlements",
    "ExplainedEntitlement",
    "Explanation",
    "FindingText",
    "Findings",
    "HouseholdExplained",
    "MissedText",
    "ParameterUsed",
    "ProgrammeCount",
    "audit",
    "check_format",
    "entitle",
    "explain",
    "frame",
    "screen",
    "write_entitlements",
    "write_findings",
]
