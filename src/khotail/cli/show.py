"""How results look in the terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from khotail.cli.language import LANGUAGE, printable, say, word
from khotail.facts.regions import Regions
from khotail.report.names import unit_name
from khotail.rulebook.model import CAUSES, SEVERITIES
from khotail.texts import Text

if TYPE_CHECKING:
    from khotail.engine import Explanation, Findings
    from khotail.rulebook.compile import SkippedRule

_WIDE = 140


class _Out(Console):
    """Standard output. A reader who leaves early (`| head`) stops nothing."""

    def on_broken_pipe(self) -> None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


out = _Out(highlight=False)
if not out.is_terminal:
    out.width = _WIDE
err = Console(stderr=True, highlight=False)

LEVELS = {
    "household": Text("户", "households"),
    "person": Text("人", "persons"),
    "work_record": Text("务工记录", "work records"),
    "village": Text("村", "villages"),
}
_TOP = 10


@contextmanager
def progress(title: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error; the block calls it with what is being done, steps done, and steps in all."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task(title, total=1.0)

        def show(what: str, done: int, total: int) -> None:
            doing = word(LEVELS[what]) if what in LEVELS else escape(printable(what))
            bar.update(task, description=f"{title} · {doing}", completed=done / max(total, 1))

        yield show
        bar.update(task, completed=1.0)


def table(title: str, headers: Iterable[str], rows: Iterable[Iterable[object]], numbers: Iterable[int] = ()) -> None:
    """Print one table; the columns in `numbers` are set to the right. Text is shown as it is, square brackets too."""
    right = set(numbers)
    grid = Table(
        title=escape(title), title_justify="left", title_style="bold", header_style="", box=None, pad_edge=False
    )
    for position, header in enumerate(headers):
        grid.add_column(escape(header), justify="right" if position in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(f"{cell:,}" if isinstance(cell, int) else escape(printable(str(cell))) for cell in row))
    out.print(grid)
    out.print()


def findings_summary(findings: Findings) -> None:
    """What a run looked at, what it found by cause or severity, rule and township, and what was left out."""
    seen = "，".join if LANGUAGE == "zh" else ", ".join
    looked = seen(f"{count:,} {word(LEVELS[level])}" for level, count in findings.subjects.items())
    total, homes = findings.count(), findings.households()
    title = say("预警筛查", "Screening") if findings.kind == "signal" else say("数据核查", "Data audit")
    watched = findings.facts.count("households", findings.region)
    share = homes / watched if watched else 0.0
    out.print(f"[bold]{title}[/] {findings.as_of} · {len(findings.ran)} {say('条规则', 'rules')} · {looked}")
    out.print(
        say(
            f"发现 {total:,} 条，涉及 {homes:,} 户（{share:.1%}）。",
            f"{total:,} findings about {homes:,} households ({share:.1%}).",
        )
    )
    out.print()
    if total:
        _by_group(findings)
        _by_rule(findings)
        _by_township(findings)
    skipped(findings)


def skipped(findings: Findings) -> None:
    left_out(findings.skipped, say("没有运行的规则", "Rules that did not run"))


def left_out(rules: Collection[SkippedRule], title: str) -> None:
    """What could not run on these data, and why."""
    if rules:
        rows = [(skip.rule_id, word(skip.reason)) for skip in rules]
        counted = say(f"{title}：{len(rows)} 条", f"{title}: {len(rows)}")
        table(counted, (say("规则", "rule"), say("原因", "reason")), rows)


def _by_group(findings: Findings) -> None:
    if findings.kind == "signal":
        rows = [(word(CAUSES[cause]), count, homes) for cause, count, homes in findings.counts_by("cause")]
        header = say("风险", "cause")
    else:
        names = SEVERITIES["audit"]
        rows = [(word(names[severity]), count, homes) for severity, count, homes in findings.counts_by("severity")]
        header = say("类别", "severity")
    table(say("按类别", "By kind"), (header, say("条数", "findings"), say("户数", "households")), rows, (1, 2))


def _by_rule(findings: Findings) -> None:
    counted = findings.counts_by("rule_id")
    rows = [(id_, word(findings.rulebook.rules[id_].name), count, homes) for id_, count, homes in counted[:_TOP]]
    title = say(f"最多的规则（{len(rows)}/{len(counted)}）", f"Rules that fire most ({len(rows)} of {len(counted)})")
    headers = (say("规则", "rule"), say("名称", "name"), say("条数", "findings"), say("户数", "households"))
    table(title, headers, rows, (2, 3))


def _by_township(findings: Findings) -> None:
    regions = Regions.load()
    counted = findings.counts_by("left(region_code, 9)")
    rows = [(regions.name(code) or code or "—", count, homes) for code, count, homes in counted[:_TOP]]
    title = say(f"按乡镇（{len(rows)}/{len(counted)}）", f"By township ({len(rows)} of {len(counted)})")
    table(title, (say("乡镇", "township"), say("条数", "findings"), say("户数", "households")), rows, (1, 2))


def explanation(found: Explanation) -> None:
    """One finding with the values and the parameters behind it."""
    rule = found.rule
    kind = word(SEVERITIES[rule.kind][rule.severity])
    out.print(
        f"[bold]{escape(rule.id)}[/] {escape(word(rule.name))} · {kind}"
        + (f" · {word(CAUSES[rule.cause])}" if rule.cause else "")
    )
    out.print(f"  {word(found.text)}", markup=False)
    for used in found.parameters:
        where = f"[{used.region}]" if used.region else say("全国", "national")
        doubt = "" if used.confidence == "high" else say("（未经核实）", " (not verified)")
        since = f"{say('自', 'since ')}{used.since}" if used.since else ""
        out.print(
            f"  · {word(used.name)} {used.value} {word(unit_name(used.unit))} {since} {where} {used.source}{doubt}",
            style="dim",
            markup=False,
        )
    doubt = "" if rule.confidence == "high" else say("（未经核实）", " (not verified)")
    out.print(f"  {say('依据', 'Source')}: {rule.source}{doubt}", style="dim", markup=False)
    out.print(f"  → {word(rule.mend)}", markup=False)
    out.print()
