"""Why a rule fired, in words: its sentence with the subject's values and the parameter's value filled in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from khotail.facts.schema import LEVEL_TABLES, TABLES, Column
from khotail.texts import Language, Text

#: `{column}`, `{:parameter}`, and either with `:%` for a share shown in percent.
_PLACEHOLDER = re.compile(r"\{(?P<name>:?[a-z_][a-z0-9_]*)(?P<format>:%)?\}")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")

_UNKNOWN = Text("未填", "not filled in")
_YES_NO = {"true": Text("是", "yes"), "false": Text("否", "no")}


def placeholders(text: Text) -> tuple[str, ...]:
    """The names that a sentence shows, parameters with their colon."""
    return _placeholders(text.zh + text.en)


@lru_cache(maxsize=4096)
def _placeholders(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match["name"] for match in _PLACEHOLDER.finditer(text)))


def fill(text: Text, values: Mapping[str, str | None], language: Language) -> str:
    """The sentence in one language, with the values as a person would write them."""
    return replaced(
        text.in_language(language), lambda name, percent: shown(name, values.get(name), language, percent=percent)
    )


def replaced(sentence: str, say: Callable[[str, bool], str]) -> str:
    """The sentence with what `say(name, as a percentage)` gives for each placeholder; parameters keep their colon."""
    return _PLACEHOLDER.sub(lambda match: say(match["name"], bool(match["format"])), sentence)


def shown(name: str, value: str | None, language: Language, *, percent: bool = False) -> str:
    """One value as a person would write it: thousands separated, yes or no, a code in its own language."""
    if value is None or value == "":
        return _UNKNOWN.in_language(language)
    column = _COLUMNS.get(name)
    if value in _YES_NO and (column is None or column.kind == "bool"):
        return _YES_NO[value].in_language(language)
    if column is not None and column.kind == "text":
        return value if language == "zh" else _in_english(column, value)
    if _NUMBER.fullmatch(value) and not (column and column.name.endswith("_year")) and name != ":income_year":
        return f"{float(value):.0%}" if percent else _number(float(value))
    return value.removesuffix(" 00:00:00")


def _number(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _in_english(column: Column, value: str) -> str:
    codes = dict(column.codes)
    return ", ".join(codes.get(item, item) for item in value.split(","))


_COLUMNS: dict[str, Column] = {column.name: column for table in TABLES.values() for column in table.columns}
_COLUMNS.update({column.name: column for table in LEVEL_TABLES.values() for column in table.columns})
