"""Administrative divisions: codes, names, and finding the code that a written place name means.

A code has 12 digits: province 2, league or city 4, banner or county 6, township 9, village 12; the rest are zeros.
Wherever a code is asked for, a prefix (`"152221"`) or any zero-padded form of it is accepted.

Registers write village names in other ways than the statistics do (`永进村` for `永进村村民委员会`, `巴彦嘎查` for
`巴彦嘎查村委会`), so names are compared by their stem, without the words for the kind of place.
"""

from __future__ import annotations

import csv
import difflib
import gzip
import io
import re
from collections import defaultdict
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from khotail.facts.problems import UnknownRegion

if TYPE_CHECKING:
    import pyarrow

Level = Literal["country", "province", "league", "banner", "township", "village"]

#: length of the meaningful part of a code, by level
PREFIX_LENGTHS: dict[Level, int] = {"province": 2, "league": 4, "banner": 6, "township": 9, "village": 12}

_PEOPLES = "满族|蒙古族|回族|朝鲜族|鄂温克族|鄂伦春族|达斡尔族|俄罗斯族|锡伯族|各族|蒙古"
_STEMS = {
    "banner": re.compile(rf"^(.+?)(?:{_PEOPLES})*(?:自治旗|联合旗|自治县|旗|县|市|区)?$"),
    "township": re.compile(rf"^(.+?)(?:{_PEOPLES})*(?:苏木|民族乡|镇|乡|街道办事处|街道|办事处)?(?:人民政府|政府)?$"),
    "village": re.compile(r"^(.+?)(?:嘎查|社区|村|居)*(?:村民|居民|牧民)?(?:委员会|委会)?$"),
}
#: A longer cell is no place name, and the patterns above take time that grows with the square of its length.
_LONGEST_NAME = 80
#: how banners are called for short
_SHORTENED = (
    ("科尔沁右翼", "科右"),
    ("科尔沁左翼", "科左"),
    ("察哈尔右翼", "察右"),
    ("达尔罕茂明安", "达茂"),
    ("莫力达瓦", "莫"),
    ("西乌珠穆沁", "西乌"),
    ("东乌珠穆沁", "东乌"),
    ("阿鲁科尔沁", "阿"),
)


