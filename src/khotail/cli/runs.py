"""audit, screen, explain, report: run the rulebook and show what it found."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from khotail.cli.language import LANGUAGE, say
from khotail.cli.options import Command, run_options

if TYPE_CHECKING:
    from khotail.engine import Findings
    from khotail.engine.engines import Engine
    from khotail.facts.store import Facts
    from khotail.rulebook.model import Rulebook, RuleKind

_OUT = say(
    "把发现写成文件（.parquet、.csv 或 .xlsx），可多次给出。",
    "Write the findings to a file (.parquet, .csv or .xlsx); may be given several times.",
)
_WORKBOOKS = say("每个村写一个工作簿到此文件夹。", "Write one workbook per village into this folder.")
_UNMASKED = say(
    "写出的文件里不遮盖证件、电话和银行卡号码。", "Do not hide ID, phone and bank numbers in the files written."
)
_STRICT = say("有发现时退出码为 1。", "Exit with 1 if anything is found.")


def _findings_options(command: Command) -> Command:
    """What `audit` and `screen` take: where to look, and where the findings go. As the parameters of `_run_and_write`."""
    for option in (
        click.option("--strict", is_flag=True, help=_STRICT),
        click.option("--workbooks", type=click.Path(path_type=Path), default=None, help=_WORKBOOKS),
        click.option("--unmasked", is_flag=True, help=_UNMASKED),
        click.option("--out", "outs", type=click.Path(path_type=Path), multiple=True, help=_OUT),
        run_options,
    ):
        command = option(command)
    return command


@click.command(
    help=say(
        "核查登记数据：哪些记录有错，怎样改正。", "Audit the register: which records are wrong and how to mend them."
    )
)
@_findings_options
def audit(**options: Any) -> int:
    return _run_and_write("audit", **options)


@click.command(
    help=say("筛查预警：哪些户可能返贫致贫，为什么。", "Screen: which households may fall into poverty, and why.")
)
@_findings_options
def screen(**options: Any) -> int:
    return _run_and_write("signal", **options)


@click.command(
    help=say(
        "说明一户为什么被预警、哪些数据有问题。", "Say why one household is warned of, and what is wrong in its data."
    )
)
@click.argument("household", metavar=say("户编号", "HOUSEHOLD"))
@run_options
def explain(household: str, facts_folder: Path, book: str, as_of: date, region: str, memory: str | None) -> int:
    from rich.markup import escape

    from khotail.cli import show
    from khotail.engine import explain as explain_household

    facts, rulebook = open_run(facts_folder, book, region, memory)
    explained = explain_household(facts, rulebook, household, as_of=as_of)
    place, members = escape(explained.place), explained.members
    show.out.print(
        f"[bold]{say('户', 'Household')} {escape(household)}[/] {place} · {members} {say('人', 'members')} · {as_of}"
    )
    show.out.print()
    for found in (*explained.signals, *explained.audits):
        show.explanation(found)
    if not explained.signals and not explained.audits:
        show.out.print(say("没有预警，数据也没有发现问题。", "No warning, and nothing wrong in its data."))
    return 0


@click.command(
    help=say(
        "运行核查和筛查，写出一个可离线打开的网页报告。",
        "Audit and screen, and write the report: one page that opens offline.",
    )
)
@run_options
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    help=say("报告文件。", "The report's file."),
)
@click.option("--workbooks", type=click.Path(path_type=Path), default=None, help=_WORKBOOKS)
def report(
    facts_folder: Path, book: str, as_of: date, region: str, memory: str | None, out: Path, workbooks: Path | None
) -> int:
    check_places((out,), workbooks)
    facts, rulebook = open_run(facts_folder, book, region, memory)
    write_report_of(facts, rulebook, as_of, region, out, workbooks)
    return 0


def write_report_of(
    facts: Facts, rulebook: Rulebook, as_of: date, region: str, out: Path, workbooks: Path | None
) -> None:
    """Audit, screen, show both summaries, and write the report and the villages' workbooks."""
    from khotail.cli import show
    from khotail.report import write_report

    audited = _run("audit", facts, rulebook, as_of, region)
    screened = _run("signal", facts, rulebook, as_of, region)
    with show.progress(say("写报告", "Writing the report")):
        write_report(
            out,
            audit=audited,
            screening=screened,
            facts=facts,
            rulebook=rulebook,
            region=region,
            as_of=as_of,
            generated_at=datetime.now(),
            language=LANGUAGE,
        )
    written = _write_workbooks(workbooks, facts, rulebook, audited, screened) if workbooks else []
    show.findings_summary(audited)
    show.findings_summary(screened)
    _tell_workbooks(workbooks, written)
    show.out.print(say(f"报告：{out.resolve()}", f"Report: {out.resolve()}"), markup=False, soft_wrap=True)


