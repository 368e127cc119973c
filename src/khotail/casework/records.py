"""What is filled in at a step, read into plain values: every field checked, nothing else taken."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from khotail.casework.problems import FieldWrong, UnknownField
from khotail.rulebook.procedures import ProcedureStep, StepField
from khotail.texts import Text, typed

LONGEST_TEXT = 4000
LONGEST_NAME = 60
MOST_PEOPLE = 500
FIRST_YEAR, LAST_YEAR = 1990, 2100

Record = dict[str, Any]


def read_record(step: ProcedureStep, outcome: str, written: Record, *, complete: bool) -> Record:
    """The fields as JSON values: numbers, ISO dates, text, booleans, lists of text; empty ones left out.

    complete  whether fields that the outcome requires must be there
    Raises FieldWrong, UnknownField.
    """
    known = {field.id: field for field in step.fields}
    for name in written:
        if name not in known:
            raise UnknownField(field=str(name)[:60])
    record = {}
    for field in step.fields:
        value = _read(field, written.get(field.id))
        if value is not None:
            record[field.id] = value
        elif complete and field.is_required_for(outcome):
            raise _wrong(field, "没有填写。", "it is missing.")
    return record


def check_bounds(step: ProcedureStep, record: Record, bounds: dict[str, tuple[Any, Any]]) -> None:
    """Hold numbers and counts to their bounds (least and most by field). Raises FieldWrong."""
    for field in step.fields:
        value = record.get(field.id)
        least, most = bounds.get(field.id, (None, None))
        if value is None:
            continue
        size = len(value) if isinstance(value, list) else value
        if least is not None and size < float(least):
            raise _wrong(field, f"不能少于 {least:g}。", f"at least {least:g}.")
        if most is not None and size > float(most):
            raise _wrong(field, f"不能多于 {most:g}。", f"at most {most:g}.")


def _read(field: StepField, value: Any) -> Any:
    if value is None or value == "" or value == []:
        return None
    return _READERS[field.kind](field, value)


def _number(field: StepField, value: Any) -> float | int:
    try:
        number = float(str(value).replace(",", "")) if not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or abs(number) > 1e12:
        raise _wrong(field, "应是数字。", "it must be a number.")
    return int(number) if number.is_integer() else number


def _date(field: StepField, value: Any) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        raise _wrong(field, "应是日期，如 2026-06-03。", "it must be a date, as 2026-06-03.") from None
    day = day.date() if isinstance(day, datetime) else day
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise _wrong(
            field, f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。", f"its year must lie in {FIRST_YEAR} to {LAST_YEAR}."
        )
    return day.isoformat()


def _text(field: StepField, value: Any) -> str | None:
    text = typed(str(value))
    if len(text) > LONGEST_TEXT:
        raise _wrong(field, f"最多 {LONGEST_TEXT} 字。", f"at most {LONGEST_TEXT} letters.")
    return text or None


def _choice(field: StepField, value: Any) -> str:
    if str(value) not in field.choices:
        raise _wrong(field, "不在可选范围。", "it is not one of the choices.")
    return str(value)


def _several(field: StepField, value: Any) -> list[str]:
    return list(dict.fromkeys(_choice(field, item) for item in (value if _is_list(value) else [value])))


def _yes_no(field: StepField, value: Any) -> bool:
    meaning = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False}
    if str(value).lower() not in meaning:
        raise _wrong(field, "应选是或否。", "choose yes or no.")
    return meaning[str(value).lower()]


def _people(field: StepField, value: Any) -> list[str] | None:
    written: Iterable[Any] = (
        value if _is_list(value) else str(value).replace("、", "\n").replace("，", "\n").splitlines()
    )
    names = [name for item in written if (name := typed(str(item)))]
    if len(names) > MOST_PEOPLE or any(len(name) > LONGEST_NAME for name in names):
        raise _wrong(
            field,
            f"最多 {MOST_PEOPLE} 人，每个名字最多 {LONGEST_NAME} 字。",
            f"at most {MOST_PEOPLE} names of {LONGEST_NAME} letters.",
        )
    return names or None


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset))


_READERS: dict[str, Callable[[StepField, Any], Any]] = {
    "number": _number, "date": _date, "text": _text, "choice": _choice, "several": _several, "yes_no": _yes_no,
    "people": _people,
}  # fmt: skip


def _wrong(field: StepField, zh: str, en: str) -> FieldWrong:
    text = Text(zh, en)
    return FieldWrong(field=field.id, label_zh=field.label.zh, label_en=field.label.en, zh=text.zh, en=text.en)
