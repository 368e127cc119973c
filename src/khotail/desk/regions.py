"""The region that a page is about, and names of regions, kept in the process: they change when the program is upgraded, not while it runs."""

from __future__ import annotations

from django.http import Http404

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.facts.regions import Regions
from khotail.register.models import Region

_names: dict[str, str] = {}


def name_of(code: str) -> str:
    """The region's name; the code itself where nobody knows it."""
    if not code:
        return ""
    if code not in _names:
        _names.update(Region.objects.values_list("code", "name"))
    if code not in _names:
        _names[code] = _packaged(code)
    return _names[code]


def chosen_region(officer: Officer, code: str) -> str:
    """The region asked for; the officer's own if none is. Raises Http404 for one that is not within it."""
    if not code:
        return officer.region_code
    digits = set(LEVEL_DIGITS.values())
    if not (code.isascii() and code.isdecimal() and len(code) in digits and code.startswith(officer.region_code)):
        raise Http404
    return code


def ancestors(code: str) -> list[str]:
    """Codes from the province down to the region itself."""
    return [code[:digits] for digits in LEVEL_DIGITS.values() if digits <= len(code)]


def path_of(code: str, *, below: str = "") -> str:
    """Names from the region under `below` down to the region: 科尔沁镇 › 第一嘎查."""
    return " › ".join(name_of(each) for each in ancestors(code) if len(each) > len(below)) or name_of(code)


def _packaged(code: str) -> str:
    regions = Regions.load()
    return regions.name(code) if regions.exists(code) else code
