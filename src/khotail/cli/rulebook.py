"""rulebook check | list | show | diff | test."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from khotail.cli.language import say, word
from khotail.cli.options import book_option
from khotail.cli.programmes import list_programmes, show_programme
from khotail.rulebooks import DEFAULT_BOOK

if TYPE_CHECKING:
    from khotail.rulebook.expressions import Expression
    from khotail.rulebook.model import Indicator, Parameter, Rule, Rulebook
    from khotail.rulebook.procedures import Procedure
    from khotail.rulebook.programmes import Programme


@click.group(help=say("查看、检查和测试规则库。", "Look at, check and test a rulebook."))
def rulebook() -> None:
    """The sub-commands do the work."""


@rulebook.command(help=say("检查规则库，并运行每条规则的例子。", "Check a rulebook and run every rule's examples."))
@click.argument("folder", required=False, metavar=say("[规则库]", "[RULEBOOK]"))
@book_option
def check(folder: str | None, book: str) -> int:
    from khotail.rulebook import load_rulebook

    loaded = load_rulebook(folder or book)
    _tell_size(loaded)
    return _run_examples(loaded)


@rulebook.command(help=say("只运行例子，可指定规则。", "Run the examples only, of all rules or of those named."))
@click.argument("rules", nargs=-1, metavar=say("[规则]...", "[RULE]..."))
@book_option
def test(rules: tuple[str, ...], book: str) -> int:
    from khotail.rulebook import load_rulebook

    loaded = load_rulebook(book)
    return _run_examples(loaded, rules)


@rulebook.command("list", help=say("列出规则。", "List the rules."))
@click.option(
    "--kind",
    type=click.Choice(["signal", "audit", "indicator", "parameter", "procedure", "need", "programme"]),
    default=None,
    help=say("只列一类。", "Only one kind."),
)
@book_option
def list_(kind: str | None, book: str) -> int:
    from khotail.cli import show
    from khotail.rulebook import load_rulebook

    loaded = load_rulebook(book)
    for one, title, rules in (
        ("signal", say("预警信号", "Signals"), loaded.signals),
        ("audit", say("数据核查", "Audits"), loaded.audits),
    ):
        if kind in (None, one):
            rows = [(r.id, word(show.LEVELS[r.level]), r.cause or r.severity, word(r.name)) for r in rules]
            show.table(
                f"{title} {len(rows)}", ("id", say("层级", "level"), say("类别", "kind"), say("名称", "name")), rows
            )
    if kind in (None, "indicator"):
        rows = [(i.id, word(show.LEVELS[i.level]), i.unit, word(i.name)) for i in loaded.indicators.values()]
        show.table(
            f"{say('指标', 'Indicators')} {len(rows)}",
            ("id", say("层级", "level"), say("单位", "unit"), say("名称", "name")),
            rows,
        )
    if kind in (None, "parameter"):
        today = date.today()
        values = ((p, p.in_force(today, loaded.region)) for p in loaded.parameters.values())
        parameters = [(p.id, str(v.value) if v else "—", p.unit, word(p.name)) for p, v in values]
        show.table(
            f"{say('参数', 'Parameters')} {len(parameters)}",
            ("id", say("现值", "value now"), say("单位", "unit"), say("名称", "name")),
            parameters,
        )
    if kind in (None, "procedure"):
        procedures = [(p.key, str(p.until or ""), str(len(p.steps)), word(p.name)) for p in loaded.procedures.values()]
        show.table(
            f"{say('程序', 'Procedures')} {len(procedures)}",
            ("id", say("止", "until"), say("步骤", "steps"), say("名称", "name")),
            procedures,
        )
    if kind in (None, "need"):
        needs = [
            (n.id, n.cause or n.household or "", "、".join(n.accepts), word(n.name)) for n in loaded.needs.values()
        ]
        show.table(
            f"{say('措施对应', 'Needs')} {len(needs)}",
            ("id", say("风险", "cause"), say("措施类别", "measures"), say("名称", "name")),
            needs,
        )
    if kind in (None, "programme"):
        list_programmes(loaded)
    return 0


@rulebook.command(
    "show",
    help=say("显示一条规则、项目、指标或参数的全部内容。", "Show one rule, programme, indicator or parameter in full."),
)
@click.argument("rule", metavar=say("规则", "RULE"))
@book_option
def show_(rule: str, book: str) -> int:
    from khotail.rulebook import load_rulebook
    from khotail.rulebook.nearest import did_you_mean
    from khotail.rulebook.problems import UnknownRule

    loaded = load_rulebook(book)
    if rule in loaded.rules:
        _show_rule(loaded, loaded.rules[rule])
        return 0
    if rule in loaded.parameters:
        _show_parameter(loaded.parameters[rule])
        return 0
    if rule in loaded.programmes:
        show_programme(loaded.programmes[rule])
        for name in loaded.programmes[rule].parameters:
            _show_parameter(loaded.parameters[name])
        return 0
    procedures = [p for p in loaded.procedures.values() if rule in (p.id, p.key)]
    for procedure in procedures:
        _show_procedure(procedure)
    if procedures:
        return 0
    indicators = [indicator for (_, id_), indicator in loaded.indicators.items() if id_ == rule]
    if not indicators:
        known = [
            *loaded.rules,
            *loaded.programmes,
            *(p.id for p in loaded.procedures.values()),
            *loaded.parameters,
            *(id_ for _, id_ in loaded.indicators),
        ]
        raise UnknownRule(rule=rule, hint=word(did_you_mean(rule, known)))
    for indicator in indicators:
        _show_indicator(indicator)
    return 0


@rulebook.command(
    help=say("说明一个规则库相对其上级改了什么。", "Say what a rulebook changes in those that it extends.")
)
@click.argument("overlay", default=DEFAULT_BOOK, metavar=say("规则库", "OVERLAY"))
def diff(overlay: str) -> int:
    from khotail.cli import show
    from khotail.rulebook import load_rulebook

    loaded = load_rulebook(overlay)
    if not loaded.changes:
        show.out.print(say(f"{overlay} 没有改动任何上级规则库。", f"{overlay} changes nothing."), markup=False)
        return 0
    actions = {"adds": say("新增", "adds"), "replaces": say("替换", "replaces"), "sets": say("设定", "sets")}
    rows = [(actions[c.action], c.kind, c.id, c.detail, str(c.place)) for c in loaded.changes]
    title = " ← ".join(loaded.books)
    show.table(title, ("", say("类别", "kind"), "id", say("内容", "what"), say("位置", "where")), rows)
    return 0


def _tell_size(loaded: Rulebook) -> None:
    from khotail.cli import show

    show.out.print(
        say(
            f"规则库 {loaded.id}（{' ← '.join(loaded.books)}）：预警信号 {len(loaded.signals)} 条，数据核查 {len(loaded.audits)} 条，"
            f"指标 {len(loaded.indicators)} 个，参数 {len(loaded.parameters)} 个，帮扶项目 {len(loaded.programmes)} 个。",
            f"Rulebook {loaded.id} ({' ← '.join(loaded.books)}): {len(loaded.signals)} signals, {len(loaded.audits)} audits, "
            f"{len(loaded.indicators)} indicators, {len(loaded.parameters)} parameters, {len(loaded.programmes)} programmes.",
        ),
        markup=False,
    )


def _run_examples(loaded: Rulebook, rules: tuple[str, ...] = ()) -> int:
    from khotail.cli import show
    from khotail.rulebook.examples import run_examples
    from khotail.rulebook.nearest import did_you_mean
    from khotail.rulebook.problems import UnknownRule

    known: dict[str, Rule | Indicator | Programme] = {**loaded.programmes, **loaded.rules}
    for id_ in rules:
        if id_ not in known:
            raise UnknownRule(rule=id_, hint=word(did_you_mean(id_, known)))
    ran, failures = run_examples(loaded, [known[id_] for id_ in rules] if rules else None)
    for failure in failures:
        show.out.print(f"{failure.place} [{failure.entry}] {word(failure.text)}", markup=False)
    show.out.print(say(f"例子 {ran} 个，失败 {len(failures)} 个。", f"{ran} examples, {len(failures)} failed."))
    return 1 if failures else 0


def _show_rule(loaded: Rulebook, rule: Rule) -> None:
    from khotail.cli import show
    from khotail.rulebook.model import CAUSES, SEVERITIES

    lines = [
        (say("名称", "name"), word(rule.name)),
        (say("层级", "level"), word(show.LEVELS[rule.level])),
        (say("类别", "severity"), word(SEVERITIES[rule.kind][rule.severity])),
        (say("风险", "cause"), word(CAUSES[rule.cause]) if rule.cause else ""),
        (say("条件", "when"), rule.when.sql),
        (say("理由", "because"), word(rule.because)),
        (say("怎么办", "mend"), word(rule.mend)),
        (say("依据", "source"), rule.source),
        (say("可信度", "confidence"), rule.confidence),
        (say("生效", "in force"), f"{rule.since} – {rule.until or ''}"),
        (say("位置", "where"), str(rule.place)),
    ]
    show.table(rule.id, ("", ""), [line for line in lines if line[1]])
    for name in rule.when.parameters:
        if name in loaded.parameters:
            _show_parameter(loaded.parameters[name])
    rows = [
        (str(e.on), "✓" if e.expect else "✗", ", ".join(f"{k}={v}" for k, v in e.given.items()))
        for e in rule.worked.read()
    ]
    show.table(say("例子", "Examples"), (say("日期", "on"), say("触发", "fires"), say("给定", "given")), rows)


def _show_indicator(indicator: Indicator) -> None:
    from khotail.cli import show

    lines = [
        (say("名称", "name"), word(indicator.name)),
        (say("层级", "level"), word(show.LEVELS[indicator.level])),
        (say("汇总自", "over"), indicator.over or ""),
        ("SQL", indicator.expression.sql),
        (say("单位", "unit"), indicator.unit),
        (say("位置", "where"), str(indicator.place)),
    ]
    show.table(indicator.id, ("", ""), [line for line in lines if line[1]])


def _show_parameter(parameter: Parameter) -> None:
    from khotail.cli import show

    rows = [(str(v.since), v.region or "—", str(v.value), v.confidence, v.source) for v in parameter.values]
    headers = (
        say("自", "since"),
        say("区划", "region"),
        say("取值", "value"),
        say("可信度", "confidence"),
        say("来源", "source"),
    )
    show.table(f"{parameter.id} {word(parameter.name)}（{parameter.unit}）", headers, rows)


def _show_procedure(procedure: Procedure) -> None:
    from khotail.cli import show
    from khotail.rulebook.procedures import LEVELS

    def told(amount: Expression | None, unit: str) -> str:
        return f"{amount.sql} {unit}" if amount else ""

    rows = []
    for step in procedure.steps:
        due = told(step.deadline_days, say("个工作日", "working days")) or told(
            step.every_months, say("个月", "months")
        )
        ways = [f"{word(o.label)} → {o.next or o.begins or o.ends}" for o in step.outcomes]
        rows.append((step.id, word(step.name), word(LEVELS[step.level]), ", ".join(step.roles), due, "\n".join(ways)))
    headers = (
        "id",
        say("步骤", "step"),
        say("层级", "level"),
        say("角色", "roles"),
        say("时限", "due"),
        say("结果", "outcomes"),
    )
    title = f"{procedure.key} {word(procedure.name)}（{procedure.source}；{procedure.confidence}）"
    show.table(title, headers, rows)
