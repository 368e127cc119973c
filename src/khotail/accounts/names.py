"""Sign-in names from people's names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from pypinyin import lazy_pinyin

_LONGEST = 30


def sign_in_name(full_name: str, taken: Collection[str]) -> str:
    """The name's pinyin, with a number where somebody has it already: 王小明 → wangxiaoming, wangxiaoming2.

    taken  sign-in names in use, in lower case
    """
    spelt = unicodedata.normalize("NFKD", "".join(lazy_pinyin(full_name))).lower()
    stem = re.sub(r"[^a-z0-9]", "", spelt)[:_LONGEST] or "officer"
    number = 1
    while (name := stem if number == 1 else f"{stem}{number}") in taken:
        number += 1
    return name
