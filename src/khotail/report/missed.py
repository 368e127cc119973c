"""One workbook per village of the entitlements that its households miss: a work list, with an index."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import xlsxwriter

from khotail.engine import Entitlements, MissedText
from khotail.facts.masking import masked_text
from khotail.facts.regions import Regions
from khotail.files import written_whole
from khotail.report.names import UNKNOWN_VILLAGE
from khotail.report.workbooks import WORKBOOK_OPTIONS, file_name, formats, set_up, village_names
from khotail.texts import Language, Text

_COLUMNS = (
    (Text("户编号", "Household number"), 20),
    (Text("人编号", "Person number"), 22),
    (Text("项目", "Programme"), 22),
    (Text("金额（元/年）", "CNY a year"), 12),
    (Text("为什么应享", "Why"), 40),
    (Text("怎么办", "What to do"), 34),
    (Text("依据", "Source"), 30),
    (Text("核实结果", "Result of the check"), 14),
    (Text("备注", "Remark"), 18),
)
_TO_FILL_IN = 2
_ANSWERS = Text("已落实,不符合条件,本人放弃,待核实", "done,not entitled,declined,open")
_INDEX = (
    (Text("行政区划代码", "Region code"), 16),
    (Text("行政村", "Village"), 24),
    (Text("漏享户数", "Households"), 12),
    (Text("漏享项数", "Entitlements missed"), 12),
    (Text("金额（元/年）", "CNY a year"), 14),
    (Text("文件", "File"), 34),
)


def write_missed_workbooks(folder: Path, found: Entitlements, language: Language = "zh") -> list[Path]:
    """Write a workbook for each village in which something is missed, and an index, into `folder`; return their paths.

    ID, phone and bank numbers are hidden. The index comes first. Every file is written whole or not at all.
    Raises OSError where a file cannot be written.
    """
    regions, own_names = Regions.load(), village_names(found.facts)
    villages = []
    for code, rows in groupby(found.missed_texts(language, masked=True), key=lambda row: row["region_code"] or ""):
        name = own_names.get(code) or (regions.name(code) if code else UNKNOWN_VILLAGE.in_language(language))
        path = folder / f"{file_name(code, name)}.xlsx"
        listed = list(rows)
        with written_whole(path) as unfinished:
            _write(unfinished, found, listed, name, language)
        homes, money = len({row["household_id"] for row in listed}), sum(row["amount_cny"] for row in listed)
        villages.append((code, name, homes, len(listed), round(money), path.name))
    index = folder / f"{Text('目录', 'index').in_language(language)}.xlsx"
    with written_whole(index) as unfinished:
        _write_index(unfinished, villages, language)
    return [index, *(folder / village[-1] for village in villages)]


def _write(path: Path, found: Entitlements, rows: list[MissedText], village: str, language: Language) -> None:
    title = Text("应享未享清单", "Entitlements missed").in_language(language)
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as workbook:
        head, cell, blank = formats(workbook)
        page = workbook.add_worksheet(title)
        for place, (header, width) in enumerate(_COLUMNS):
            page.set_column(place, place, width)
            page.write_string(0, place, header.in_language(language), head)
        for line, row in enumerate(rows, start=1):
            programme = found.rulebook.programmes[row["programme_id"]]
            doubt = (
                "" if programme.confidence == "high" else Text("（未经核实）", " (not verified)").in_language(language)
            )
            cells = (
                row["household_id"],
                row["person_id"] or "",
                f"{programme.name.in_language(language)}\n{programme.id}",
                f"{row['amount_cny']:,.2f}",
                masked_text(row["text"]),
                masked_text(row["mend"]),
                programme.source + doubt,
            )
            for place, text in enumerate(cells):
                page.write_string(line, place, text, cell)
            for place in range(len(cells), len(cells) + _TO_FILL_IN):
                page.write_blank(line, place, None, blank)
        answer = len(_COLUMNS) - _TO_FILL_IN
        answers = {"validate": "list", "source": _ANSWERS.in_language(language).split(","), "show_error": False}
        page.data_validation(1, answer, len(rows), answer, answers)
        set_up(page, len(rows), len(_COLUMNS), f"{village} · {title}")


def _write_index(path: Path, villages: list[tuple[str, str, int, int, int, str]], language: Language) -> None:
    with xlsxwriter.Workbook(path, WORKBOOK_OPTIONS) as workbook:
        head, cell, _ = formats(workbook)
        page = workbook.add_worksheet(Text("各村", "Villages").in_language(language))
        for place, (header, width) in enumerate(_INDEX):
            page.set_column(place, place, width)
            page.write_string(0, place, header.in_language(language), head)
        for line, village in enumerate(villages, start=1):
            for place, value in enumerate(village[:-1]):
                write = page.write_number if isinstance(value, int) else page.write_string
                write(line, place, value, cell)
            page.write_url(line, len(_INDEX) - 1, f"external:{village[-1]}", cell, string=village[-1])
        set_up(
            page,
            len(villages),
            len(_INDEX),
            Text("各村漏享目录", "Entitlements missed by village").in_language(language),
        )
