"""Procedures and needs as they are written in YAML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from khotail.rulebook.entries import Entry, is_day
from khotail.rulebook.expressions import Expression
from khotail.rulebook.keys import KeyReader, at
from khotail.rulebook.model import CAUSES, Change, Place, Rulebook
from khotail.rulebook.procedures import (
    CASE_COLUMNS,
    CATALOGUES,
    ENDINGS,
    EVIDENCE,
    FIELD_TYPES,
    LEVELS,
    MEASURE_CATEGORIES,
    PROCEDURE_KINDS,
    ROLES,
    Condition,
    Need,
    Outcome,
    Procedure,
    ProcedureStep,
    StepField,
)
from khotail.texts import Text

_PROCEDURE_KEYS = frozenset([
    "id", "kind", "name", "region", "since", "until", "total_days", "source", "confidence", "steps",
])  # fmt: skip
_STEP_KEYS = frozenset([
    "id", "name", "asks", "level", "roles", "deadline_days", "every_months", "hold_days", "bulk", "fields", "outcomes",
])  # fmt: skip
_FIELD_KEYS = frozenset(["id", "kind", "label", "required", "least", "most", "choices"])
_OUTCOME_KEYS = frozenset(["id", "label", "next", "begins", "ends", "returns", "reason", "evidence", "needs"])
_CONDITION_KEYS = frozenset(["that", "otherwise"])
_NEED_KEYS = frozenset(["id", "name", "cause", "household", "accepts", "source", "confidence", "since", "until"])
_CONFIDENCES = ("high", "medium", "low")
_HOUSEHOLDS = ("with_labour", "without_labour")
#: The longest id that the record keeps for a step, an outcome and a procedure.
_LONGEST_ID = 30


class ProcedureReader(KeyReader):
    """Reads the folders `procedures` and `needs` of a book."""

    def take_procedures(self, book: Rulebook, folder: Path) -> Iterable[Change]:
        yield from self._take_each(book, folder, "procedures", self._procedure)
        yield from self._take_each(book, folder, "needs", self._need)

    def _take_each(
        self, book: Rulebook, folder: Path, kind: str, take: Callable[[Rulebook, Entry, Place], Change | None]
    ) -> Iterable[Change]:
        for path in sorted((folder / kind).glob("*.yaml")):
            place = Place(book.id, f"{folder.name}/{path.relative_to(folder)}", 1)
            content = self._yaml(folder, path)
            for entry in self._entries(content, place, ""):
                change = take(book, entry, replace(place, line=entry.line))
                if change:
                    yield change

    def _procedure(self, book: Rulebook, entry: Entry, place: Place) -> Change | None:
        id_ = entry["id"]
        self._check_keys(entry, _PROCEDURE_KEYS, place, id_)
        if not self._dated(entry, place, id_):
            return None
        kind = self._catalogued(entry, "kind", PROCEDURE_KINDS, place, id_)
        procedure = Procedure(
            id=id_,
            kind=kind,  # type: ignore[arg-type]
            name=self._text(entry, "name", place, id_),
            region=self._region(entry.get("region"), book.region, at(entry, "region", place), id_),
            since=entry["since"],
            until=entry.get("until"),
            total_days=self._amount(entry, "total_days", place, id_),
            source=str(entry.get("source") or ""),
            confidence=entry.get("confidence", "high"),
            steps=tuple(
                self._step(step, replace(place, line=step.line), f"{id_}/{step['id']}")
                for step in self._entries(entry.get("steps"), at(entry, "steps", place), id_)
            ),
            place=place,
        )
        if not procedure.steps:
            self._flaw(at(entry, "steps", place), id_, "没有步骤（steps）。", "It has no steps.")
            return None
        known = book.procedures.get(procedure.key)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"程序已在 {known.place} 定义。", f"It is already defined at {known.place}.")
        book.procedures[procedure.key] = procedure
        steps = " → ".join(step.id for step in procedure.steps)
        return Change("replaces" if known else "adds", "procedure", procedure.key, steps, place)

    def _step(self, entry: Entry, place: Place, id_: str) -> ProcedureStep:
        self._check_keys(entry, _STEP_KEYS, place, id_)
        if ("deadline_days" in entry) == ("every_months" in entry):
            self._flaw(
                place,
                id_,
                "缺少办理时限：写 deadline_days（工作日）或 every_months（月）其中一个。",
                "The deadline is missing: give either `deadline_days` (working days) or `every_months`.",
            )
        return ProcedureStep(
            id=entry["id"],
            name=self._text(entry, "name", place, id_),
            asks=self._text(entry, "asks", place, id_),
            level=self._catalogued(entry, "level", LEVELS, place, id_),
            roles=self._words(entry, "roles", ROLES, place, id_, required=True),
            deadline_days=self._amount(entry, "deadline_days", place, id_),
            every_months=self._amount(entry, "every_months", place, id_),
            hold_days=self._amount(entry, "hold_days", place, id_),
            bulk=self._yes(entry, "bulk", place, id_, default=False),
            fields=tuple(
                self._field(field, replace(place, line=field.line), id_)
                for field in self._entries(entry.get("fields") or [], at(entry, "fields", place), id_)
            ),
            outcomes=tuple(
                self._outcome(outcome, replace(place, line=outcome.line), f"{id_}/{outcome['id']}")
                for outcome in self._entries(entry.get("outcomes"), at(entry, "outcomes", place), id_)
            ),
            place=place,
        )

    def _field(self, entry: Entry, place: Place, id_: str) -> StepField:
        self._check_keys(entry, _FIELD_KEYS, place, id_)
        kind = self._catalogued(entry, "kind", FIELD_TYPES, place, id_)
        if self._is_sql_name(entry["id"], at(entry, "id", place)) and entry["id"] in CASE_COLUMNS:
            name = entry["id"]
            self._flaw(place, id_, f"“{name}”是案件本身的列，请换名。", f"“{name}” is a column of the case itself.")
        choices = self._choices(entry, place, id_)
        if bool(choices) != (kind in ("choice", "several")):
            self._flaw(
                place, id_, "choices 只用于（且必须用于）choice 和 several。", "`choices` belong to choice and several."
            )
        return StepField(
            id=entry["id"],
            kind=kind,  # type: ignore[arg-type]
            label=self._text(entry, "label", place, id_),
            required=self._required(entry, place, id_),
            least=self._amount(entry, "least", place, id_),
            most=self._amount(entry, "most", place, id_),
            choices=choices,
            place=place,
        )

    def _required(self, entry: Entry, place: Place, id_: str) -> bool | tuple[str, ...]:
        """`required: [agreed]` asks for the field only with these outcomes."""
        written = entry.get("required")
        if isinstance(written, list):
            return tuple(str(outcome) for outcome in written)
        return self._yes(entry, "required", place, id_, default=True)

    def _choices(self, entry: Entry, place: Place, id_: str) -> dict[str, Text]:
        written = entry.get("choices")
        if written is None:
            return {}
        place = at(entry, "choices", place)
        if isinstance(written, str):
            if written not in CATALOGUES:
                self._one_of(place, id_, "choices", written, CATALOGUES)
            return CATALOGUES.get(written, {})
        choices = self._entries(written, place, id_)
        return {choice["id"]: self._text(choice, "label", replace(place, line=choice.line), id_) for choice in choices}

    def _outcome(self, entry: Entry, place: Place, id_: str) -> Outcome:
        self._check_keys(entry, _OUTCOME_KEYS, place, id_)
        if sum(key in entry for key in ("next", "begins", "ends")) != 1:
            self._flaw(
                place,
                id_,
                "写明结果去向：next、begins、ends 其中一个。",
                "Say where it leads: exactly one of `next`, `begins`, `ends`.",
            )
        returns = self._yes(entry, "returns", place, id_, default=False)
        begins = self._catalogued(entry, "begins", PROCEDURE_KINDS, place, id_) if "begins" in entry else None
        ends = self._catalogued(entry, "ends", ENDINGS, place, id_) if "ends" in entry else None
        return Outcome(
            id=entry["id"],
            label=self._text(entry, "label", place, id_),
            next=None if entry.get("next") is None else str(entry["next"]),
            begins=begins,  # type: ignore[arg-type]
            ends=ends,  # type: ignore[arg-type]
            returns=returns,
            reason=self._yes(entry, "reason", place, id_, default=returns),
            evidence=self._words(entry, "evidence", EVIDENCE, place, id_),
            needs=tuple(self._conditions(entry, place, id_)),
            place=place,
        )

    def _conditions(self, entry: Entry, place: Place, id_: str) -> Iterable[Condition]:
        written = entry.get("needs")
        for item in written if isinstance(written, list) else []:
            where = replace(place, line=getattr(item, "line", place.line))
            if not isinstance(item, Entry):
                self._flaw(where, id_, "条件要写 that 和 otherwise。", "A condition has `that` and `otherwise`.")
                continue
            self._check_keys(item, _CONDITION_KEYS, where, id_)
            that = self._expression(item, "that", where, id_)
            otherwise = self._text(item, "otherwise", where, id_)
            if that:
                yield Condition(that, otherwise, where)

    def _need(self, book: Rulebook, entry: Entry, place: Place) -> Change | None:
        id_ = entry["id"]
        self._check_keys(entry, _NEED_KEYS, place, id_)
        if not self._dated(entry, place, id_):
            return None
        cause = self._catalogued(entry, "cause", CAUSES, place, id_) if "cause" in entry else None
        household = self._catalogued(entry, "household", _HOUSEHOLDS, place, id_) if "household" in entry else None
        if (cause is None) == (household is None):
            self._flaw(place, id_, "写 cause 或 household 其中一个。", "Give either `cause` or `household`.")
        known = book.needs.get(id_)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"已在 {known.place} 定义。", f"It is already defined at {known.place}.")
        accepts = self._words(entry, "accepts", MEASURE_CATEGORIES, place, id_, required=True)
        book.needs[id_] = Need(
            id=id_,
            name=self._text(entry, "name", place, id_),
            cause=cause,
            household=household,
            accepts=accepts,
            source=str(entry.get("source") or ""),
            confidence=entry.get("confidence", "high"),
            since=entry["since"],
            until=entry.get("until"),
            place=place,
        )
        return Change("replaces" if known else "adds", "need", id_, ", ".join(accepts), place)

    def _entries(self, written: Any, place: Place, id_: str) -> list[Entry]:
        """A list of entries that each have an id of their own."""
        if not isinstance(written, list):
            if written is not None or id_:
                self._flaw(place, id_, "应是列表，每项有 id。", "This must be a list of entries that each have an id.")
            return []
        entries: dict[str, Entry] = {}
        for item in written:
            where = replace(place, line=getattr(item, "line", place.line))
            name = item.get("id") if isinstance(item, Entry) else None
            if not isinstance(name, str) or not name or len(name) > _LONGEST_ID:
                self._flaw(
                    where,
                    id_,
                    f"缺少 id，或 id 不是 {_LONGEST_ID} 字以内的文字。",
                    f"The id is missing or is not text of at most {_LONGEST_ID} letters.",
                )
            elif name in entries and id_:
                self._flaw(where, id_, f"id“{name}”重复。", f"The id “{name}” stands twice.")
            else:
                entries[name if id_ else f"{name}@{where.line}"] = item
        return list(entries.values())

    def _dated(self, entry: Entry, place: Place, id_: str) -> bool:
        """Source, confidence and dates; False where it cannot be placed in time."""
        if not entry.get("source"):
            self._flaw(place, id_, "没有写来源（source）。", "The source is missing.")
        if entry.get("confidence", "high") not in _CONFIDENCES:
            self._one_of(at(entry, "confidence", place), id_, "confidence", entry["confidence"], _CONFIDENCES)
        until = entry.get("until")
        if is_day(entry.get("since")) and (until is None or is_day(until)):
            return True
        self._flaw(
            at(entry, "since", place),
            id_,
            "since（和 until）应写日期，如 2021-05-14。",
            "`since` must be the date it holds from, as 2021-05-14, and `until`, if there is one, a date too.",
        )
        return False

    def _amount(self, entry: Entry, key: str, place: Place, id_: str) -> Expression | None:
        return self._expression(entry, key, place, id_) if key in entry else None

    def _catalogued(self, entry: Entry, key: str, known: Iterable[str], place: Place, id_: str) -> str:
        value = str(entry.get(key))
        if value not in known:
            self._one_of(at(entry, key, place), id_, key, value, known)
        return value

    def _words(
        self, entry: Entry, key: str, known: Iterable[str], place: Place, id_: str, *, required: bool = False
    ) -> tuple[str, ...]:
        written = entry.get(key) or []
        place = at(entry, key, place)
        words = [str(word) for word in (written if isinstance(written, list) else [written])]
        if required and not words:
            self._flaw(place, id_, f"缺少 {key}。", f"`{key}` is missing.")
        for word in words:
            if word not in known:
                self._one_of(place, id_, key, word, known)
        return tuple(words)

    def _yes(self, entry: Entry, key: str, place: Place, id_: str, *, default: bool) -> bool:
        value = entry.get(key, default)
        if not isinstance(value, bool):
            self._one_of(at(entry, key, place), id_, key, value, ("true", "false"))
        return bool(value)
