"""What somebody may see of households and of what hangs on them."""

from __future__ import annotations

from typing import Self

from khotail.accounts.roles import Role
from khotail.trail.scope import RegionScoped


class HouseholdScoped(RegionScoped):
    """Rows about a household: those of the officer's region; a helper sees the households that are theirs."""

    helper_field = "household__helper_id"

    def visible_to(self, officer: object) -> Self:
        rows = super().visible_to(officer)
        if getattr(officer, "role", "") == Role.HELPER:
            rows = rows.filter(**{self.helper_field: officer.pk})
        return rows
