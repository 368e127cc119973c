"""One workbook per village, to hand to the cadre who visits the households, and an index of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from khotail.engine import Findings
from khotail.facts.regions import Regions
from khotail.facts.store import Facts
from khotail.files import TEXT_CELLS, written_whole
from khotail.report.names import UNKNOWN_VILLAGE, cause_name, severity_name, severity_rank
from khotail.report.told import Told, name_of_column, told
from khotail.rulebook import Rulebook
from khotail.texts import Language, Text

#: Text stays text: a cell that begins with `=` or `http` must not turn into a formula or a link.
WORKBOOK_OPTIONS = {"in_memory": True, **TEXT_CELLS}
#: `#` would end the file's name in the index's link.
_UNSAFE_IN_FILE_NAME = re.compile(r'[\\/:*?"<>|#\x00-\x1f]+')
_CELL_LIMIT = 32_000


@dataclass(frozen=True, slots=True)
class _Column:
    header: Text
    width: float
    value: Callable[[Told], str]
    to_fill_in: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: Text
    kind: str
    columns: tuple[_Column, ...]
    answers: Text
    nothing: Text


def write_village_workbooks(
    folder: Path,
    *,
    audit: Findings | None,
    screening: Findings | None,
    facts: Facts,
    rulebook: Rulebook,
    language: Language = "zh",
) -> list[Path]:
    """Write a workbook for each village that has findings, and an index, into `folder`; return their paths.

    Each has a sheet of warnings and one of problems in the data (only those that were run), with empty columns for
    the cadre. The index comes first in the list. Every file is written whole or not at all.
    Raises OSError where a file cannot be written.
    """
    regions = Regions.load()
    sheets = [
        sheet
        for sheet, findings in zip(_sheets(rulebook, language), (screening, audit), strict=True)
        if findings is not None
    ]
    own_names = village_names(facts)
    villages: list[tuple[Any, ...]] = []
    rows = told(facts, screening, audit, with_names=True)
    for code, found in groupby(rows, key=lambda row: row.region_code):
        name = own_names.get(code) or (regions.name(code) if code else UNKNOWN_VILLAGE.in_language(language))
        township = regions.name(code[:9]) if code else ""
        path = folder / f"{file_name(code, name)}.xlsx"
        reasons = sorted(found, key=lambda row: (row.household_id, severity_rank(row.rule.severity), row.rule.id))
        title = f"{township} {name}".strip()
        with written_whole(path) as unfinished:
            _write(unfinished, sheets, reasons, title, language)
        counts = [_counts(reasons, sheet.kind) for sheet in sheets]
        villages.append((code, township, name, *(figure for pair in counts for figure in pair), path.name))
    index = folder / f"{Text('目录', 'index').in_language(language)}.xlsx"
    with written_whole(index) as unfinished:
        _write_index(unfinished, villages, sheets, language)
    return [index, *(folder / village[-1] for village in villages)]


def _sheets(rulebook: Rulebook, language: Language) -> tuple[_Sheet, _Sheet]:
    def in_words(told_text: Callable[[Told], str]) -> Callable[[Told], str]:
        return lambda row: told_text(row)[:_CELL_LIMIT]

    @cache
    def label(level: str, name: str) -> Text:
        return name_of_column(rulebook, level, name)

    household = _Column(Text("户编号", "Household number"), 20, lambda row: row.household_id)
    head = _Column(Text("户主", "Head"), 10, lambda row: row.head_name)
    person = _Column(Text("涉及成员", "Member concerned"), 10, lambda row: row.person_name)
    id_number = _Column(Text("证件号码", "ID number"), 20, lambda row: row.id_number)
    severity = _Column(Text("程度", "Severity"), 10, lambda row: severity_name(row.rule.severity).in_language(language))
    cause = _Column(Text("风险", "Risk"), 10, lambda row: cause_name(row.rule.cause).in_language(language))
    rule = _Column(Text("规则", "Rule"), 22, lambda row: f"{row.rule.name.in_language(language)}\n{row.rule.id}")
    values = _Column(Text("所依据的数据", "Values"), 26, in_words(lambda row: row.facts(label, language)))

    def text(zh: str, en: str, width: float) -> _Column:
        return _Column(Text(zh, en), width, in_words(lambda row: row.text(language)))

    def mend(zh: str, en: str) -> _Column:
        return _Column(Text(zh, en), 30, in_words(lambda row: row.mend(language)))

    def empty(zh: str, en: str, width: float) -> _Column:
        return _Column(Text(zh, en), width, lambda row: "", to_fill_in=True)

    result, remark = empty("核实结果", "Result of the check", 12), empty("备注", "Remark", 18)
    warnings = _Sheet(
        Text("预警", "Warnings"),
        "signal",
        (household, head, person, cause, severity, rule, text("预警原因", "Why", 38), values,
         mend("入户查什么", "What to check"), result, remark),
        Text("属实,不属实,已帮扶,待核实", "true,not true,already helped,open"),
        Text("本村没有预警。", "This village has no warnings."),
    )  # fmt: skip
    problems = _Sheet(
        Text("数据问题", "Data problems"),
        "audit",
        (household, head, person, id_number, severity, rule, text("哪里不对", "What is wrong", 36), values,
         mend("怎么改", "How to mend it"), result, remark),
        Text("已更正,原数据无误,待核实", "mended,the data are right,open"),
        Text("本村没有数据问题。", "This village has no problems in the data."),
    )  # fmt: skip
    return warnings, problems


def _write(path: Path, sheets: Iterable[_Sheet], reasons: list[Told], title: str, language: Language) -> None:
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as workbook:
        head, cell, blank = formats(workbook)
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name.in_language(language))
            rows = [row for row in reasons if row.rule.kind == sheet.kind]
            for place, column in enumerate(sheet.columns):
                page.set_column(place, place, column.width)
                page.write_string(0, place, column.header.in_language(language), head)
            for line, row in enumerate(rows, start=1):
                for place, column in enumerate(sheet.columns):
                    if column.to_fill_in:
                        page.write_blank(line, place, None, blank)
                    else:
                        page.write_string(line, place, column.value(row), cell)
            if not rows:
                page.write_string(1, 0, sheet.nothing.in_language(language))
            result = len(sheet.columns) - 2
            if rows:
                page.data_validation(
                    1, result, len(rows), result,
                    {"validate": "list", "source": sheet.answers.in_language(language).split(","), "show_error": False},
                )  # fmt: skip
            set_up(page, len(rows), len(sheet.columns), f"{title} · {sheet.name.in_language(language)}")


def _write_index(path: Path, villages: list[tuple[Any, ...]], sheets: list[_Sheet], language: Language) -> None:
    headers = [Text("行政区划代码", "Region code"), Text("乡镇", "Township"), Text("行政村", "Village")]
    for sheet in sheets:
        if sheet.kind == "signal":
            headers += [Text("预警户数", "Households warned"), Text("预警条数", "Warnings")]
        else:
            headers += [Text("有问题户数", "Households with problems"), Text("数据问题条数", "Data problems")]
    headers.append(Text("文件", "File"))
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as workbook:
        head, cell, _ = formats(workbook)
        link = workbook.add_format({"font_color": "#0F5F63", "underline": 1, "border": 1, "border_color": "#D0CCC2"})
        page = workbook.add_worksheet(Text("各村", "Villages").in_language(language))
        for place, header in enumerate(headers):
            page.set_column(place, place, 34 if place == len(headers) - 1 else 16)
            page.write_string(0, place, header.in_language(language), head)
        for line, village in enumerate(villages, start=1):
            for place, value in enumerate(village[:-1]):
                write = page.write_number if isinstance(value, int) else page.write_string
                write(line, place, value, cell)
            page.write_url(line, len(headers) - 1, f"external:{village[-1]}", link, string=village[-1])
        set_up(page, len(villages), len(headers), Text("各村工作簿目录", "Village workbooks").in_language(language))


def formats(workbook: Any) -> tuple[Any, Any, Any]:
    """The formats of a heading, of a cell and of one to fill in."""
    line = {"border": 1, "border_color": "#D0CCC2", "valign": "top", "text_wrap": True, "font_size": 10}
    return (
        workbook.add_format(
            {**line, "bold": True, "bg_color": "#16363A", "font_color": "#FFFFFF", "valign": "vcenter"}
        ),
        workbook.add_format({**line, "num_format": "@"}),
        workbook.add_format({**line, "num_format": "@", "bg_color": "#FBF4E2"}),
    )


def set_up(page: Any, rows: int, columns: int, title: str) -> None:
    """Make a sheet easy to read and to print."""
    page.freeze_panes(1, 0)
    if rows:
        page.autofilter(0, 0, rows, columns - 1)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    page.set_header("&L" + title.replace("&", "&&"))
    page.set_footer("&R&P / &N")


def _counts(reasons: list[Told], kind: str) -> tuple[int, int]:
    """Households with findings of this kind, and findings."""
    rows = [row for row in reasons if row.rule.kind == kind]
    return len({row.household_id for row in rows if row.household_id}), len(rows)


def village_names(facts: Facts) -> dict[str, str]:
    """Region code → the village's name as the register writes it."""
    if not (facts.has("households", "village_name") and facts.has("households", "region_code")):
        return {}
    rows: Iterator[tuple[str, str]] = iter(
        facts.connection.execute(
            "SELECT region_code, min(village_name) FROM households WHERE village_name IS NOT NULL GROUP BY region_code"
        ).fetchall()
    )
    return {code: name for code, name in rows if code}


def file_name(code: str, name: str) -> str:
    """A name that every file system takes: no separators, no leading or trailing dots, not too long."""
    safe = (_UNSAFE_IN_FILE_NAME.sub("_", part).strip(" .")[:50] for part in (code, name))
    return "_".join(part for part in safe if part) or "village"
