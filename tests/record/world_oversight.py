"""One object of each kind of oversight about one village, with words that nobody elsewhere may read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from khotail.accounts.models import Officer
from khotail.oversight.models import (
    Alarm,
    ClassChange,
    Extension,
    Inspection,
    PlanFigure,
    PlanStep,
    Point,
    Policy,
    PolicyPlan,
    PolicyReview,
    Responsibility,
    Shortcoming,
    Transition,
)
from khotail.register.models import Household

DAY = date(2026, 6, 1)


def overseen(home: Household, said: str, by: Officer, now: datetime) -> dict[str, int]:
    """Everything lies at the village, so that the next village may not read it; the clock is the banner's, and says nothing."""
    village = home.region_code
    policy = Policy.objects.create(
        region_code=village, title=said, number=said[:80], field="income", level="township", starts_on=DAY, note=said,
        programme="subsistence-allowance", transition="adjust", population=said, body=said[:80], added_by=by, added_at=now,
        changed_at=now,
    )  # fmt: skip
    notes: dict[str, Any] = {}
    for name in ("effect", "cost", "fairness", "cliff", "load"):
        notes |= {name: 3, f"{name}_note": said}
    review = PolicyReview.objects.create(
        policy=policy, region_code=village, advice="adjust", summary=said, signed_by=by, signed_at=now, **notes
    )
    ClassChange.objects.create(policy=policy, after="adjust", reason=said, by=by, at=now)
    plan = PolicyPlan.objects.create(
        policy=policy, region_code=village, transition="adjust", goal=said, target=10, due_on=DAY, made_by=by, made_at=now,
        details={"level": said, "affected": "10", "protection": said},
    )  # fmt: skip
    step = PlanStep.objects.create(plan=plan, what=said, due_on=DAY)
    PlanFigure.objects.create(plan=plan, on=DAY, value=4, words=said, by=by, at=now)
    owner = Responsibility.objects.create(
        subject="task", region_code=village, task=said[:120], level="village", person=said[:60], post="组长", named_on=DAY,
        named_by=by, duty=said,
    )  # fmt: skip
    inspection = Inspection.objects.create(
        region_code=village, topic=said, inspector=said[:80], due_on=DAY, planned_by=by, planned_at=now, what=said
    )
    shortcoming = Shortcoming.objects.create(
        inspection=inspection, region_code=village, what=said, body=said[:80], due_on=DAY, found_by=by, found_at=now
    )
    Point.objects.get_or_create(
        region_code=village, series="owners", quarter=date(2026, 4, 1), defaults={"value": 3, "counted_at": now}
    )
    alarm, _is_new = Alarm.objects.get_or_create(
        region_code=village, series="owners", quarter=date(2026, 4, 1),
        defaults={"before": 9, "after": 3, "raised_at": now},
    )  # fmt: skip
    clock, is_new = Transition.objects.get_or_create(
        region_code=village[:6],
        defaults={
            "exited_on": date(2020, 3, 4), "source": "演示文件", "ends_on": date(2026, 12, 31), "set_by": by, "set_at": now,
        },
    )  # fmt: skip
    if is_new:
        Extension.objects.create(
            transition=clock,
            before=date(2025, 3, 4),
            until=clock.ends_on,
            reason="演示",
            document="演示",
            by=by,
            at=now,
        )
    return {
        "policy": policy.pk, "policy_review": review.pk, "policy_step": step.pk, "responsibility": owner.pk,
        "inspection": inspection.pk, "shortcoming": shortcoming.pk, "alarm": alarm.pk, "transition": clock.pk,
    }  # fmt: skip
