"""What the tests of money begin with: a fund of the banner, a project in the village, and who works with them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from khotail.accounts.models import Officer
from khotail.funds import ledger, projects, receiving
from khotail.funds.models import Account, Fund, Project
from tests.record.conftest import TOWNSHIP, VILLAGE

DAY = date(2026, 3, 2)
DOCUMENT = "演示财农〔2026〕1号"


def a_fund(officers: dict[str, Officer], now: datetime, amount: object = 1000, **more: Any) -> Fund:
    asked = {"source": "central", "year": 2026, "document": DOCUMENT, "on": DAY, "by": officers["banner_officer"]}
    return receiving.receive(amount=Decimal(str(amount)), now=now, **{**asked, **more}).debit.fund


def a_project(officers: dict[str, Officer], now: datetime, *, by: str = "banner_officer", **more: Any) -> Project:
    villages = more.pop("villages", [VILLAGE])
    number = more.pop("number", "")
    values = {
        "name": "演示肉羊育肥", "kind": "industry", "year": 2026, "region_code": TOWNSHIP, "department": "agriculture",
        "aims": "", "planned_cny": Decimal(500), "starts_on": DAY, "ends_on": date(2026, 12, 1), **more,
    }  # fmt: skip
    return projects.add_project(values, villages, by=officers[by], now=now, number=number)


def given(fund: Fund, project: Project, officers: dict[str, Officer], now: datetime, amount: object, **more: Any):
    asked = {"on": DAY, "by": officers["banner_officer"]}
    return receiving.allocate(fund, Decimal(str(amount)), project=project, now=now, **{**asked, **more})


def stands(fund: Fund, project: Project | None = None, kind: str = "project", region_code: str = "") -> Decimal:
    rows = Account.objects.filter(fund=fund, kind=kind)
    rows = rows.filter(project=project) if project else rows.filter(region_code=region_code)
    account = rows.first()
    return ledger.balance(account) if account else Decimal(0)
