"""The engine: runs a rulebook over facts and returns findings."""

from khotail.engine.findings import Explanation, Findings, FindingText, ParameterUsed
from khotail.engine.household import HouseholdExplained, explain
from khotail.engine.output import check_format, write_findings
from khotail.engine.run import audit, frame, screen

__all__ = [
    "Explanation",
    "FindingText",
    "Findings",
    "HouseholdExplained",
    "ParameterUsed",
    "audit",
    "check_format",
    "explain",
    "frame",
    "screen",
    "write_findings",
]
