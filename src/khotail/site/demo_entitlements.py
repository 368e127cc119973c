"""Entitlements of the demo: one run over the banner, and a village whose cadre has begun to see to what is missed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from khotail.entitlements import actions
from khotail.entitlements.models import Missed
from khotail.site.demo_people import People

#: What the cadre has recorded of the first lines of the village's list: state and reason.
_SEEN_TO = (
    (Missed.State.TOLD, ""),
    (Missed.State.APPLIED, "演示：材料已交苏木乡镇"),
    (Missed.State.NOT_WANTED, "演示：户主表示不需要"),
    (Missed.State.REFUSED, "演示：名下有车，不符合财产条件"),
)

Tell = Callable[[int, int, str], None]


def work_out_entitlements(people: People, banner: str, as_of: date, now: datetime, tell: Tell) -> int:
    """Run the programmes and mark a few lines; returns how many lines the work list has."""
    run = actions.run(banner, as_of, people["banner-officer"], now - timedelta(days=1), tell)
    cadre = people["village-cadre"]
    lines = Missed.objects.visible_to(cadre).filter(closed_on=None, household__ended_on=None)
    for line, (state, reason) in zip(lines[1 : len(_SEEN_TO) + 1], _SEEN_TO, strict=False):
        actions.mark(line, state, reason, by=cadre, now=now - timedelta(hours=2))
    return int(run.counts["missed"])
