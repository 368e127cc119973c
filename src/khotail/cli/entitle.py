"""entitle: what households are entitled to, receive and miss."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from khotail.cli.language import LANGUAGE, say, word
from khotail.cli.options import engine_option, run_options
from khotail.cli.runs import check_places, open_engine, open_run

if TYPE_CHECKING:
    from khotail.engine import Entitlements

_TOP = 10


@click.command(
    help=say(
        "应享待遇：每户每人应享什么、已享什么、漏了什么，为什么。",
        "Entitlement: what each household and person is entitled to, receives and misses, and why.",
    )
)
@run_options
@engine_option
@click.option(
    "--out",
    "outs",
    type=click.Path(path_type=Path),
    multiple=True,
    help=say(
        "写成文件，可多次给出：.parquet 为全部结果，.csv 和 .xlsx 为漏享清单。",
        "Write a file, may be given several times: .parquet has every result, .csv and .xlsx what is missed.",
    ),
)
@click.option(
    "--workbooks",
    type=click.Path(path_type=Path),
    default=None,
    help=say(
        "每个村写一个漏享清单工作簿到此文件夹。", "Write one workbook of the missed per village into this folder."
    ),
)
@click.option(
    "--unmasked",
    is_flag=True,
    help=say(
        "写出的文件里不遮盖证件、电话和银行卡号码。", "Do not hide ID, phone and bank numbers in the files written."
    ),
)
@click.option("--strict", is_flag=True, help=say("有漏享时退出码为 1。", "Exit with 1 if anything is missed."))
def entitle(
    facts_folder: Path,
    book: str,
    as_of: date,
    region: str,
    memory: str | None,
    engine_name: str,
    outs: tuple[Path, ...],
    workbooks: Path | None,
    unmasked: bool,
    strict: bool,
) -> int:
    from khotail import engine
    from khotail.cli import show
    from khotail.report.missed import write_missed_workbooks

    for path in outs:
        engine.check_format(path)
    check_places(outs, workbooks)
    facts, rulebook = open_run(facts_folder, book, region, memory)
    with open_engine(engine_name) as chosen:
        with show.progress(say("判断应享待遇", "Judging entitlements")) as tell:
            found = engine.entitle(facts, rulebook, on=as_of, region=region, progress=tell, engine=chosen)
        for path in outs:
            engine.write_entitlements(found, path, LANGUAGE, unmasked=unmasked)
        written = write_missed_workbooks(workbooks, found, LANGUAGE) if workbooks else []
        _summary(found)
        for path in outs:
            show.out.print(say(f"已写出：{path}", f"Written: {path}"), markup=False, soft_wrap=True)
        if workbooks is not None:
            told = say(
                f"工作簿：{workbooks}（{len(written)} 个文件）", f"Workbooks: {workbooks} ({len(written)} files)"
            )
            show.out.print(told, markup=False, soft_wrap=True)
        return 1 if strict and found.missed() else 0


def _summary(found: Entitlements) -> None:
    """Programmes with their figures, townships that miss most, and what was left out."""
    from khotail.cli import show
    from khotail.facts.regions import Regions

    counts = found.counts()
    looked = ", ".join(f"{count:,} {word(show.LEVELS[level])}" for level, count in found.subjects.items())
    missed, homes = sum(count.missed for count in counts), found.households_missing()
    show.out.print(
        f"[bold]{say('应享待遇', 'Entitlement')}[/] {found.on} · {len(counts)} {say('个项目', 'programmes')} · {looked}"
    )
    show.out.print(
        say(f"漏享 {missed:,} 项，涉及 {homes:,} 户。", f"{missed:,} entitlements missed by {homes:,} households.")
    )
    show.out.print()
    rows = [
        (
            count.programme.id,
            word(count.programme.name),
            count.entitled,
            round(count.amount_cny),
            count.received if count.is_seen else "—",
            count.missed if count.is_seen else "—",
            count.unknown,
            "" if count.programme.confidence == "high" else say("未经核实", "not verified"),
        )
        for count in counts
    ]
    headers = (
        say("项目", "programme"), say("名称", "name"), say("应享", "entitled"), say("金额(元/年)", "CNY a year"),
        say("已享", "received"), say("漏享", "missed"), say("不清楚", "unknown"), "",
    )  # fmt: skip
    show.table(say("按项目", "By programme"), headers, rows, (2, 3, 4, 5, 6))
    regions = Regions.load()
    townships = [
        (regions.name(code) or code or "—", count, homes, round(money or 0))
        for code, count, homes, money in found.missed_by("left(region_code, 9)")[:_TOP]
    ]
    if townships:
        columns = (
            say("乡镇", "township"),
            say("漏享", "missed"),
            say("户数", "households"),
            say("金额(元/年)", "CNY a year"),
        )
        show.table(say("按乡镇", "By township"), columns, townships, (1, 2, 3))
    unseen = [word(count.programme.name) for count in counts if not count.is_seen]
    if unseen:
        show.out.print(
            say(f"数据看不出是否已享：{'、'.join(unseen)}", f"The data do not tell who receives: {', '.join(unseen)}"),
            markup=False,
        )
        show.out.print()
    show.left_out(found.skipped, say("没有判断的项目", "Programmes that were not judged"))
