"""Dirt as it comes in real files, and errors that an audit must find; every kind in a known number.

`Dirt.on` changes the sheets in place and returns two counts: dirt, which a reader must mend or refuse with a reason, and
audit errors, which a reader must pass on unchanged. The same cell is never dirtied twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date

from khotail.demo.audit_errors import EMPTY_FIELDS, AuditErrors, Fits
from khotail.demo.sheets import Cell, Sheet

FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


class Dirt:
    def __init__(self, rng: random.Random, households: int) -> None:
        self._rng = rng
        self._households = households
        self.touched: set[tuple[str, int]] = set()
        self.dirt: dict[str, int] = {}
        self.audit_errors: dict[str, int] = {}

    def on(self, monitored: Sheet, construction: Sheet, ledger: Sheet) -> None:
        """Dirty the three large registers. Errors for the audit go first, on rows that stay readable."""
        errors = AuditErrors(monitored, construction, self)
        errors.plant()
        self.audit_errors = errors.counts
        self.dirt["empty_fields"] = sum(errors.counts[rule] for rule in EMPTY_FIELDS)
        self.dirt["two_heads"], self.dirt["missing_heads"] = errors.counts["3_02_011"], errors.counts["3_02_012"]
        self._id_numbers(monitored, ledger)
        self._dates(monitored)
        self._words(monitored, construction)
        self._person_in_two_households(ledger)
        self._duplicates(monitored)

    def count(self, per_10_000: int) -> int:
        """How many of a kind: at least two, so that small demos have every kind."""
        return max(2, self._households * per_10_000 // 10_000)

    def rows(self, sheet: Sheet, count: int, fits: Fits) -> list[int]:
        """`count` rows that fit, none of them dirtied before; fewer if there are not so many."""
        numbers = list(range(len(sheet.rows)))
        self._rng.shuffle(numbers)
        chosen: list[int] = []
        for number in numbers:
            if len(chosen) == count:
                break
            if (sheet.path, number) not in self.touched and fits(sheet.rows[number]):
                self.touched.add((sheet.path, number))
                chosen.append(number)
        return chosen

    def _change(
        self, kind: str, sheet: Sheet, header: str, count: int, change: Callable[[str], Cell],
        fits: Fits | None = None,
    ) -> None:  # fmt: skip
        at = sheet.index(header)
        rows = self.rows(sheet, count, lambda row: bool(row[at]) and (fits is None or fits(row)))
        for number in rows:
            sheet.rows[number][at] = change(sheet.rows[number][at] or "")
        self.dirt[kind] = self.dirt.get(kind, 0) + len(rows)

    def _id_numbers(self, monitored: Sheet, ledger: Sheet) -> None:
        for sheet in (monitored, ledger):
            at = sheet.index("证件号码")
            kinds: dict[str, tuple[int, Callable[[str], Cell], Callable[[str], bool]]] = {
                "id_lower_case_x": (10, str.lower, lambda cell: cell.endswith("X")),
                "id_15_digits": (8, lambda cell: cell[:6] + cell[8:17], lambda cell: cell[6:8] == "19"),
                "id_full_width": (10, lambda cell: cell.translate(FULL_WIDTH), bool),
                "id_destroyed": (5, lambda cell: f"{float(cell):.5E}", str.isdecimal),
                "id_spaces": (8, lambda cell: f" {cell[:6]} {cell[6:]} ", bool),
            }
            for kind, (per_10_000, change, fits) in kinds.items():
                self._change(kind, sheet, "证件号码", self.count(per_10_000), change, _plain(at, fits))
        at = monitored.index("证件号码")
        self._change("id_wrong_check_digit", monitored, "证件号码", self.count(8), _wrong_check_digit, _plain(at, bool))

    def _dates(self, monitored: Sheet) -> None:
        forms: dict[str, Callable[[str], Cell]] = {
            "date_with_dash": lambda cell: f"{cell[:4]}-{cell[4:6]}-{cell[6:8]}",
            "date_with_slash": lambda cell: f"{cell[:4]}/{int(cell[4:6])}/{int(cell[6:8])}",
            "date_in_words": lambda cell: f"{cell[:4]}年{int(cell[4:6])}月{int(cell[6:8])}日",
            "date_excel_serial": _excel_serial,
        }
        for kind, change in forms.items():
            self._change(kind, monitored, "出生日期", self.count(12), change)
        month: dict[str, Callable[[str], Cell]] = {
            "month_with_dash": lambda cell: f"{cell[:4]}-{cell[4:6]}",
            "month_in_words": lambda cell: f"{cell[:4]}年{int(cell[4:6])}月",
        }
        for kind, change in month.items():
            self._change(kind, monitored, "人员识别时间", self.count(6), change)

    def _words(self, monitored: Sheet, construction: Sheet) -> None:
        for sheet in (monitored, construction):
            self._change(
                "phone_full_width", sheet, "户联系电话", self.count(10), lambda cell: cell.translate(FULL_WIDTH)
            )
            self._change("padded_text", sheet, "行政村", self.count(10), lambda cell: f" {cell}　")
        note = monitored.index("其他备注")
        rows = self.rows(monitored, self.count(15), lambda row: row[note] is None)
        for number in rows:
            monitored.rows[number][note] = self._rng.choice(("无", "-", "／", " "))
        self.dirt["blank_words"] = len(rows)

    def _duplicates(self, monitored: Sheet) -> None:
        rows = self.rows(monitored, self.count(8), lambda row: True)
        for number in sorted(rows, reverse=True):
            monitored.rows.insert(number + 1, list(monitored.rows[number]))
        self.dirt["duplicate_rows"] = len(rows)

    def _person_in_two_households(self, ledger: Sheet) -> None:
        """A grown child is written down once more in another household, with that household's numbers."""
        number_at, person_at = ledger.index("户编号"), ledger.index("人编号")
        relation_at, id_at = ledger.index("与户主关系"), ledger.index("证件号码")

        def is_child(row: list[Cell]) -> bool:
            return row[relation_at] in ("之子", "之女") and len(row[id_at] or "") == 18

        people = self.rows(ledger, self.count(5), is_child)
        hosts = self.rows(ledger, len(people), lambda row: row[relation_at] == "户主")
        for person, host in zip(people, hosts, strict=False):
            copy = list(ledger.rows[person])
            copy[number_at] = ledger.rows[host][number_at]
            copy[person_at] = f"{copy[number_at]}99"
            copy[relation_at] = "其他"
            for at in range(3):
                copy[at] = ledger.rows[host][at]
            ledger.rows.append(copy)
        self.dirt["person_in_two_households"] = min(len(people), len(hosts))


