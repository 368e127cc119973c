"""Traditional Mongolian: texts whose source is named, and Chinese for everything else.

Nothing is translated here by guessing. Each text says where it comes from: the Unicode CLDR (`catalogues/`), or a banner's
own file of verified texts, `KHOTAIL_HOME/mongolian.csv` with the columns text, mongolian, source. Django would take its own
Cyrillic Mongolian for what is missing; a reader of the vertical script is served better by Chinese.
"""

from __future__ import annotations

import csv
import functools
import gettext
import json
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import trans_real

from khotail.portal import texts

CODE = "mn-mong"
_PACKAGED = Path(__file__).parent / "catalogues" / "mongolian_cldr.json"
_OWN = "mongolian.csv"
_COLUMNS = ("text", "mongolian", "source")
_LARGEST_BYTES, _LONGEST = 2 * 1024 * 1024, 2000
_MONGOLIAN = re.compile(r"[\u1820-\u18aa]")
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[a-z%]")


@dataclass(frozen=True)
class Own:
    """A banner's own texts: English as in the program → Mongolian; and, in words, which lines were left out and why."""

    texts: dict[str, str]
    sources: dict[str, str]
    problems: tuple[str, ...] = ()


@functools.cache
def packaged() -> dict[str, dict[str, str]]:
    """Text → its Mongolian (`mongolian`) and where in the CLDR it stands (`source`)."""
    read = json.loads(_PACKAGED.read_text(encoding="utf-8"))
    return {each["text"]: each for each in read["texts"]}


@functools.cache
def own_texts() -> Own:
    """The banner's own file, read once for each process. A line that is not right is left out and told."""
    path = Path(settings.KHOTAIL_HOME) / _OWN
    if not path.exists():
        return Own({}, {})
    if path.stat().st_size > _LARGEST_BYTES:
        return Own({}, {}, (f"{path}: larger than 2 MB; nothing of it is used.",))
    try:
        rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(keepends=True)))
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        return Own({}, {}, (f"{path}: cannot be read as CSV in UTF-8 ({error}); nothing of it is used.",))
    found, sources, problems = {}, {}, []
    for number, row in enumerate(rows, start=2):
        text, mongolian, source = ((row.get(name) or "").strip() for name in _COLUMNS)
        if not mongolian:
            continue  # still to be translated
        flaw = _flaw(text, mongolian, source, found)
        if flaw:
            problems.append(f"{path}, line {number}: {flaw}; this line is not used.")
        else:
            found[text], sources[text] = mongolian, source
    return Own(found, sources, tuple(problems))


def _flaw(text: str, mongolian: str, source: str, found: dict[str, str]) -> str:
    if text not in texts.of_portal():
        return f"“{text[:60]}” is no text of the portal; take the texts from `khotail manage mongolian`"
    if text in found:
        return f"“{text[:60]}” stands there twice"
    if not source:
        return "there is no source: say who translated it and who checked it"
    if not _MONGOLIAN.search(mongolian):
        return "there is no letter of the Mongolian script in it"
    if sorted(_PLACEHOLDER.findall(text)) != sorted(_PLACEHOLDER.findall(mongolian)):
        return "what stands in %(…)s must be the same in both"
    if "<" in mongolian or len(mongolian) > _LONGEST:
        return "it holds a “<” or is too long"
    return ""


class Translation(trans_real.DjangoTranslation):
    """What has a Mongolian text is said in it, everything else in Chinese."""

    def __init__(self) -> None:
        gettext.GNUTranslations.__init__(self)
        self.plural = lambda n: 0
        said = {text: each["mongolian"] for text, each in packaged().items()} | own_texts().texts
        self._catalog = trans_real.TranslationCatalog()
        self._catalog._catalogs[0].update(said)
        self.add_fallback(trans_real.translation("zh-hans"))

    def language(self) -> str:
        return CODE

    def to_language(self) -> str:
        return CODE

    def __repr__(self) -> str:
        return f"<Translation {CODE}>"


def install() -> None:
    """Let Django find the language. Done again where the translations were emptied."""
    if not isinstance(trans_real._translations.get(CODE), Translation):
        trans_real._translations[CODE] = Translation()


def share() -> tuple[int, int]:
    """How many of the portal's own texts have a Mongolian one, and how many texts there are."""
    all_texts = texts.of_portal()
    said = {**packaged(), **own_texts().texts}
    return sum(text in said for text in all_texts), len(all_texts)
