"""Programmes as they are written in YAML: `programmes/*.yaml` of a book, and what a scenario adds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from khotail.rulebook.entries import Entry
from khotail.rulebook.expressions import Expression
from khotail.rulebook.keys import at
from khotail.rulebook.model import Change, Place, Rulebook
from khotail.rulebook.procedures import MEASURE_CATEGORIES
from khotail.rulebook.programmes import (
    COUNTS_AS,
    PAYING_LEVELS,
    PROGRAMME_LEVELS,
    TRANSITIONS,
    Cap,
    Payer,
    Programme,
    Seen,
)
from khotail.rulebook.reading_forms import FormReader
from khotail.rulebook.worked import WrittenExamples

_PROGRAMME_KEYS = frozenset([
    "id", "name", "category", "level", "who", "amount", "because", "mend", "pays", "conflicts", "cap", "withdrawal",
    "transition", "successor", "received_as", "counts_as", "region", "since", "until", "source", "confidence", "examples",
])  # fmt: skip
_PAYER_KEYS = frozenset(["level", "fund"])
_CAP_KEYS = frozenset(["household", "share", "of"])
_SEEN_KEYS = frozenset(["benefits", "measures", "when"])
_MOST_MONTHS = 60


class ProgrammeReader(FormReader):
    """Reads the folder `programmes` of a book.

    examples_needed  a programme must have worked examples; one that a scenario tries out need not
    """

    examples_needed = True

    def take_programmes(self, book: Rulebook, folder: Path) -> Iterable[Change]:
        yield from self._take_each(book, folder, "programmes", self.programme)

    def programme(self, book: Rulebook, entry: Entry, place: Place) -> Change | None:
        """Take one programme into the book; None, with its flaws kept, where it cannot be used."""
        id_ = entry["id"]
        self._check_keys(entry, _PROGRAMME_KEYS, place, id_)
        level = self._catalogued(entry, "level", PROGRAMME_LEVELS, place, id_)
        who = self._expression(entry, "who", place, id_)
        amount = self._expression(entry, "amount", place, id_)
        if not self._dated(entry, place, id_) or who is None or amount is None or level not in PROGRAMME_LEVELS:
            return None
        if self.examples_needed and not entry.get("examples"):
            self._flaw(place, id_, "没有例子（examples）。", "It has no examples.")
        known = book.programmes.get(id_)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"项目已在 {known.place} 定义。", f"It is already defined at {known.place}.")
        successor = entry.get("successor")
        book.programmes[id_] = Programme(
            id=id_,
            name=self._text(entry, "name", place, id_),
            category=self._catalogued(entry, "category", MEASURE_CATEGORIES, place, id_),
            level=level,
            who=who,
            amount=amount,
            because=self._text(entry, "because", place, id_),
            mend=self._text(entry, "mend", place, id_),
            pays=self._payer(entry, place, id_),
            conflicts=_listed(entry.get("conflicts")),
            cap=self._cap(entry, place, id_),
            withdrawal=self._months(entry, place, id_),
            transition=self._catalogued(entry, "transition", TRANSITIONS, place, id_),  # type: ignore[arg-type]
            successor=None if successor is None else str(successor),
            received_as=self._seen(entry, place, id_),
            counts_as=self._catalogued(entry, "counts_as", COUNTS_AS, place, id_),  # type: ignore[arg-type]
            region=self._region(entry.get("region"), book.region, at(entry, "region", place), id_),
            since=entry["since"],
            until=entry.get("until"),
            source=str(entry.get("source") or ""),
            confidence=entry.get("confidence", "high"),
            worked=WrittenExamples(entry.get("examples"), place, id_, book.region, amounts=True),
            place=place,
            order=known.order if known else len(book.programmes),
            lines=entry.lines,
        )
        detail = f"{who.sql} → {amount.sql}"
        return Change("replaces" if known else "adds", "programme", id_, detail, place)

    def _payer(self, entry: Entry, place: Place, id_: str) -> Payer:
        written = self._mapping(entry, "pays", _PAYER_KEYS, place, id_)
        if written is None or not written.get("fund"):
            self._flaw(
                at(entry, "pays", place),
                id_,
                "缺少出资方：pays 要写 level（层级）和 fund（资金）。",
                "Who pays is missing: `pays` needs `level` and `fund`.",
            )
            return Payer("", "")
        return Payer(self._catalogued(written, "level", PAYING_LEVELS, place, id_), str(written["fund"]))

    def _cap(self, entry: Entry, place: Place, id_: str) -> Cap:
        if "cap" not in entry:
            return Cap()
        written = self._mapping(entry, "cap", _CAP_KEYS, place, id_)
        place = at(entry, "cap", place)
        if written is None:
            self._flaw(
                place, id_, "cap 要写 household，或 share 和 of。", "`cap` has `household`, or `share` and `of`."
            )
            return Cap()
        share = written.get("share")
        if ("share" in written) != ("of" in written):
            self._flaw(place, id_, "share 和 of 要一起写。", "`share` and `of` belong together.")
        if share is not None and (
            isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1
        ):
            self._flaw(
                place, id_, f"share 是“{share}”，应在 0 和 1 之间。", f"`share` is “{share}”; it lies between 0 and 1."
            )
            share = None
        return Cap(self._optional(written, "household", place, id_), share, self._optional(written, "of", place, id_))

    def _seen(self, entry: Entry, place: Place, id_: str) -> Seen:
        if "received_as" not in entry:
            return Seen()
        written = self._mapping(entry, "received_as", _SEEN_KEYS, place, id_)
        place = at(entry, "received_as", place)
        if not written:
            self._flaw(
                place, id_,
                "received_as 要写 benefits、measures 或 when。",
                "`received_as` has `benefits`, `measures` or `when`.",
            )  # fmt: skip
            return Seen()
        return Seen(
            _listed(written.get("benefits")),
            _listed(written.get("measures")),
            self._optional(written, "when", place, id_),
        )

    def _months(self, entry: Entry, place: Place, id_: str) -> int:
        months = entry.get("withdrawal", 0)
        if isinstance(months, bool) or not isinstance(months, int) or not 0 <= months <= _MOST_MONTHS:
            self._flaw(
                at(entry, "withdrawal", place),
                id_,
                f"渐退期（withdrawal）应是 0 至 {_MOST_MONTHS} 的月数。",
                f"`withdrawal` is a number of months from 0 to {_MOST_MONTHS}.",
            )
            return 0
        return months

    def _optional(self, entry: Entry, key: str, place: Place, id_: str) -> Expression | None:
        return self._expression(entry, key, place, id_) if key in entry else None

    def _mapping(self, entry: Entry, key: str, known: frozenset[str], place: Place, id_: str) -> Entry | None:
        written = entry.get(key)
        if not isinstance(written, Entry):
            return None
        self._check_keys(written, known, at(entry, key, place), id_)
        return written


def _listed(written: Any) -> tuple[str, ...]:
    if written is None:
        return ()
    return tuple(str(one) for one in (written if isinstance(written, list) else [written]))
