"""demo: a synthetic banner to try everything on."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import click

from khotail.cli.language import say
from khotail.cli.options import Day
from khotail.rulebooks import DEFAULT_BOOK

_DEMO_DAY = date(2026, 10, 31)


@click.command(
    help=say(
        "生成一个虚构的旗县：真实的苏木乡镇和嘎查村，虚构的人。",
        "Generate a banner: real townships and villages, invented people.",
    )
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"), metavar=say("文件夹", "FOLDER"))
@click.option(
    "--households",
    type=click.IntRange(1, 10_000_000),
    default=20_000,
    show_default=True,
    help=say("户数，可到 1000 万。", "How many, up to 10 million."),
)
@click.option("--banner", default="152221", show_default=True, help=say("旗县区划代码。", "Code of the banner."))
@click.option("--seed", type=int, default=2026, show_default=True, help=say("随机种子。", "Random seed."))
@click.option(
    "--as-of",
    type=Day(),
    default=_DEMO_DAY,
    show_default=True,
    help=say("数据截至日期。", "The day the data hold for."),
)
@click.option("--clean", is_flag=True, help=say("不加入脏数据。", "Without dirt."))
@click.option(
    "--run",
    is_flag=True,
    help=say("接着导入、核查、筛查并写报告。", "Then import, audit, screen and write the report."),
)
def demo(folder: Path, households: int, banner: str, seed: int, as_of: date, clean: bool, run: bool) -> int:
    from khotail.cli import show
    from khotail.demo import generate

    _forget_earlier(folder)
    with show.progress(say("生成示例数据", "Generating the banner")) as tell:
        made = generate(
            folder,
            banner=banner,
            households=households,
            seed=seed,
            as_of=as_of,
            dirty=not clean,
            progress=lambda what, share: tell(what, int(share * 1000), 1000),
        )
    show.out.print(
        say(
            f"示例旗县写在 {folder}：{made.households:,} 户，{made.persons:,} 人。",
            f"The banner is in {folder}: {made.households:,} households, {made.persons:,} persons.",
        ),
        markup=False,
        soft_wrap=True,
    )
    facts = made.facts or folder / "facts"
    if run:
        return _run(made.files, facts, folder, as_of, banner)
    if made.files:
        show.out.print(
            say("下一步：", "Next:") + f" khotail import {folder}/registers/* {folder}/departments/* --to {facts}",
            markup=False,
            soft_wrap=True,
        )
    return 0


def _forget_earlier(folder: Path) -> None:
    """Facts of an earlier demo in the same folder would mix with this one's. Folders not made by a demo are left alone."""
    if (folder / "expected.json").exists():
        shutil.rmtree(folder / "facts", ignore_errors=True)


def _run(files: tuple[Path, ...], facts_folder: Path, folder: Path, as_of: date, region: str) -> int:
    """Import, and report on what was imported. Rows that come back are what dirty data are for; a file that cannot be
    read or written is a failure, and its exit code is the command's."""
    from khotail.cli.facts import import_into
    from khotail.cli.runs import write_report_of
    from khotail.facts.store import Facts
    from khotail.rulebook import load_rulebook

    failed = import_into(files, facts_folder) if files else 0
    if failed > 1:
        return failed
    facts = Facts.open(facts_folder)
    write_report_of(facts, load_rulebook(DEFAULT_BOOK), as_of, region, folder / "report.html", folder / "workbooks")
    return 0
