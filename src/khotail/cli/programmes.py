"""How programmes of a rulebook look in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from khotail.cli.language import say, word

if TYPE_CHECKING:
    from khotail.rulebook.model import Rulebook
    from khotail.rulebook.programmes import Programme


def list_programmes(loaded: Rulebook) -> None:
    from khotail.cli import show
    from khotail.rulebook.programmes import TRANSITIONS

    rows = [
        (
            p.id,
            word(show.LEVELS[p.level]),
            p.category,
            word(TRANSITIONS[p.transition]),
            str(p.until or ""),
            word(p.name),
        )
        for p in loaded.programmes.values()
    ]
    headers = (
        "id", say("层级", "level"), say("措施类别", "measure"), say("过渡", "transition"), say("止", "until"),
        say("名称", "name"),
    )  # fmt: skip
    show.table(f"{say('帮扶项目', 'Programmes')} {len(rows)}", headers, rows)


def show_programme(programme: Programme) -> None:
    """All that the rulebook says of one programme, with its examples."""
    from khotail.cli import show
    from khotail.rulebook.programmes import COUNTS_AS, PAYING_LEVELS, TRANSITIONS

    seen, cap = programme.received_as, programme.cap
    signs = [*seen.benefits, *seen.measures, *([seen.when.sql] if seen.when else [])]
    limits = [cap.household.sql] if cap.household else []
    limits += [f"{cap.share:.0%} × {cap.of.sql}"] if cap.of and cap.share is not None else []
    lines = [
        (say("名称", "name"), word(programme.name)),
        (say("层级", "level"), word(show.LEVELS[programme.level])),
        (say("措施类别", "measure"), programme.category),
        (say("对象", "who"), programme.who.sql),
        (say("金额(元/年)", "CNY a year"), programme.amount.sql),
        (say("上限", "cap"), "; ".join(limits)),
        (say("二选一", "conflicts"), ", ".join(programme.conflicts)),
        (say("渐退(月)", "withdrawal (months)"), str(programme.withdrawal or "")),
        (say("出资", "pays"), f"{word(PAYING_LEVELS[programme.pays.level])} · {programme.pays.fund}"),
        (say("过渡", "transition"), word(TRANSITIONS[programme.transition])),
        (say("接替", "successor"), programme.successor or ""),
        (say("怎样看出已享", "received as"), ", ".join(signs)),
        (say("计入", "counts as"), word(COUNTS_AS[programme.counts_as])),
        (say("理由", "because"), word(programme.because)),
        (say("怎么办", "mend"), word(programme.mend)),
        (say("自", "since"), f"{programme.since} – {programme.until or ''}"),
        (say("来源", "source"), f"{programme.source}（{programme.confidence}）"),
        (say("位置", "where"), str(programme.place)),
    ]
    show.table(programme.id, ("", ""), [line for line in lines if line[1]])
    rows = [
        (str(e.on), str(e.expect), ", ".join(f"{k}={v}" for k, v in e.given.items())) for e in programme.worked.read()
    ]
    show.table(say("例子", "Examples"), (say("日期", "on"), say("应得", "expect"), say("给定", "given")), rows)