def _plain(at: int, fits: Callable[[str], bool]) -> Fits:
    """Rows whose cell at `at` is an 18-character ID number that fits."""
    return lambda row: len(row[at] or "") == 18 and fits(row[at] or "")


def _wrong_check_digit(cell: str) -> str:
    return cell[:17] + ("1" if cell[17] != "1" else "2")


def _excel_serial(cell: str) -> str:
    return str((date(int(cell[:4]), int(cell[4:6]), int(cell[6:8])) - date(1899, 12, 30)).days)


def split_in_two(sheet: Sheet) -> list[Sheet]:
    """One export cut in half, in the middle of a household; the second part has a header that an older tool left."""
    household = sheet.index("户编号")
    at = len(sheet.rows) // 2
    while at < len(sheet.rows) - 1 and sheet.rows[at][household] != sheet.rows[at - 1][household]:
        at += 1
    stem = sheet.path.removesuffix(".xlsx")
    second = ["风险是否已消除0" if name == "风险是否已消除" else name for name in sheet.header]
    return [
        Sheet(f"{stem}（第1部分）.xlsx", sheet.header, sheet.rows[:at], sheet.titles, sheet.sheet_name),
        Sheet(f"{stem}（第2部分）.xlsx", second, sheet.rows[at:], sheet.titles, sheet.sheet_name),
    ]


def rearrange(sheet: Sheet, rng: random.Random) -> int:
    """Reorder the columns and rename some, as a township did to its copy. Returns the number of renamed headers."""
    renamed = {"证件号码": "身份证号码", "务工联系电话": "联系电话（务工）", "乡": "乡（镇）", "村": "行政村（嘎查）"}
    order = list(range(len(sheet.header)))
    rng.shuffle(order)
    sheet.header = [renamed.get(sheet.header[at], sheet.header[at]) for at in order]
    sheet.rows = [[row[at] for at in order] for row in sheet.rows]
    return sum(name in sheet.header for name in renamed.values())
