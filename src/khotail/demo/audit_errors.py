"""Errors of fact in the monitored-household export, each one that a national audit rule must find."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from khotail.demo.sheets import Cell, Sheet

Row = list[Cell]
Fits = Callable[[Row], bool]

#: rules whose error is an empty field
EMPTY_FIELDS = ("2_01_001", "2_01_002", "2_01_003", "3_01_001", "3_02_008")


class Picker(Protocol):
    """Chooses rows that nothing else has changed."""

    touched: set[tuple[str, int]]

    def count(self, per_10_000: int) -> int: ...

    def rows(self, sheet: Sheet, count: int, fits: Fits) -> list[int]: ...


class AuditErrors:
    """`counts`: national rule number → households or persons in which `plant` put that error."""

    def __init__(self, sheet: Sheet, construction: Sheet, picker: Picker) -> None:
        self._sheet, self._picker = sheet, picker
        self._at = {name: number for number, name in enumerate(sheet.header)}
        self._members: dict[Cell, list[int]] = {}
        for number, row in enumerate(sheet.rows):
            self._members.setdefault(row[self._at["户编号"]], []).append(number)
        self._construction = construction
        at = construction.index("户编号")
        self._construction_rows = {row[at]: row for row in construction.rows}
        self.counts: dict[str, int] = {}

    def plant(self) -> None:
        household, person, risk = self._in_households, self._in_persons, "致贫/返贫风险1"
        exited, monitored = self._exited_only, self._monitored
        household("1_02_001", 4, exited, {"是否危房户": "是", "危房级别": "C"})
        household("1_02_002", 4, exited, {"是否解决安全饮用水": "否"})
        household("1_11_001", 2, monitored, {risk: None})
        household(
            "1_11_006", 2, lambda row: self._is(row, "风险是否已消除", "是"), {"是否危房户": "是", "危房级别": "D"}
        )
        household("2_11_001", 3, lambda row: monitored(row) and self._nobody_disabled(row), {risk: "因残"})
        household("2_11_004", 2, monitored, {risk: "其他"})
        household("3_02_008", 3, exited, {"住房面积": None})
        person("3_02_011", 3, lambda row: exited(row) and self._is(row, "与户主关系", "配偶"), {"与户主关系": "户主"})
        person("3_02_012", 3, lambda row: exited(row) and self._is(row, "与户主关系", "户主"), {"与户主关系": "其他"})
        person("2_01_009", 4, exited, {"是否参加城镇职工基本医疗保险": "是"})
        person("2_01_011", 4, lambda row: exited(row) and self._born(row) > "20120101", {"劳动技能": "普通劳动力"})
        for rule, header in (
            ("2_01_001", "民族"),
            ("2_01_002", "健康状况"),
            ("2_01_003", "劳动技能"),
            ("3_01_001", "与户主关系"),
        ):
            person(rule, 4, self._adult_but_not_head, {header: None})

    def _in_households(self, rule: str, per_10_000: int, fits: Fits, cells: dict[str, Cell]) -> None:
        def head_fits(row: Row) -> bool:
            return self._is(row, "与户主关系", "户主") and fits(row)

        heads = self._picker.rows(self._sheet, self._picker.count(per_10_000), head_fits)
        for head in heads:
            for number in self._household_of(self._sheet.rows[head]):
                self._write(number, cells)
            # Both exports are fed by one register, so what is wrong in one is wrong in the other.
            elsewhere = self._construction_rows[self._sheet.rows[head][self._at["户编号"]]]
            for header, cell in cells.items():
                if header in self._construction.header:
                    elsewhere[self._construction.index(header)] = cell
        self.counts[rule] = len(heads)

    def _in_persons(self, rule: str, per_10_000: int, fits: Fits, cells: dict[str, Cell]) -> None:
        households: set[Cell] = set()

        def fits_once(row: Row) -> bool:
            # One error of a kind in a household, so that households and persons count the same.
            if row[self._at["户编号"]] in households or not fits(row):
                return False
            households.add(row[self._at["户编号"]])
            return True

        rows = self._picker.rows(self._sheet, self._picker.count(per_10_000), fits_once)
        for row in rows:
            self._write(row, cells)
            for number in self._household_of(self._sheet.rows[row]):
                self._picker.touched.add((self._sheet.path, number))
        self.counts[rule] = len(rows)

    def _write(self, number: int, cells: dict[str, Cell]) -> None:
        self._picker.touched.add((self._sheet.path, number))
        for header, cell in cells.items():
            self._sheet.rows[number][self._at[header]] = cell

    def _household_of(self, row: Row) -> list[int]:
        return self._members[row[self._at["户编号"]]]

    def _is(self, row: Row, header: str, value: str) -> bool:
        return row[self._at[header]] == value

    def _monitored(self, row: Row) -> bool:
        return bool(row[self._at["监测对象类别"]])

    def _exited_only(self, row: Row) -> bool:
        return self._is(row, "户类型", "脱贫户") and not self._monitored(row)

    def _nobody_disabled(self, row: Row) -> bool:
        return all(not self._is(self._sheet.rows[number], "健康状况", "残疾") for number in self._household_of(row))

    def _born(self, row: Row) -> str:
        return row[self._at["出生日期"]] or ""

    def _adult_but_not_head(self, row: Row) -> bool:
        return self._exited_only(row) and not self._is(row, "与户主关系", "户主") and self._born(row) < "19860101"
