"""Choosing a place by steps: banner, township, village."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings

from khotail.accounts.models import LEVEL_DIGITS
from khotail.register.models import Region

_BANNER, _VILLAGE = LEVEL_DIGITS["banner"], LEVEL_DIGITS["village"]


def chosen(code: str) -> Region | None:
    """The region of a code that is within this installation's banner; without a code the banner itself."""
    code = code.strip() or settings.KHOTAIL_BANNER
    if not (code.isascii() and code.isdecimal() and len(code) >= _BANNER and code.startswith(settings.KHOTAIL_BANNER)):
        return None
    return Region.objects.filter(code=code).first()


def below(region: Region | None) -> list[Region]:
    """The next step: parts of a region; the banners where no one is chosen."""
    if region is None:
        return list(Region.objects.filter(level="banner", code__startswith=settings.KHOTAIL_BANNER).order_by("code"))
    return list(Region.objects.filter(parent=region).order_by("code"))


def way_to(region: Region | None) -> list[Region]:
    """The banner, the township and the village that lead to a region, itself included."""
    if region is None:
        return []
    codes = [region.code[:digits] for digits in LEVEL_DIGITS.values() if _BANNER <= digits <= len(region.code)]
    return list(Region.objects.filter(code__in=codes).order_by("code"))


def is_village(region: Region | None) -> bool:
    return region is not None and len(region.code) == _VILLAGE


def named(codes: Iterable[str]) -> dict[str, str]:
    """Township and village of each code, in one query; the banner's name where nothing nearer is known."""
    known = set(codes)
    digits = [many for many in LEVEL_DIGITS.values() if many >= _BANNER]
    wanted = {code[:many] for code in known for many in digits if many <= len(code)}
    names = dict(Region.objects.filter(code__in=wanted).values_list("code", "name"))
    found = {}
    for code in known:
        near = [names.get(code[:many], "") for many in digits if _BANNER < many <= len(code)]
        found[code] = "".join(near) or names.get(code[:_BANNER], code)
    return found
