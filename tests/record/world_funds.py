"""Money, a project and what it left behind, in the village of the world that the walks go through."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from khotail.accounts.models import Officer
from khotail.funds import ledger
from khotail.funds.models import (
    Account,
    Asset,
    AssetCheck,
    Entry,
    Fund,
    HealthCard,
    Milestone,
    Paper,
    Participation,
    Payment,
    Project,
    ProjectPlace,
    Upgrade,
    YearFigures,
)
from khotail.register.models import Document, Household

_DAY = date(2026, 6, 1)

#: Address → what its arguments are.
ARGUMENTS: dict[str, dict[str, str]] = {
    "funds/": {"pk": "fund"},
    "funds/entries/": {"pk": "entry"},
    "funds/payments/": {"pk": "payment", "deed": "=refuse"},
    "funds/projects/": {"pk": "project", "deed": "=milestone", "paper": "project_paper"},
    "funds/ties/": {"pk": "tie", "deed": "=untie"},
    "funds/milestones/": {"pk": "milestone", "deed": "=finish"},
    "funds/assets/": {"pk": "asset", "deed": "=look"},
}


def spent(home: Household, said: str, by: Officer, now: datetime, document: Document) -> dict[str, int]:
    """A fund that came in to the village, an industry project of it, a payment that waits, an asset that lies idle."""
    village = home.region_code
    fund = Fund.objects.create(
        region_code=village, source="central", year=2026, document=said, task=said, entered_by=by, entered_at=now
    )  # fmt: skip
    project = Project.objects.create(
        number=f"W{home.pk:05d}", name=said, kind="industry", year=2026, region_code=village, department="agriculture", aims=said,
        planned_cny=Decimal(1000), state="under_way", starts_on=_DAY, entered_by=by, entered_at=now,
    )  # fmt: skip
    ProjectPlace.objects.create(project=project, region_code=village)
    asked = {"on": _DAY, "by": by, "now": now, "document": said}
    held = ledger.held_by(fund, village)
    ledger.post(Entry.Kind.RECEIVED, debit=held, credit=ledger.origin_of(fund), amount=Decimal(900), **asked)
    entry = ledger.post(
        Entry.Kind.ALLOCATED, debit=ledger.account_of(fund, project), credit=held, amount=Decimal(500), **asked
    )
    ledger.account_of(fund, project, Account.Kind.PAID)
    payment = Payment.objects.create(
        project=project, fund=fund, region_code=village, amount_cny=Decimal(100), payee=said, purpose=said, asked_by=by, asked_at=now
    )  # fmt: skip
    milestone = Milestone.objects.create(
        project=project, region_code=village, title=said, department="agriculture", due_on=_DAY
    )
    tie = Participation.objects.create(
        project=project, household=home, region_code=village, tie="wage", since=_DAY, recorded_by=by, recorded_at=now
    )  # fmt: skip
    scores = {name: 1 for name in HealthCard.FIELDS} | {f"{name}_note": said for name in HealthCard.FIELDS}
    HealthCard.objects.create(project=project, on=_DAY, by=by, at=now, **scores)
    for year in (2024, 2026):
        YearFigures.objects.create(
            project=project, year=year, output_cny=Decimal(10), jobs=1, households=1, household_income_cny=Decimal(5), by=by, at=now
        )  # fmt: skip
    Upgrade.objects.create(project=project, year=2025, what=said, grade_before=said, grade_after=said, by=by, at=now)
    asset = Asset.objects.create(
        project=project, name=said, kind="public", region_code=village, value_cny=Decimal(300), keeper_kind="collective", keeper=said,
        handed_over_on=_DAY, idle_since=date(2026, 1, 1), checked_on=_DAY, entered_by=by, entered_at=now,
    )  # fmt: skip
    AssetCheck.objects.create(
        asset=asset, on=_DAY, condition="good", is_used=False, keeper=said, words=said, by=by, at=now
    )
    paper = Paper.objects.create(project=project, payment=payment, document=document)
    return {
        "fund": fund.pk, "entry": entry.pk, "project": project.pk, "payment": payment.pk, "milestone": milestone.pk,
        "tie": tie.pk, "asset": asset.pk, "project_paper": paper.pk,
    }  # fmt: skip
