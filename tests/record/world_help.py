"""One of everything that help consists of, for the walks over all addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from khotail.accounts.models import Officer
from khotail.assistance.models import (
    EffectStudy,
    Emergency,
    Employment,
    Plan,
    PlanLine,
    PlanTemplate,
    Trainee,
    Training,
)
from khotail.casework.models import Case, Measure
from khotail.register.models import Document, Household


def helped(
    home: Household, said: str, case: Case, measure: Measure, document: Document, by: Officer, now: datetime
) -> dict[str, Any]:
    """A plan with a line, its template, help at once, a check of the measure, a job, and a seat in a class.

    Template and class are the village's: their words tell nothing of the household.
    """
    village, day, person = home.region_code, date(2026, 6, 1), home.members.get()
    place = {"household": home, "region_code": village}
    template = PlanTemplate.objects.create(
        region_code=village, title="演示模板", lines=[{"category": "健康帮扶", "kind": "救治", "months": None}], written_by=by,
        written_at=now,
    )  # fmt: skip
    plan = Plan.objects.create(
        case=case, template=template, aim=said, gaps=["illness"], made_by=by, made_at=now, **place
    )
    line = PlanLine.objects.create(
        plan=plan,
        category="健康帮扶",
        kind=said,
        causes=["illness"],
        starts_on=day,
        changed_by=by,
        changed_at=now,
        **place,
    )
    line.documents.add(document)
    emergency = Emergency.objects.create(
        cause="accident", kind="cash", amount_cny=100, words=said, given_on=day, given_by=by, recorded_at=now,
        level="village", due_on=date(2026, 6, 15), **place,
    )  # fmt: skip
    emergency.photos.add(document)
    study = EffectStudy.objects.create(
        measure=measure, category=measure.category, kind=said, asked_by=by, asked_at=now, computed_at=now,
        result={
            "verdict": "one", "matched": 1, "helped": 1, "compared": 5, "change": 10.0, "compared_change": 5.0,
            "lowest": 1.0, "highest": 9.0, "least": 20, "ids": [home.pk],
            "years": [{"offset": 0, "pairs": 1, "helped": 9000, "compared": 9100}],
            "alike": [{"name": "income", "helped": 9000.0, "compared": 9100.0}],
        },
        **place,
    )  # fmt: skip
    job = Employment.objects.create(
        person=person, employer=said, place="banner", found="self", starts_on=day, ended_on=day, ending="dismissed",
        is_lost=True, recorded_by=by, recorded_at=now, **place,
    )  # fmt: skip
    training = Training.objects.create(
        region_code=village,
        title="演示班",
        trade="养殖",
        starts_on=day,
        ends_on=day,
        hours=8,
        opened_by=by,
        opened_at=now,
    )
    Trainee.objects.create(training=training, person=person, enrolled_by=by, enrolled_at=now, **place)
    return {
        "help_plan": plan.pk, "plan_line": line.pk, "plan_template": template.pk, "emergency": emergency.pk,
        "study": study.pk, "employment": job.pk, "training": training.pk,
    }  # fmt: skip


#: Address → what its arguments are.
ARGUMENTS = {
    "help/plans/": {"pk": "help_plan", "case": "case", "line": "plan_line", "deed": "=evidence"},
    "help/templates/": {"pk": "plan_template"},
    "help/emergencies/": {"pk": "emergency", "deed": "=papers"},
    "help/effects/": {"pk": "study", "measure": "measure"},
    "help/jobs/": {"pk": "employment"},
    "help/training/": {"pk": "training"},
}
