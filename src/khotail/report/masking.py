"""What a report may show of a person.

The page shows no names and no ID numbers; a reason that quotes one shows it masked. The village workbooks go to the
cadre who visits the household: they show names, and ID numbers masked.
"""

from __future__ import annotations

import re

# 15 or 18 digits with a possible date of birth in the right place: such a number is an ID number and no household's.
# A disability card's number has two or four digits more.
_ID_IN_TEXT = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?:\d{2}){0,2}"
    r"|\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3})(?!\d)"
)
_MOBILE_IN_TEXT = re.compile(r"(?<![\d.,])1[3-9]\d{9}(?![\d.,])")


def masked_id(number: str | None) -> str:
    """An ID number with only its first six and last two characters: `152221**********24`."""
    if not number:
        return ""
    if len(number) <= 8:
        return "*" * len(number)
    return number[:6] + "*" * (len(number) - 8) + number[-2:]


def masked_phone(number: str) -> str:
    """A phone number with only its first three and last four characters: `139****1234`."""
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "*" * len(number)


def masked_name(name: str) -> str:
    """A name with only its first character: `张**`."""
    return name[:1] + "*" * (len(name) - 1)


def masked_text(text: str) -> str:
    """`text` with every ID number and every mobile number in it masked."""
    text = _ID_IN_TEXT.sub(lambda found: masked_id(found.group()), text)
    return _MOBILE_IN_TEXT.sub(lambda found: masked_phone(found.group()), text)
