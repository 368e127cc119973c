"""Load a rulebook: its own folder laid over those that it extends."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from khotail import rulebooks
from khotail.rulebook.check import check
from khotail.rulebook.entries import Entry, is_day
from khotail.rulebook.keys import at
from khotail.rulebook.model import (
    CAUSES,
    PARENTS,
    SEVERITIES,
    Change,
    Indicator,
    Parameter,
    ParameterValue,
    Place,
    Rule,
    Rulebook,
)
from khotail.rulebook.problems import RulebookFlawed, UnknownRulebook
from khotail.rulebook.reading_programmes import ProgrammeReader
from khotail.rulebook.worked import WrittenExamples

BUILT_IN = Path(rulebooks.__file__).parent

_RULE_KEYS = frozenset([
    "id", "name", "level", "cause", "severity", "when", "because", "mend", "field", "source", "confidence", "since",
    "until", "examples",
])  # fmt: skip
_INDICATOR_KEYS = frozenset(
    ["id", "name", "level", "over", "by", "empty", "unit", "sql", "since", "source", "examples"]
)
_PARAMETER_KEYS = frozenset(["name", "unit", "values"])
_VALUE_KEYS = frozenset(["since", "region", "value", "source", "confidence", "note"])
_CONFIDENCES = ("high", "medium", "low")


def load_rulebook(book: str | Path = rulebooks.DEFAULT_BOOK) -> Rulebook:
    """Load, check and return a rulebook by built-in name (`cn`, `cn_15`) or by the path of its folder.

    Raises UnknownRulebook, or RulebookFlawed with every flaw found (file, line, entry, the nearest right name).
    """
    with _nothing_collected():
        reader = _Reader()
        loaded = reader.read(book)
        flaws = reader.flaws or check(loaded)
    if flaws:
        raise RulebookFlawed(sorted(flaws, key=lambda flaw: (flaw.place.file, flaw.place.line)))
    return loaded


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """No garbage collection meanwhile: a book is 100,000 small objects that all stay, gone over again and again."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def built_in_books() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in BUILT_IN.glob("*/book.yaml")))


