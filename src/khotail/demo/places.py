"""The real townships and villages that the demo's households are spread over."""

from __future__ import annotations

import random
from dataclasses import dataclass

from khotail.facts.regions import Regions

HERDING_TOWNSHIPS = ("苏木", "牧场", "马场")


@dataclass(slots=True)
class Village:
    """A village with what shapes its households: whether people herd, and how hard life is there."""

    code: str
    name: str
    township_code: str
    township: str
    banner: str
    is_gacha: bool
    herding_share: float
    #: multiplies the rate of trouble; 1 is the banner's average
    hardship: float = 1.0
    weight: float = 1.0
    households: int = 0


def rural_villages(banner: str, rng: random.Random) -> list[Village]:
    """Villages of `banner` (6-digit code) in code order; urban communities and industrial parks left out.

    Empty where the code is no banner's.
    """
    regions = Regions.load()
    if len(banner) != 6 or not regions.exists(banner) or regions.level(banner) != "banner":
        return []
    banner_name = regions.name(banner)
    villages = []
    for township_code in sorted(regions.children(banner)):
        township = regions.name(township_code)
        if township.endswith("园区") or "街道" in township:
            continue
        hardship = rng.choice((0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.3, 1.7, 2.2))
        for code in sorted(regions.children(township_code)):
            name = _short_name(regions.name(code))
            if name.endswith(("社区", "居委会", "生活区")):
                continue
            gacha = name.endswith("嘎查")
            herds = 0.75 if township.endswith(HERDING_TOWNSHIPS) else 0.3 if gacha else 0.06
            village = Village(code, name, township_code, township, banner_name, gacha, herds)
            village.hardship = hardship * rng.uniform(0.6, 1.4)
            village.weight = rng.uniform(0.5, 1.6)
            villages.append(village)
    return villages


def spread(villages: list[Village], households: int) -> None:
    """Give every village its number of households, by weight; the numbers add up exactly."""
    total = sum(village.weight for village in villages)
    given, passed = 0, 0.0
    for village in villages:
        passed += village.weight
        upto = round(households * passed / total)
        village.households = upto - given
        given = upto


def _short_name(name: str) -> str:
    """永进村委会 → 永进村: the statistics name a village by its committee, the registers do not."""
    for ending in ("村民委员会", "村委会"):
        if name.endswith(ending):
            return name.removesuffix(ending).removesuffix("村") + "村"
    return name.removesuffix("居民委员会").removesuffix("委会") if not name.endswith("居委会") else name
