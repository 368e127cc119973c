"""What may be shown of a person outside the register: no ID number, phone number or bank account in full.

`identity.masked` masks one number that is known to be an ID number; the functions here find numbers within text.
"""

from __future__ import annotations

import re

from khotail.facts.identity import masked

# 15 or 18 digits with a possible date of birth in the right place: such a number is an ID number and no household's.
# A disability card's number has two or four digits more.
_ID_IN_TEXT = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?:\d{2}){0,2}"
    r"|\d{2}(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3})(?!\d)"
)
_MOBILE_IN_TEXT = re.compile(r"(?<![\d.,])1[3-9]\d{9}(?![\d.,])")
#: Cards of Chinese banks begin with 62 (ISO/IEC 7812) and have 16 to 19 digits.
_CARD_IN_TEXT = re.compile(r"(?<![\d.,])62\d{14,17}(?![\d.,])")

# The same for the engine, whose patterns cannot look around themselves: what stands before and after is kept.
_SQL_PATTERNS = (
    (
        r"(^|[^0-9])([1-9][0-9]{5})((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01]))([0-9]{3}[0-9Xx])($|[^0-9])",
        r"\1\2********\4\5",
    ),
    (
        r"(^|[^0-9])([1-9][0-9]{5})((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{2})"
        r"([0-9][0-9Xx][0-9]{2})($|[^0-9])",
        r"\1\2**********\4\5",
    ),
    (
        r"(^|[^0-9])([1-9][0-9]{5})((?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{3}[0-9Xx])"
        r"([0-9]{4})($|[^0-9])",
        r"\1\2************\4\5",
    ),
    (
        r"(^|[^0-9])([1-9][0-9]{5})([0-9]{2}(?:0[1-9]|1[0-2])[0-3])([0-9]{4})($|[^0-9])",
        r"\1\2*****\4\5",
    ),
    (r"(^|[^0-9.,])(1[3-9][0-9])([0-9]{4})([0-9]{4})($|[^0-9.,])", r"\1\2****\4\5"),
    *(
        (rf"(^|[^0-9.,])(62[0-9]{{4}})([0-9]{{{hidden}}})([0-9]{{4}})($|[^0-9.,])", rf"\1\2{'*' * hidden}\4\5")
        for hidden in range(6, 10)
    ),
)


def masked_phone(number: str) -> str:
    """A phone number with only its first three and last four characters: `139****1234`."""
    return number[:3] + "*" * max(len(number) - 7, 0) + number[-4:] if len(number) > 7 else "*" * len(number)


def masked_name(name: str) -> str:
    """A name with only its first character: `张**`."""
    return name[:1] + "*" * (len(name) - 1)


def masked_text(text: str) -> str:
    """`text` with every ID number, mobile number and bank card in it masked."""
    text = _ID_IN_TEXT.sub(lambda found: masked(found.group()), text)
    text = _MOBILE_IN_TEXT.sub(lambda found: masked_phone(found.group()), text)
    return _CARD_IN_TEXT.sub(lambda found: masked(found.group()), text)


def masked_value(column: str, value: str | None) -> str | None:
    """One value of a fact column or indicator, as `masked_text` would have it; a number of a person's always."""
    if value is None:
        return None
    if column.endswith("id_number"):
        return masked(value)
    if column.endswith("phone"):
        return masked_phone(value)
    return masked_text(value)


def masked_value_sql(column: str, value: str) -> str:
    """`masked_value` as DuckDB SQL; `column` and `value` are SQL for the column's name and the value."""
    within = value
    # Twice, since of two numbers that share the sign between them a pattern takes the first only.
    for pattern, shown in _SQL_PATTERNS * 2:
        within = f"regexp_replace({within}, '{pattern}', '{shown}', 'g')"
    return (
        f"CASE WHEN ends_with({column}, 'id_number') THEN {_hidden_sql(value, 6, 10)} "
        f"WHEN ends_with({column}, 'phone') THEN {_hidden_sql(value, 3, 7)} "
        f"WHEN length({value}) < 11 THEN {value} ELSE {within} END"
    )


def _hidden_sql(value: str, first: int, shown: int) -> str:
    """SQL that shows the first and the last four characters; nothing of a value that is no longer than these."""
    return (
        f"CASE WHEN length({value}) > {shown} THEN "
        f"concat(left({value}, {first}), repeat('*', length({value}) - {shown}), right({value}, 4)) "
        f"ELSE repeat('*', length({value})) END"
    )
