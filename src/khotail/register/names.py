"""Initials of names: 王小明 → wxm. Each character is looked up once per process."""

from __future__ import annotations

import functools
import unicodedata

from pypinyin import Style, pinyin

_LENGTH = 30


@functools.lru_cache(maxsize=20_000)
def initials_of(name: str) -> str:
    """The first letters of a name's pinyin, of words in letters the first letter of each; at most 30."""
    found = []
    before = " "
    for character in unicodedata.normalize("NFKC", name):
        if "\u3400" <= character <= "\u9fff" or character >= "\U00020000":
            found.append(_initial(character))
        elif character.isalpha() and not (before.isascii() and before.isalpha()):
            found.append(character.lower())
        before = character
    return "".join(found)[:_LENGTH]


@functools.cache
def _initial(character: str) -> str:
    letter = pinyin(character, style=Style.FIRST_LETTER, strict=False)[0][0][:1].lower()
    return letter if letter.isascii() and letter.isalpha() else ""
