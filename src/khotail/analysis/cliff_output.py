"""A simulation as files: Parquet and CSV with every household below the line, Excel with years, villages and falls."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from khotail.analysis.cliff import Simulation
from khotail.engine.problems import UnknownFormat
from khotail.facts.regions import Regions
from khotail.facts.sql import quoted
from khotail.files import TEXT_CELLS, written_whole
from khotail.texts import Language, Text

_SHEET_ROWS = 1_000_000
_OPTIONS = {"constant_memory": True, **TEXT_CELLS}
_SUFFIXES = (".parquet", ".csv", ".xlsx")

YEAR_HEADERS = (
    Text("年度", "year"),
    Text("判断户数", "households"),
    Text("现行政策线下户数", "below, law as it stands"),
    Text("情景线下户数", "below, scenario"),
    Text("新落到线下", "fall"),
    Text("回到线上", "rise"),
    Text("线下更深", "deeper"),
    Text("受冲击户数", "struck"),
    Text("现行政策托底成本（元）", "cost to hold, law (CNY)"),
    Text("情景托底成本（元）", "cost to hold, scenario (CNY)"),
)
_VILLAGE_HEADERS = (
    Text("年度", "year"),
    Text("行政区划代码", "region code"),
    Text("地点", "place"),
    Text("新落到线下", "fall"),
    Text("回到线上", "rise"),
    Text("情景线下户数", "below, scenario"),
    Text("托底成本（元）", "cost to hold (CNY)"),
)
_HOUSEHOLD_HEADERS = (
    Text("年度", "year"),
    Text("行政区划代码", "region code"),
    Text("地点", "place"),
    Text("户编号", "household"),
    Text("人口", "members"),
    Text("现行政策人均纯收入", "income per person, law"),
    Text("情景人均纯收入", "income per person, scenario"),
    Text("监测线", "line"),
    Text("人均差额", "gap per person"),
    Text("托底成本（元）", "cost to hold (CNY)"),
)


def check_simulation_format(path: Path) -> None:
    """Raise UnknownFormat if a simulation cannot be written under this name."""
    if path.suffix.lower() not in _SUFFIXES:
        raise UnknownFormat(file=path.name)


def write_simulation(simulation: Simulation, path: Path, language: Language = "zh") -> Path:
    """Write a simulation to `path` by its suffix (.parquet, .csv or .xlsx), whole or not at all.

    Raises UnknownFormat for another suffix, and OSError where the file cannot be written.
    """
    check_simulation_format(path)
    with written_whole(path) as unfinished:
        if path.suffix.lower() == ".xlsx":
            _write_excel(simulation, unfinished, language)
        else:
            form = "parquet, COMPRESSION zstd" if path.suffix.lower() == ".parquet" else "csv, HEADER"
            simulation.facts.connection.execute(f"COPY ({simulation.rows}) TO {quoted(unfinished)} (FORMAT {form})")
    return path


def year_rows(simulation: Simulation) -> list[tuple[int | float, ...]]:
    """One row per year, as `YEAR_HEADERS`."""
    return [
        (y.year, y.households, y.below_baseline, y.below_scenario, y.fall, y.rise, y.deeper, y.struck,
         round(y.cost_baseline_cny), round(y.cost_scenario_cny))
        for y in simulation.years
    ]  # fmt: skip


def _write_excel(simulation: Simulation, path: Path, language: Language) -> None:
    # Slow to import, and a run that writes no workbook does not need it.
    import xlsxwriter

    regions = Regions.load()
    with (
        tempfile.TemporaryDirectory(prefix="khotail-") as scratch,
        xlsxwriter.Workbook(str(path), _OPTIONS | {"tmpdir": scratch}) as workbook,
    ):
        _sheet(workbook, Text("各年", "years"), YEAR_HEADERS, year_rows(simulation), language)
        lost = [
            (year.year, id_, simulation.scenario.rulebook.programmes[id_].name.in_language(language), round(money))
            for year in simulation.years
            for id_, money in year.lost_cny.items()
        ]
        programme = (
            Text("年度", "year"),
            Text("项目", "programme"),
            Text("名称", "name"),
            Text("少付（元）", "paid less (CNY)"),
        )
        _sheet(workbook, Text("项目", "programmes"), programme, lost, language)
        villages = (
            (year, code or "", regions.full_name(code or "") or "", fall, rise, below, round(cost or 0))
            for year, code, fall, rise, below, cost in simulation.villages()
        )
        _sheet(workbook, Text("各村", "villages"), _VILLAGE_HEADERS, villages, language)
        homes = (
            (year, code or "", regions.full_name(code or "") or "", household, members, *(round(v, 2) for v in figures))
            for year, code, household, members, *figures in simulation.falling(_SHEET_ROWS)
        )
        _sheet(workbook, Text("新落到线下的户", "households that fall"), _HOUSEHOLD_HEADERS, homes, language)
        notes = [(reason.in_language(language), count) for reason, count in simulation.left_out]
        notes += [(f"{skip.rule_id}: {skip.reason.in_language(language)}", 0) for skip in simulation.skipped]
        headers = (Text("没有计算的内容", "left out"), Text("数量", "count"))
        _sheet(workbook, Text("未计算", "left out"), headers, notes, language)


def _sheet(
    workbook: Any, name: Text, headers: tuple[Text, ...], rows: Iterable[tuple[Any, ...]], language: Language
) -> None:
    sheet = workbook.add_worksheet(name.in_language(language))
    bold = workbook.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(headers) - 1, 18)
    for column, header in enumerate(headers):
        sheet.write_string(0, column, header.in_language(language), bold)
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row):
            write = sheet.write_string if isinstance(cell, str) else sheet.write_number
            write(number, column, cell)
