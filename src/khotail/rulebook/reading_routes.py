"""Routes as they are written in YAML: one file per branch of the class tree, whose keys are defaults of its classes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from khotail.rulebook.entries import Entry
from khotail.rulebook.keys import at
from khotail.rulebook.model import CAUSES, Change, Place, Rulebook
from khotail.rulebook.procedures import LEVELS
from khotail.rulebook.reading_procedures import ProcedureReader
from khotail.rulebook.routes import ATTRIBUTE_KINDS, FIELDS, Days, RightsCard, Route, RouteAttribute, RouteGroup
from khotail.texts import Text

_INHERITED = frozenset([
    "field", "level", "accept_days", "days", "extend_days", "quiet", "urgent", "causes", "card", "region", "since", "until",
    "source", "confidence",
])  # fmt: skip
_GROUP_KEYS = frozenset(["id", "name", "routes"]) | _INHERITED
_ROUTE_KEYS = frozenset(["id", "name", "description", "words", "attributes"]) | _INHERITED
_CARD_KEYS = frozenset(["post", "basis", "steps", "disclosed"])
_ATTRIBUTE_KEYS = frozenset(["id", "kind", "label", "required", "values"])
#: Fewer ways of saying it and a message is hardly ever recognised.
_LEAST_WORDS = 3


class RouteReader(ProcedureReader):
    """Reads the folder `routes` of a book."""

    def take_routes(self, book: Rulebook, folder: Path) -> Iterable[Change]:
        for path in sorted((folder / "routes").glob("*.yaml")):
            place = Place(book.id, f"{folder.name}/{path.relative_to(folder)}", 1)
            for group in self._entries(self._yaml(folder, path), place, ""):
                yield from self._group(book, group, replace(place, line=group.line))

    def _group(self, book: Rulebook, entry: Entry, place: Place) -> Iterable[Change]:
        id_ = entry["id"]
        self._check_keys(entry, _GROUP_KEYS, place, id_)
        if id_ not in book.route_groups or "name" in entry:
            book.route_groups[id_] = RouteGroup(id_, self._text(entry, "name", place, id_), place)
        for written in self._entries(entry.get("routes"), at(entry, "routes", place), id_):
            where = replace(place, line=written.line)
            self._check_keys(written, _ROUTE_KEYS, where, written["id"])
            change = self._route(book, id_, _with_defaults(written, entry), where)
            if change:
                yield change

    def _route(self, book: Rulebook, group: str, entry: Entry, place: Place) -> Change | None:
        id_ = entry["id"]
        if not self._dated(entry, place, id_):
            return None
        words = self._said(entry, place, id_)
        route = Route(
            id=id_,
            group=group,
            name=self._text(entry, "name", place, id_),
            description=self._text(entry, "description", place, id_),
            words=words,
            field=self._catalogued(entry, "field", FIELDS, place, id_),
            level=self._catalogued(entry, "level", LEVELS, place, id_),
            accept_days=self._days(book, entry, "accept_days", place, id_),
            days=self._days(book, entry, "days", place, id_),
            extend_days=self._days(book, entry, "extend_days", place, id_),
            quiet=self._yes(entry, "quiet", place, id_, default=False),
            urgent=self._yes(entry, "urgent", place, id_, default=False),
            causes=self._words(entry, "causes", CAUSES, place, id_),
            card=self._card(entry, place, id_),
            attributes=self._attributes(entry, place, id_),
            region=self._region(entry.get("region"), book.region, at(entry, "region", place), id_),
            since=entry["since"],
            until=entry.get("until"),
            source=str(entry.get("source") or ""),
            confidence=entry.get("confidence", "high"),
            place=place,
        )
        if route.causes and not route.quiet:
            self._flaw(
                at(entry, "causes", place), id_,
                "会转为返贫线索（causes）的类别不得公开，请写 quiet: true。",
                "A class that raises a lead (`causes`) must not be public: say `quiet: true`.",
            )  # fmt: skip
        known = book.routes.get(id_)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"类别已在 {known.place} 定义。", f"The class is already defined at {known.place}.")
        book.routes[id_] = route
        return Change("replaces" if known else "adds", "route", id_, f"{route.field}, {route.level}", place)

    def _said(self, entry: Entry, place: Place, id_: str) -> tuple[str, ...]:
        written = entry.get("words")
        words = tuple(str(word).strip() for word in written) if isinstance(written, list) else ()
        if len(words) < _LEAST_WORDS:
            self._flaw(
                at(entry, "words", place), id_,
                f"words 至少写 {_LEAST_WORDS} 种群众的说法。",
                f"`words` needs at least {_LEAST_WORDS} ways in which people say it.",
            )  # fmt: skip
        return words

    def _days(self, book: Rulebook, entry: Entry, key: str, place: Place, id_: str) -> Days:
        """A number of working days, or `:name` of a parameter."""
        written = entry.get(key)
        place = at(entry, key, place)
        if isinstance(written, int) and not isinstance(written, bool) and written >= 0:
            return written
        name = str(written or "")
        if not name.startswith(":"):
            self._flaw(
                place,
                id_,
                f"{key} 应是工作日数，或“:参数名”。",
                f"`{key}` is a number of working days or `:parameter`.",
            )
            return 0
        if name[1:] not in book.parameters:
            self._flaw(
                place, id_, f"没有名为“{name[1:]}”的参数。", f"There is no parameter “{name[1:]}”."
            )  # fmt: skip
            return 0
        return name[1:]

    def _card(self, entry: Entry, place: Place, id_: str) -> RightsCard:
        place = at(entry, "card", place)
        card = entry.get("card")
        if not isinstance(card, Entry):
            self._flaw(place, id_, "缺少权责卡（card）。", "The rights card (`card`) is missing.")
            return RightsCard(Text("", ""), "", (), Text("", ""))
        self._check_keys(card, _CARD_KEYS, place, id_)
        if not card.get("basis"):
            self._flaw(place, id_, "权责卡没有写依据（basis）。", "The rights card names no legal basis (`basis`).")
        return RightsCard(
            post=self._text(card, "post", place, id_),
            basis=str(card.get("basis") or ""),
            steps=tuple(self._sentences(card.get("steps"), place, id_)),
            disclosed=self._text(card, "disclosed", place, id_),
        )

    def _sentences(self, written: Any, place: Place, id_: str) -> Iterable[Text]:
        for item in written if isinstance(written, list) else []:
            if isinstance(item, Entry) and item.get("zh") and item.get("en"):
                yield Text(str(item["zh"]).strip(), str(item["en"]).strip())
            else:
                self._flaw(place, id_, "步骤要有中文（zh）和英文（en）。", "A step needs both `zh` and `en`.")

    def _attributes(self, entry: Entry, place: Place, id_: str) -> tuple[RouteAttribute, ...]:
        found = []
        for item in self._entries(entry.get("attributes") or [], at(entry, "attributes", place), id_):
            where = replace(place, line=item.line)
            self._check_keys(item, _ATTRIBUTE_KEYS, where, id_)
            values = tuple(
                (value["id"], self._text(value, "label", where, id_))
                for value in self._entries(item.get("values") or [], where, id_)
            )
            kind = self._catalogued(item, "kind", ATTRIBUTE_KINDS, where, id_)
            if bool(values) != kind.endswith("valuelist"):
                self._flaw(
                    where,
                    id_,
                    "values 只用于（且必须用于）valuelist。",
                    "`values` belong to (and are needed by) lists.",
                )
            found.append(
                RouteAttribute(
                    id=item["id"],
                    kind=kind,  # type: ignore[arg-type]
                    label=self._text(item, "label", where, id_),
                    required=self._yes(item, "required", where, id_, default=False),
                    values=values,
                )
            )
        return tuple(found)


def _with_defaults(entry: Entry, group: Entry) -> Entry:
    """The class with what its branch says for all; lines point to where each key stands."""
    whole = Entry({key: group[key] for key in _INHERITED if key in group} | entry)
    whole.line = entry.line
    whole.lines = group.lines | entry.lines
    return whole
