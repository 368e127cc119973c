"""People who cannot exist.

Nobody in the demo may be mistaken for a person, so three things are unmistakable:

* family names are 示, 例 and 样 (show, example, sample), which no one in the region carries; given names come from a
  short list of common Mongolian and Han given names;
* ID numbers begin with 1599xx, a block of county codes that has never been issued. Birth date, sex digit and GB 11643
  check digit are right, so the numbers pass every test but that of a real place;
* phones begin with 154, a mobile block that no operator has been given.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

FAMILY_NAMES = ("示", "例", "样")
MEN = (
    "阿木", "巴特", "苏和", "那顺", "宝音", "朝鲁", "特木尔", "哈斯", "乌力吉", "孟和", "布和", "达来",
    "甲生", "乙田", "丙山", "丁河", "戊林", "己春", "庚平", "辛成", "壬和", "癸顺",
)  # fmt: skip
WOMEN = (
    "其其格", "娜仁", "萨仁", "乌云", "高娃", "斯琴", "塔娜", "阿茹", "托娅", "琪琪", "格日乐", "通拉嘎",
    "甲花", "乙梅", "丙兰", "丁菊", "戊荷", "己秀", "庚云", "辛凤", "壬英", "癸香",
)  # fmt: skip
ID_PREFIX = "1599"
PHONE_PREFIX = "154"

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


def check_digit(first_17: str) -> str:
    """The 18th character of an ID number (GB 11643)."""
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(first_17, _WEIGHTS, strict=True)) % 11]


def name_of(rng: random.Random, sex: str, family: str | None = None) -> str:
    return (family or rng.choice(FAMILY_NAMES)) + rng.choice(MEN if sex == "男" else WOMEN)


class IdNumbers:
    """Hands out ID numbers, each once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._used: set[str] = set()

    def of(self, birth: date, sex: str) -> str:
        while True:
            order = 2 * self._rng.randint(1, 498) + (1 if sex == "男" else 0)
            first_17 = f"{ID_PREFIX}{self._rng.randint(0, 99):02d}{birth:%Y%m%d}{order:03d}"
            if first_17 not in self._used:
                self._used.add(first_17)
                return first_17 + check_digit(first_17)


class Phones:
    """Hands out phone numbers, each once."""

    def __init__(self) -> None:
        self._next = 0

    def next(self) -> str:
        self._next += 1
        # A step that shares no factor with 10**8 visits every number before it repeats.
        return f"{PHONE_PREFIX}{self._next * 61803401 % 10**8:08d}"


def birth_for(rng: random.Random, age: int, as_of: date) -> date:
    """A birth date that makes the person `age` full years old on `as_of`."""
    youngest = date(as_of.year - age, as_of.month, min(as_of.day, 28))
    return youngest - timedelta(days=rng.randint(0, 360))


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))