class Regions:
    """The divisions of one province. `Regions.load()` gives the packaged list, read once."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._children: dict[str, list[str]] = defaultdict(list)
        for code in sorted(names):
            self._children[self._parent(code)].append(code)
        self._index: dict[str, dict[str, list[str]]] = {}
        self._banners = [code for code in names if not code[6:].strip("0") and code[4:6] != "00"]
        self._banner_names = {names[code]: code for code in self._banners}
        self._banner_stems: dict[str, set[str]] = defaultdict(set)
        for code in self._banners:
            for written in (names[code], _shortened(names[code])):
                self._banner_stems[stem(written, "banner")].add(code)

    @classmethod
    def load(cls) -> Regions:
        return _load()

    def normalise(self, code: str) -> str:
        """The 12-digit form of a code or prefix; `""` for `""`."""
        digits = re.sub(r"\D", "", code)[:12]
        return digits.ljust(12, "0") if digits else ""

    def exists(self, code: str) -> bool:
        """Whether a code, or a prefix of 2, 4, 6, 9 or 12 digits, is in the list. `""` (everywhere) exists."""
        if code == "":
            return True
        return code.isdecimal() and len(code) in (2, 4, 6, 9, 12) and self.normalise(code) in self._names

    def name(self, code: str) -> str:
        """The division's own name; the code itself where it is not in the list."""
        return self._names.get(self.normalise(code), code)

    def full_name(self, code: str) -> str:
        """Names from the province down, e.g. 内蒙古自治区兴安盟科尔沁右翼前旗."""
        code = self.normalise(code)
        prefixes = dict.fromkeys(code[:length].ljust(12, "0") for length in PREFIX_LENGTHS.values())
        known = [self._names[prefix] for prefix in prefixes if prefix in self._names]
        return "".join(known) or code

    def level(self, code: str) -> Level:
        code = self.normalise(code)
        for level, length in PREFIX_LENGTHS.items():
            if code and not code[length:].strip("0"):
                return level
        return "village" if code else "country"

    def children(self, code: str) -> list[str]:
        """12-digit codes of the divisions one level below; of `""`, the provinces."""
        return list(self._children.get(self.normalise(code), ()))

    def find(self, banner: str | None, township: str | None = None, village: str | None = None) -> str | None:
        """The code of the place that these names mean, as deep as names are given; None if any of them is unknown.

        Without a banner's name the township must be the only one of that name in the province.
        """
        code = self._find_banner(banner) if banner else None
        if banner and code is None:
            return None
        if township:
            if code:
                code = self._match(code, "township", township)
            else:
                matches = [self._match(one, "township", township) for one in self._banners]
                found = [one for one in matches if one]
                if village and len(found) > 1:
                    found = [one for one in found if self._match(one, "village", village)]
                code = found[0] if len(found) == 1 else None
            if code is None:
                return None
        if village:
            return self._match(code, "village", village) if code and township else None
        return code

    def nearest(self, text: str, under: str | None = None) -> str | None:
        """The name (or code, if `text` is digits) most like `text`, among the children of `under` or the banners."""
        text = text.strip()
        if not text:
            return None
        if text.isdecimal():
            padded = self.normalise(text)
            codes = [code for code in self._names if code[:4] == padded[:4]] or self._banners
            close = difflib.get_close_matches(padded, codes, 1, 0.5)
            return close[0] if close else None
        pool = list(self._banner_names) if under is None else [self._names[code] for code in self.children(under)]
        close = difflib.get_close_matches(text, pool, 1, 0.4)
        return close[0] if close else None

    def arrow(self) -> pyarrow.Table:
        """code, name, level, parent_code: for joins in SQL."""
        import pyarrow

        codes = sorted(self._names)
        columns: dict[str, Any] = {
            "code": codes,
            "name": [self._names[code] for code in codes],
            "level": [self.level(code) for code in codes],
            "parent_code": [self._parent(code) or None for code in codes],
        }
        return pyarrow.table({name: pyarrow.array(values, pyarrow.string()) for name, values in columns.items()})

    def _parent(self, code: str) -> str:
        lengths = [0, *PREFIX_LENGTHS.values()]
        depth = next(at for at, length in enumerate(lengths) if not code[length:].strip("0"))
        return code[: lengths[depth - 1]].ljust(12, "0") if depth > 1 else ""

    def _find_banner(self, name: str) -> str | None:
        name = re.sub(r"\s", "", name)
        if name in self._banner_names:
            return self._banner_names[name]
        # A full path (内蒙古自治区兴安盟科尔沁右翼前旗) ends in the banner's name.
        endings = [known for known in self._banner_names if name.endswith(known)]
        if endings:
            return self._banner_names[max(endings, key=len)]
        found = self._banner_stems.get(stem(name, "banner"), set()) | self._banner_stems.get(
            stem(_shortened(name), "banner"), set()
        )
        return next(iter(found)) if len(found) == 1 else None

    def _match(self, parent: str, level: str, name: str) -> str | None:
        name = re.sub(r"\s", "", name)
        index = self._index_of(parent, level)
        found = index.get(name) or index.get(stem(name, level)) or []
        if not found and level == "village":
            # The township's or banner's name is often written in front of the village's.
            own = self._names.get(parent, "")
            if own and name.startswith(own) and name != own:
                return self._match(parent, level, name.removeprefix(own))
        if len(found) > 1:
            ranked = sorted(found, key=lambda code: -_likeness(name, self._names[code]))
            if _likeness(name, self._names[ranked[0]]) == _likeness(name, self._names[ranked[1]]):
                return None
            return ranked[0]
        return found[0] if found else None

    def _index_of(self, parent: str, level: str) -> dict[str, list[str]]:
        if parent not in self._index:
            index: dict[str, list[str]] = defaultdict(list)
            for code in self.children(parent):
                for key in {self._names[code], stem(self._names[code], level)}:
                    index[key].append(code)
            self._index[parent] = dict(index)
        return self._index[parent]


def stem(name: str, level: str) -> str:
    """A place name without the words for its kind: 永进村村民委员会 → 永进."""
    if len(name) > _LONGEST_NAME:
        return name
    matched = _STEMS[level].match(name)
    return matched.group(1) if matched else name


def check_region(code: str) -> None:
    """Raise UnknownRegion, with the nearest code and its name, unless `code` is a known code or prefix, or `""`."""
    regions = Regions.load()
    if not regions.exists(code):
        near = regions.find(code) or regions.nearest(code) or ""
        near = near if near.isdecimal() else regions.find(near) or "150000000000"
        raise UnknownRegion(region=code, nearest=f"{_significant(near)} {regions.full_name(near)}")


def banners_geojson() -> str:
    """The outlines of the banners as GeoJSON text; `properties.code` is the 12-digit code."""
    return resources.files(__name__).joinpath("banners_15.geojson").read_text(encoding="utf-8")


def _significant(code: str) -> str:
    """A code without the zeros that only pad it."""
    return next(code[:length] for length in (2, 4, 6, 9, 12) if not code[length:].strip("0"))


def _shortened(name: str) -> str:
    for full, short in _SHORTENED:
        name = name.replace(full, short)
    return name


def _likeness(left: str, right: str) -> float:
    return difflib.SequenceMatcher(None, left, right).ratio()


@lru_cache(maxsize=1)
def _load() -> Regions:
    packed = resources.files(__name__).joinpath("regions_15.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode("utf-8")))
    return Regions({row["code"]: row["name"] for row in rows})
