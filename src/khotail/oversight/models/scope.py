"""What holds for a place is read in the place: a banner's policy in its villages too."""

from __future__ import annotations

from typing import Self

from khotail.accounts.models import LEVEL_DIGITS
from khotail.trail.scope import RegionScoped, Seer


class ReadBelow(RegionScoped):
    """Rows of the reader's region, and of the regions that it lies in."""

    def visible_to(self, seer: Seer) -> Self:
        own = seer.region_code
        above = [own[:digits] for digits in LEVEL_DIGITS.values() if digits < len(own)]
        return self.in_region(own) | self.filter(region_code__in=above)
