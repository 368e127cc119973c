"""A small register whose cliff can be computed by hand, for tests of simulations.

Programme `a` pays 10 CNY for each mu of forest, and the line is 6,000. H1, H3 and H4 live on 2,000 of it, two people each
with 13,100: without it they come to 5,550 a person, 450 below. H2 has enough.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings

from khotail.accounts.models import Officer
from khotail.jobs.work import run_waiting
from khotail.register.statements import state
from khotail.simulation.actions import ask_for_simulation
from khotail.simulation.models import Simulation
from khotail.visits.models import Form
from tests.record.conftest import BANNER, OTHER_VILLAGE, VILLAGE
from tests.rulebook.programme_books import programme, write_programmes

OTHER_TOWNSHIPS_VILLAGE = "152221101200"
HOMES = {
    "H1": (VILLAGE, 13_100.0, 200.0), "H2": (VILLAGE, 30_000.0, 200.0), "H3": (OTHER_VILLAGE, 13_100.0, 200.0),
    "H4": (OTHER_TOWNSHIPS_VILLAGE, 13_100.0, 200.0),
}  # fmt: skip
ENDS = "name: {zh: 停止, en: It ends}\nadopted: 2026-06-01\nends:\n  - {programme: a, on: 2027-01-01}\n"


def law(folder: Path, **changed: Any) -> None:
    """Let the small rulebook be the installation's."""
    settings.KHOTAIL_RULEBOOK = str(write_programmes(folder / "law", programme("a", **changed)))


def register(now: datetime, homes: dict[str, tuple[str, float, float]] | None = None, year: int = 2025) -> None:
    """State the households, each with one person and an income of business."""
    homes = HOMES if homes is None else homes
    _stated("households", now, [
        {"household_id": id_, "region_code": place, "household_type": "脱贫户", "forest_mu": forest}
        for id_, (place, _, forest) in homes.items()
    ])  # fmt: skip
    _stated("persons", now, [
        {"household_id": id_, "person_id": f"{id_}-1", "name": f"演示{id_}", "relation": "户主"} for id_ in homes
    ])  # fmt: skip
    _stated("incomes", now, [
        {"household_id": id_, "income_year": year, "business_cny": income, "transfer_cny": 0.0, "members": 2}
        for id_, (_, income, _) in homes.items()
    ])  # fmt: skip


def _stated(table: str, now: datetime, rows: list[dict[str, Any]]) -> None:
    state(
        table, pa.Table.from_pylist(rows), as_of=date(2026, 1, 1), source="test", batch_id=None, by=None, now=now,
        region_code=BANNER,
    )  # fmt: skip


def computed(by: Officer, now: datetime, scenario: str = ENDS, title: str = "停止", **more: Any) -> Simulation:
    """A simulation, asked for and computed."""
    asked = ask_for_simulation(title, scenario, more.pop("region_code", by.region_code), by=by, now=now, **more)
    run_waiting(now)
    asked.refresh_from_db()
    return asked


def offer_form(now: datetime) -> None:
    """The small rulebook has no forms; here is one."""
    Form.objects.create(
        form_id="household_visit", version="1", title_zh="入户走访", title_en="Household visit", purpose="visit",
        xform="<h:html/>", digest="0" * 64, published_at=now, added_at=now,
    )  # fmt: skip