def _run_and_write(
    kind: RuleKind,
    facts_folder: Path,
    book: str,
    as_of: date,
    region: str,
    memory: str | None,
    outs: tuple[Path, ...],
    workbooks: Path | None,
    strict: bool,
    unmasked: bool,
) -> int:
    from khotail.cli import show
    from khotail.engine import check_format, write_findings

    for path in outs:
        check_format(path)
    check_places(outs, workbooks)
    facts, rulebook = open_run(facts_folder, book, region, memory)
    findings = _run(kind, facts, rulebook, as_of, region)
    # The files come first: whoever reads only the head of the summary has them all the same.
    for path in outs:
        write_findings(findings, path, LANGUAGE, unmasked=unmasked)
    audited, screened = (findings, None) if kind == "audit" else (None, findings)
    written = _write_workbooks(workbooks, facts, rulebook, audited, screened) if workbooks else []
    show.findings_summary(findings)
    for path in outs:
        show.out.print(say(f"已写出：{path}", f"Written: {path}"), markup=False, soft_wrap=True)
    _tell_workbooks(workbooks, written)
    return 1 if strict and findings.count() else 0


def _run(kind: RuleKind, facts: Facts, rulebook: Rulebook, as_of: date, region: str) -> Findings:
    from khotail import engine
    from khotail.cli import show

    title = say("数据核查", "Auditing") if kind == "audit" else say("预警筛查", "Screening")
    run = engine.audit if kind == "audit" else engine.screen
    with show.progress(title) as tell:
        return run(facts, rulebook, as_of=as_of, region=region, progress=tell)


def _write_workbooks(
    folder: Path, facts: Facts, rulebook: Rulebook, audited: Findings | None, screened: Findings | None
) -> list[Path]:
    from khotail.cli import show
    from khotail.report import write_village_workbooks

    with show.progress(say("写各村工作簿", "Writing the villages' workbooks")):
        return write_village_workbooks(
            folder, audit=audited, screening=screened, facts=facts, rulebook=rulebook, language=LANGUAGE
        )


def _tell_workbooks(folder: Path | None, written: list[Path]) -> None:
    from khotail.cli import show

    if folder is not None:
        told = say(f"工作簿：{folder}（{len(written)} 个文件）", f"Workbooks: {folder} ({len(written)} files)")
        show.out.print(told, markup=False, soft_wrap=True)


def open_run(facts_folder: Path, book: str, region: str, memory: str | None) -> tuple[Facts, Rulebook]:
    """The facts and the rulebook of a run. Raises NothingInRegion where the facts say nothing about the region."""
    from khotail.engine.problems import NothingInRegion
    from khotail.facts.regions import Regions, check_region
    from khotail.facts.store import Facts
    from khotail.rulebook import load_rulebook

    check_region(region)
    facts = Facts.open(facts_folder, memory_limit=memory)
    rulebook = load_rulebook(book)
    if region and not (facts.count("households", region) or facts.count("villages", region)):
        raise NothingInRegion(region=region, name=Regions.load().full_name(region), folder=facts_folder)
    return facts, rulebook


def open_engine(name: str) -> AbstractContextManager[Engine]:
    """What computes, by its name on the command line. Raises NoSpark."""
    if name == "duckdb":
        from khotail.engine.engines import IN_PROCESS

        return nullcontext(IN_PROCESS)
    from khotail.engine.spark import SparkEngine

    return SparkEngine.local()


def check_places(files: tuple[Path, ...], folder: Path | None) -> None:
    """Refuse places that nothing can be written to before the work starts, not after it. Raises NoPlace."""
    from khotail.engine.problems import NoPlace

    for path in files:
        if path.is_dir():
            raise NoPlace(path=path, zh="那里是一个文件夹", en="there is a folder of that name")
    for path in (*(file.absolute().parent for file in files), *([folder.absolute()] if folder else [])):
        there = next(part for part in (path, *path.parents) if part.exists())
        if not there.is_dir():
            raise NoPlace(path=path, zh=f"“{there.name}”不是文件夹", en=f"“{there.name}” is not a folder")