class _Reader(ProgrammeReader):
    """Reads books into one Rulebook."""

    def __init__(self) -> None:
        super().__init__()
        self._reading: list[Path] = []

    def read(self, book: str | Path) -> Rulebook:
        folder = _folder_of(book)
        self._reading.append(folder.resolve())
        header = self._header(folder)
        place = Place(folder.name, f"{folder.name}/book.yaml", header.lines.get("region", 1))
        base = self._base(folder, header)
        id_ = str(header.get("id", folder.name))
        laid_over = Rulebook(
            id=id_,
            name=self._text(header, "name", replace(place, line=1), ""),
            region=self._region(header.get("region"), "", place, ""),
            parameters=dict(base.parameters) if base else {},
            indicators=dict(base.indicators) if base else {},
            rules=dict(base.rules) if base else {},
            procedures=dict(base.procedures) if base else {},
            needs=dict(base.needs) if base else {},
            routes=dict(base.routes) if base else {},
            route_groups=dict(base.route_groups) if base else {},
            forms=dict(base.forms) if base else {},
            programmes=dict(base.programmes) if base else {},
            books=(*(base.books if base else ()), id_),
        )
        changes = list(self._take_folder(laid_over, folder))
        return replace(laid_over, changes=tuple(changes) if base else ())

    def _header(self, folder: Path) -> Entry:
        """What book.yaml says; an empty entry, and a flaw, where it says nothing that can be used."""
        header = self._yaml(folder, folder / "book.yaml")
        if isinstance(header, Entry):
            return header
        empty = Entry()
        empty.lines = {}
        return empty

    def _base(self, folder: Path, header: Entry) -> Rulebook | None:
        """The book that this one is laid over."""
        extends = header.get("extends")
        if not extends:
            return None
        place = Place(folder.name, f"{folder.name}/book.yaml", header.lines["extends"])
        try:
            target = _folder_of(str(extends))
        except UnknownRulebook as unknown:
            self._flaw(place, "", unknown.text.zh, unknown.text.en)
            return None
        if target.resolve() in self._reading:
            self._flaw(place, "", "规则库循环继承（extends）。", "The books extend one another in a circle.")
            return None
        return self.read(str(extends))

    def _take_folder(self, book: Rulebook, folder: Path) -> Iterable[Change]:
        for path in sorted((folder / "parameters").glob("*.yaml")):
            yield from self._take_parameters(book, folder, path)
        for path in sorted((folder / "indicators").glob("*.yaml")):
            yield from self._take_list(book, folder, path, "indicator")
        for path in sorted((folder / "signals").glob("*.yaml")):
            yield from self._take_list(book, folder, path, "signal")
        for path in sorted((folder / "audits").glob("*.yaml")):
            yield from self._take_list(book, folder, path, "audit")
        yield from self.take_procedures(book, folder)
        yield from self.take_routes(book, folder)
        yield from self.take_forms(book, folder)
        yield from self.take_programmes(book, folder)

    def _take_parameters(self, book: Rulebook, folder: Path, path: Path) -> Iterable[Change]:
        content = self._yaml(folder, path)
        if content is not None and not isinstance(content, Entry):
            self._flaw(
                _place(book, folder, path, 1),
                "",
                "文件应是“参数名: 内容”的映射。",
                "The file must map parameter names to their contents.",
            )
            return
        content = content or Entry()
        for id_, entry in content.items():
            place = _place(book, folder, path, content.lines[id_])
            if not isinstance(entry, Entry):
                self._flaw(place, id_, "参数没有内容。", "The parameter has no contents.")
                continue
            self._check_keys(entry, _PARAMETER_KEYS, place, id_)
            if not self._is_sql_name(id_, place):
                continue
            items = entry.get("values")
            items = items if isinstance(items, list) else []
            values = [v for item in items if (v := self._value(book, folder, path, id_, item))]
            known = book.parameters.get(id_)
            if known is None:
                if not values:
                    self._flaw(place, id_, "参数没有取值（values）。", "The parameter has no values.")
                    continue
                name = self._text(entry, "name", place, id_)
                book.parameters[id_] = Parameter(id_, name, str(entry.get("unit", "")), tuple(values), place)
                yield Change("adds", "parameter", id_, _values_in_words(values), place)
            else:
                if known.place.book == book.id:
                    self._flaw(
                        place,
                        id_,
                        f"参数已在 {known.place} 定义。",
                        f"The parameter is already defined at {known.place}.",
                    )
                book.parameters[id_] = replace(known, values=(*known.values, *values))
                yield Change("sets", "parameter", id_, _values_in_words(values), place)

    def _value(self, book: Rulebook, folder: Path, path: Path, id_: str, item: Any) -> ParameterValue | None:
        place = _place(book, folder, path, getattr(item, "line", 1))
        if not isinstance(item, Entry) or not is_day(item.get("since")) or item.get("value") is None:
            self._flaw(place, id_, "取值要有 since（日期）和 value。", "A value needs `since` (a date) and `value`.")
            return None
        self._check_keys(item, _VALUE_KEYS, place, id_)
        source = str(item.get("source") or "")
        if not source:
            self._flaw(place, id_, "取值没有写来源（source）。", "The value has no source.")
        confidence = item.get("confidence", "high")
        if confidence not in _CONFIDENCES:
            self._one_of(at(item, "confidence", place), id_, "confidence", confidence, _CONFIDENCES)
            return None
        value = item["value"]
        is_known = isinstance(value, (int, str)) or is_day(value) or (isinstance(value, float) and math.isfinite(value))
        if isinstance(value, bool) or not is_known:
            self._flaw(
                at(item, "value", place),
                id_,
                "取值应是数字、文字或日期。",
                "The value must be a number, a text or a date.",
            )
            return None
        region = self._region(item.get("region"), book.region, at(item, "region", place), id_)
        return ParameterValue(item["since"], region, value, source, confidence, place)

    def _take_list(self, book: Rulebook, folder: Path, path: Path, kind: str) -> Iterable[Change]:
        content = self._yaml(folder, path)
        if content is not None and not isinstance(content, list):
            self._flaw(
                _place(book, folder, path, 1),
                "",
                "文件应是规则的列表（每条以“- id:”开头）。",
                "The file must be a list of entries, each starting with `- id:`.",
            )
            return
        take: Callable[[Rulebook, Entry, Place, str], tuple[str, str] | None]
        take = self._indicator if kind == "indicator" else self._rule
        for item in content or ():
            place = _place(book, folder, path, getattr(item, "line", 1))
            if not isinstance(item, Entry) or not isinstance(item.get("id"), str):
                self._flaw(
                    place,
                    "",
                    "缺少 id，或 id 不是文字（编号要加引号）。",
                    "The id is missing or is not text (put numbers in quotes).",
                )
                continue
            taken = take(book, item, place, kind)
            if taken:
                action, detail = taken
                yield Change(action, kind, item["id"], detail, place)  # type: ignore[arg-type]

    def _indicator(self, book: Rulebook, entry: Entry, place: Place, _: str) -> tuple[str, str] | None:
        id_ = entry["id"]
        self._check_keys(entry, _INDICATOR_KEYS, place, id_)
        level: Any = _word(entry, "level")
        if level not in PARENTS:
            self._one_of(at(entry, "level", place), id_, "level", level, PARENTS)
            return None
        over, empty = _word(entry, "over"), entry.get("empty")
        if not self._is_sql_name(id_, at(entry, "id", place)):
            return None
        if not isinstance(empty, (bool, int, float, str, type(None))):
            self._flaw(
                at(entry, "empty", place),
                id_,
                "empty 应是数字、文字或真假。",
                "`empty` must be a number, a text, true or false.",
            )
            return None
        expression = self._expression(entry, "sql", place, id_, aggregate=over is not None)
        if expression is None:
            return None
        known = book.indicators.get((level, id_))
        if known and known.place.book == book.id:
            self._flaw(
                place, id_, f"指标已在 {known.place} 定义。", f"The indicator is already defined at {known.place}."
            )
        book.indicators[level, id_] = Indicator(
            id=id_,
            name=self._text(entry, "name", place, id_),
            level=level,
            unit=str(entry.get("unit") or ""),
            expression=expression,
            over=over,
            by=_word(entry, "by"),
            empty=empty,
            worked=WrittenExamples(entry.get("examples"), place, id_, book.region),
            place=place,
            lines=entry.lines,
        )
        return ("replaces" if known else "adds"), expression.sql

    def _rule(self, book: Rulebook, entry: Entry, place: Place, kind: str) -> tuple[str, str] | None:
        id_ = entry["id"]
        self._check_keys(entry, _RULE_KEYS, place, id_)
        level: Any = _word(entry, "level")
        severity, cause = _word(entry, "severity"), _word(entry, "cause")
        if level not in PARENTS:
            self._one_of(at(entry, "level", place), id_, "level", level, PARENTS)
            return None
        if severity not in SEVERITIES[kind]:
            self._one_of(at(entry, "severity", place), id_, "severity", severity, SEVERITIES[kind])
        if kind == "signal" and cause not in CAUSES:
            self._one_of(at(entry, "cause", place), id_, "cause", cause, CAUSES)
        confidence = entry.get("confidence", "high")
        if confidence not in _CONFIDENCES:
            self._one_of(at(entry, "confidence", place), id_, "confidence", confidence, _CONFIDENCES)
        if not entry.get("source"):
            self._flaw(place, id_, "没有写来源（source）。", "The source is missing.")
        until = entry.get("until")
        if not is_day(entry.get("since")) or not (until is None or is_day(until)):
            self._flaw(
                at(entry, "since", place),
                id_,
                "since（和 until）应写日期，如 2021-05-14。",
                "`since` must be the date it holds from, as 2021-05-14, and `until`, if there is one, a date too.",
            )
            return None
        when = self._expression(entry, "when", place, id_)
        if when is None:
            return None
        if not entry.get("examples"):
            self._flaw(place, id_, "没有例子（examples）。", "It has no examples.")
        known = book.rules.get(id_)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"规则已在 {known.place} 定义。", f"The rule is already defined at {known.place}.")
        fields = entry.get("field") or []
        book.rules[id_] = Rule(
            id=id_,
            kind=kind,  # type: ignore[arg-type]
            name=self._text(entry, "name", place, id_),
            level=level,
            cause=cause,
            severity=str(severity),
            when=when,
            because=self._text(entry, "because", place, id_),
            mend=self._text(entry, "mend", place, id_),
            fields=tuple(str(name) for name in (fields if isinstance(fields, list) else [fields])),
            source=str(entry.get("source", "")),
            confidence=confidence,
            since=entry["since"],
            until=until,
            worked=WrittenExamples(entry.get("examples"), place, id_, book.region, both_outcomes=True),
            place=place,
            lines=entry.lines,
        )
        return ("replaces" if known else "adds"), when.sql


def _word(entry: Entry, key: str) -> str | None:
    """A value that should be one word. A list or mapping comes back as text, which no catalogue knows."""
    value = entry.get(key)
    return None if value is None else str(value)


def _folder_of(book: str | Path) -> Path:
    for folder in (BUILT_IN / str(book), Path(book)):
        if (folder / "book.yaml").is_file():
            return folder
    raise UnknownRulebook(name=book, known=", ".join(built_in_books()))


def _place(book: Rulebook, folder: Path, path: Path, line: int) -> Place:
    return Place(book.id, f"{folder.name}/{path.relative_to(folder)}", line)


def _values_in_words(values: Iterable[ParameterValue]) -> str:
    return "; ".join(f"{v.since} [{v.region}] {v.value}" for v in values)
