"""Who may do it, and where."""

from __future__ import annotations

from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.register.models import Household, Region
from khotail.register.problems import NoSuchVillage, OutsideYourRegion


def needs(by: Officer, *any_of: May) -> None:
    """Raise NotAllowed unless the officer may do one of these things."""
    if not any(by.may(thing) for thing in any_of):
        raise NotAllowed


def check_place(by: Officer, region_code: str) -> None:
    """Raise OutsideYourRegion unless the place lies in the officer's region."""
    is_code = region_code.isascii() and region_code.isdecimal() and len(region_code) in LEVEL_OF_DIGITS
    if not is_code or not region_code.startswith(by.region_code):
        name = Region.objects.filter(code=region_code).values_list("name", flat=True).first() or region_code[:20]
        raise OutsideYourRegion(place=name)


def village_in_reach(by: Officer, code: str) -> Region:
    """The village, if there is one and it lies in the officer's region. Raises NoSuchVillage, OutsideYourRegion."""
    village = Region.objects.filter(code=code, level="village").first() if code.isascii() and code.isdecimal() else None
    if village is None:
        raise NoSuchVillage(code=code[:20])
    check_place(by, code)
    return village


def locked(by: Officer, household: Household) -> Household:
    """The household read again and held until the transaction ends, if the officer may edit it.

    Raises NotAllowed, OutsideYourRegion, Household.DoesNotExist.
    """
    needs(by, May.EDIT_REGISTER)
    fresh = Household.objects.select_for_update().get(pk=household.pk)
    check_place(by, fresh.region_code)
    return fresh
