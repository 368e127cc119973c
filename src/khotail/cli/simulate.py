"""simulate: what happens to whom when programmes change or a shock strikes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from khotail.cli.language import LANGUAGE, say, word
from khotail.cli.options import engine_option, run_options
from khotail.cli.runs import check_places, open_engine, open_run

if TYPE_CHECKING:
    from khotail.analysis import EndingProgramme, Simulation

_TOP = 10


@click.command(
    help=say(
        "断崖模拟：政策退出、渐退、转化、新增或冲击后，今后各年谁会落到监测线下，托底要多少钱。",
        "Cliff simulation: who falls below the line in the coming years if programmes end, taper, convert or begin or a "
        "shock strikes, and what it costs to hold them.",
    )
)
@click.argument("scenario", metavar=say("情景", "SCENARIO"))
@run_options
@engine_option
@click.option(
    "--years", type=click.IntRange(1, 20), default=5, show_default=True, help=say("今后几年。", "Years ahead.")
)
@click.option(
    "--out",
    "outs",
    type=click.Path(path_type=Path),
    multiple=True,
    help=say(
        "把结果写成文件（.parquet、.csv 或 .xlsx），可多次给出。",
        "Write the result to a file (.parquet, .csv or .xlsx).",
    ),
)
@click.option("--strict", is_flag=True, help=say("有户新落到线下时退出码为 1。", "Exit with 1 if any household falls."))
def simulate(
    scenario: str,
    facts_folder: Path,
    book: str,
    as_of: date,
    region: str,
    memory: str | None,
    engine_name: str,
    years: int,
    outs: tuple[Path, ...],
    strict: bool,
) -> int:
    from khotail import analysis
    from khotail.cli import show

    for path in outs:
        analysis.check_simulation_format(path)
    check_places(outs, None)
    facts, rulebook = open_run(facts_folder, book, region, memory)
    tried = analysis.load_scenario(scenario, rulebook)
    with open_engine(engine_name) as engine:
        with show.progress(say("模拟", "Simulating")):
            found = analysis.simulate(facts, tried, on=as_of, region=region, years=years, engine=engine)
            ending = analysis.radar(facts, rulebook, on=as_of, region=region, years=years)
        for path in outs:
            analysis.write_simulation(found, path, LANGUAGE)
        _summary(found)
        _radar(ending)
        for path in outs:
            show.out.print(say(f"已写出：{path}", f"Written: {path}"), markup=False, soft_wrap=True)
        return 1 if strict and any(year.fall for year in found.years) else 0


def _summary(found: Simulation) -> None:
    from khotail.analysis.cliff_output import YEAR_HEADERS, year_rows
    from khotail.cli import show
    from khotail.facts.regions import Regions

    scenario = found.scenario
    show.out.print(f"{word(scenario.name)} · {found.on}", markup=False)
    show.out.print()
    rows = [tuple(str(year) if n == 0 else year for n, year in enumerate(row)) for row in year_rows(found)]
    show.table(say("各年", "By year"), [word(header) for header in YEAR_HEADERS], rows, range(1, len(YEAR_HEADERS)))
    lost = [
        (str(year.year), word(scenario.rulebook.programmes[id_].name), round(money))
        for year in found.years
        for id_, money in year.lost_cny.items()
        if round(money)
    ]
    headers = (say("年度", "year"), say("项目", "programme"), say("少付(元)", "paid less (CNY)"))
    if lost:
        show.table(say("按项目", "By programme"), headers, lost, (2,))
    regions = Regions.load()
    worst = sorted((row for row in found.villages() if row[2]), key=lambda row: (-row[2], row[0], str(row[1])))
    villages = [
        (str(year), regions.full_name(code or "") or code or "—", fall, below, round(cost or 0))
        for year, code, fall, _, below, cost in worst[:_TOP]
    ]
    if villages:
        headers_ = (
            say("年度", "year"), say("村", "village"), say("新落到线下", "fall"), say("线下", "below"),
            say("托底(元)", "cost to hold (CNY)"),
        )  # fmt: skip
        show.table(say("最受影响的村", "Villages struck most"), headers_, villages, (2, 3, 4))
    if found.assumed:
        names = ", ".join(word(programme.name) for programme in found.assumed)
        show.out.print(
            say(
                f"数据看不出谁在享受，按符合条件者全部享受计：{names}",
                f"Counted as if all entitled receive it: {names}",
            ),
            markup=False,
        )
        show.out.print()
    if found.left_out:
        rows_ = [(word(reason), count) for reason, count in found.left_out]
        show.table(say("没有计算的内容", "Left out"), (say("原因", "reason"), say("数量", "count")), rows_, (1,))
    show.left_out(found.skipped, say("不能判断的项目和冲击", "Programmes and shocks that cannot be judged"))


def _radar(ending: list[EndingProgramme]) -> None:
    from khotail.cli import show

    if not ending:
        return
    rows = [
        (
            str(line.programme.until),
            line.programme.id,
            word(line.programme.name),
            "—" if line.households is None else line.households,
            "—" if line.cny is None else round(line.cny),
        )
        for line in ending
    ]
    headers = (
        say("结束", "ends"), say("项目", "programme"), say("名称", "name"), say("户数", "households"),
        say("金额(元/年)", "CNY a year"),
    )  # fmt: skip
    show.table(say("到期且没有接替的项目", "Programmes that end without a successor"), headers, rows, (3, 4))
