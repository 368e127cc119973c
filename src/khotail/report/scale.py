"""Five classes of a share and their colours.

The ramp runs in lightness from sand to dark brown, so that it reads in grey print and for every kind of colour
blindness. Classes are equal steps of a round size from the smallest share shown; the last one is open, and one place
in ten may lie beyond its step, so that a single outlier does not wash out all the others.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

RAMP: tuple[str, ...] = ("#f7edd8", "#ecca92", "#dc9d57", "#b0602a", "#6f3410")
NO_DATA = "#e6e6e1"
INK = "#1d2a2e"
PAPER = "#ffffff"

_STEPS = (0.002, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class ShareClass:
    """From `low` (included) to `high` (left out; the last class includes all above)."""

    low: float
    high: float
    colour: str

    @property
    def ink(self) -> str:
        """The text colour that reads on this class's colour (WCAG AA)."""
        return INK if contrast(INK, self.colour) >= contrast(PAPER, self.colour) else PAPER


@dataclass(frozen=True, slots=True)
class Scale:
    classes: tuple[ShareClass, ...]

    def of(self, share: float | None) -> ShareClass | None:
        """The class that `share` falls in; None where there is no share."""
        if share is None:
            return None
        for each in reversed(self.classes):
            if share >= each.low:
                return each
        return self.classes[0]

    def index(self, share: float | None) -> int | None:
        found = self.of(share)
        return None if found is None else self.classes.index(found)


def scale_for(shares: Iterable[float]) -> Scale:
    """The scale for these shares (0 to 1); for none at all, one from 0 in steps of 5 %."""
    known = sorted(shares)
    low, high = (known[0], known[(len(known) - 1) * 9 // 10]) if known else (0.0, 0.24)
    step = next((step for step in _STEPS if math.floor(low / step) * step + len(RAMP) * step > high), _STEPS[-1])
    start = math.floor(low / step + 1e-9) * step
    return Scale(
        tuple(
            ShareClass(round(start + place * step, 4), round(start + (place + 1) * step, 4), colour)
            for place, colour in enumerate(RAMP)
        )
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two `#rrggbb` colours as WCAG 2 defines it, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
