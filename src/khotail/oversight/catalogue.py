"""What the register of policies is held against: the rural-revitalisation catalogue and the lists of key banners."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from khotail.texts import Text

_DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class CataloguePlace:
    """Where a policy has its place under rural revitalisation."""

    id: str
    name: Text
    chapter: Text


@dataclass(frozen=True)
class KeyList:
    """Banners that a level named for special support, with the days between which the list holds and its source."""

    level: str
    since: date
    until: date | None
    source: str
    banners: tuple[str, ...]

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)


@functools.cache
def catalogue() -> dict[str, CataloguePlace]:
    """Places by id, chapter by chapter."""
    read = _read("catalogue.yaml")
    chapters = {each["id"]: Text(**each["name"]) for each in read["chapters"]}
    return {
        each["id"]: CataloguePlace(each["id"], Text(**each["name"]), chapters[each["chapter"]])
        for each in read["places"]
    }


@functools.cache
def catalogue_source() -> str:
    return str(_read("catalogue.yaml")["source"])


@functools.cache
def key_lists() -> tuple[KeyList, ...]:
    return tuple(
        KeyList(each["level"], each["since"], each["until"], each["source"], tuple(each["banners"]))
        for each in _read("key_banners.yaml")
    )


def key_list_of(banner: str, on: date) -> KeyList | None:
    """The list that names a banner on a day."""
    return next((each for each in key_lists() if banner in each.banners and each.holds_on(on)), None)


def _read(name: str) -> Any:
    return yaml.safe_load((_DATA / name).read_text(encoding="utf-8"))
