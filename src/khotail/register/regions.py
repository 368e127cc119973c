"""Fill the region tree from the packaged list of divisions."""

from __future__ import annotations

from django.db import transaction

from khotail.accounts.models import LEVEL_DIGITS
from khotail.facts.regions import Regions, check_region
from khotail.register.models import Region


@transaction.atomic
def load_regions(banner: str) -> int:
    """Write `banner` (code of 2, 4 or 6 digits), what it lies in and everything below it; returns how many.

    Region codes in the table have the digits of their level: 152221, not 152221000000. May be called again.
    Raises khotail.facts.problems.UnknownRegion.
    """
    check_region(banner)
    divisions = Regions.load()
    wanted = [banner[:digits] for digits in LEVEL_DIGITS.values() if digits < len(banner)]
    waiting = [banner]
    while waiting:
        code = waiting.pop()
        wanted.append(code)
        waiting += [significant(child) for child in divisions.children(code)]
    rows = [
        Region(code=code, level=divisions.level(code), name=divisions.name(code), parent_id=_parent(code))
        for code in sorted(wanted, key=lambda code: (len(code), code))
    ]
    Region.objects.bulk_create(
        rows,
        batch_size=1000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["level", "name", "parent"],
    )
    return len(rows)


def significant(code: str) -> str:
    """A 12-digit code without the zeros that only pad it: 152221000000 → 152221."""
    return next(code[:digits] for digits in LEVEL_DIGITS.values() if not code[digits:].strip("0"))


def _parent(code: str) -> str | None:
    above = [digits for digits in LEVEL_DIGITS.values() if digits < len(code)]
    return code[: above[-1]] if above else None
