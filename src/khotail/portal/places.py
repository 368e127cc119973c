"""Choosing a place by steps: banner, township, village."""

from __future__ import annotations

from django.conf import settings

from khotail.accounts.models import LEVEL_DIGITS
from khotail.register.models import Region

_BANNER, _VILLAGE = LEVEL_DIGITS["banner"], LEVEL_DIGITS["village"]


#: Regions of this installation, kept in the process: they change when the program is upgraded, not while it runs.
_known: dict[str, Region] = {}


def forget() -> None:
    _known.clear()


def chosen(code: str) -> Region | None:
    """The region of a code that is within this installation's banner; without a code the banner itself."""
    code = code.strip() or settings.KHOTAIL_BANNER
    digits = len(code) in LEVEL_DIGITS.values() and len(code) >= _BANNER
    if not (digits and code.isascii() and code.isdecimal() and code.startswith(settings.KHOTAIL_BANNER)):
        return None
    return _region(code)


def below(region: Region | None) -> list[Region]:
    """The next step: parts of a region; the banners where no one is chosen."""
    _all()
    if region is None:
        return [one for one in _known.values() if one.level == "banner"]
    return [one for one in _known.values() if one.parent_id == region.code]


def way_to(region: Region | None) -> list[Region]:
    """The banner, the township and the village that lead to a region, itself included."""
    codes = _nested(region.code) if region else []
    return [found for code in codes if (found := _region(code))]


def is_village(region: Region | None) -> bool:
    return region is not None and len(region.code) == _VILLAGE


def name_of(code: str) -> str:
    """Township and village; the banner where nothing nearer is known."""
    names = [found.name for each in _nested(code) if (found := _region(each))]
    return "".join(names[1:] or names) or code


def _nested(code: str) -> list[str]:
    return [code[:digits] for digits in LEVEL_DIGITS.values() if _BANNER <= digits <= len(code)]


def _region(code: str) -> Region | None:
    if code not in _known and Region.objects.filter(pk=code).exists():
        _known.clear()
    return _all().get(code)


def _all() -> dict[str, Region]:
    if not _known:
        rows = Region.objects.filter(code__startswith=settings.KHOTAIL_BANNER).order_by("code")
        _known.update({row.code: row for row in rows})
    return _known
