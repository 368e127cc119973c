"""Why something was found, in the reader's words."""

from __future__ import annotations

from typing import Any

from khotail.screening.models import Finding


def why(finding: Finding) -> Any:
    """The rule's sentence with its values filled in; the rule's id while screening cannot tell."""
    try:
        from khotail.screening.queries import why as explained
    except ImportError:
        return finding.rule_id
    return explained(finding)
