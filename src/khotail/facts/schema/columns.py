"""What a fact table and its columns are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "int", "number", "bool", "date"]

SQL_TYPES: dict[Kind, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "number": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name in code, its header in the national register, its kind and unit.

    personal  an ID, phone or bank number: sealed wherever it is stored, masked wherever it is shown
    """

    name: str
    zh: str
    en: str
    kind: Kind = "text"
    unit: str = ""
    codes: tuple[tuple[str, str], ...] = ()
    personal: bool = False

    @property
    def sql_type(self) -> str:
        return SQL_TYPES[self.kind]


@dataclass(frozen=True, slots=True)
class Table:
    """One fact table. `key` names the columns that identify a row within one `as_of`."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


def text_column(name: str, zh: str, en: str, codes: tuple[tuple[str, str], ...] = ()) -> Column:
    return Column(name, zh, en, "text", "", codes)


def personal_column(name: str, zh: str, en: str) -> Column:
    return Column(name, zh, en, personal=True)


def bool_column(name: str, zh: str, en: str) -> Column:
    return Column(name, zh, en, "bool")


def date_column(name: str, zh: str, en: str) -> Column:
    return Column(name, zh, en, "date")


def money_column(name: str, zh: str, en: str, unit: str = "CNY") -> Column:
    return Column(name, zh, en, "number", unit)


def number_column(name: str, zh: str, en: str, unit: str) -> Column:
    return Column(name, zh, en, "number", unit)


def int_column(name: str, zh: str, en: str, unit: str = "") -> Column:
    return Column(name, zh, en, "int", unit)


PROVENANCE = (
    date_column("as_of", "数据日期", "day the statement holds for"),
    text_column("source", "数据来源", "batch it came from"),
)
