"""One query method that says what somebody may see.

Region codes have 12 digits and nest by prefix: whoever works for 1522 sees what starts with 1522. The filter is a range
and not LIKE, so that both databases use the plain index on the code.
"""

from __future__ import annotations

from typing import Protocol, Self

from django.db import models


class Seer(Protocol):
    """Somebody who asks: an officer, or a token that acts for one."""

    region_code: str


def in_region(prefix: str, field: str = "region_code") -> models.Q:
    """Rows whose code starts with `prefix`; everything for ""."""
    if not prefix:
        return models.Q()
    return models.Q(**{f"{field}__gte": prefix, f"{field}__lt": prefix + ":"})


class RegionScoped(models.QuerySet):
    """A queryset of rows that belong to a region. Reads for a person start with `visible_to`."""

    region_field = "region_code"

    def in_region(self, prefix: str) -> Self:
        return self.filter(in_region(prefix, self.region_field))

    def visible_to(self, seer: Seer) -> Self:
        return self.in_region(seer.region_code)
