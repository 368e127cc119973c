"""The demo's installation: a generated banner in the register, screened, with people and cases at every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db.models import Count

from khotail.facts.schema import TABLES
from khotail.facts.store import Facts
from khotail.register.models import Household
from khotail.register.regions import load_regions
from khotail.register.statements import state
from khotail.site import setting_up
from khotail.site.demo_assistance import give_help
from khotail.site.demo_cases import STORIES, open_cases
from khotail.site.demo_entitlements import work_out_entitlements
from khotail.site.demo_funds import spend
from khotail.site.demo_issues import raise_issues
from khotail.site.demo_oversight import oversee
from khotail.site.demo_partners import add_partners
from khotail.site.demo_people import People, create_people
from khotail.site.demo_residents import give_phones
from khotail.site.demo_simulation import simulate_examples
from khotail.site.demo_visits import plan_visits
from khotail.visits.problems import NoHouseholds

Tell = Callable[[str, int, int], None]

#: What is stated first: a row about somebody needs its household, and its person, in the register.
_FIRST = ("households", "persons")
_SOURCE = "demo"


@dataclass(frozen=True)
class DemoSite:
    """What the demo's register holds."""

    households: int
    statements: int
    leads: int
    cases: int


def make(facts_folder: Path, banner: str, as_of: date, now: datetime, tell: Tell) -> DemoSite:
    """Fill an empty home with the demo.

    facts_folder  what `khotail demo --run` imported
    as_of         the day that the facts hold for
    tell          called with what is being done, how much of it, and of how much
    """
    setting_up.migrate()
    load_regions(banner)
    before = now - timedelta(days=60)
    statements = _state_everything(Facts.open(facts_folder), banner, before, tell)
    people = create_people(_largest_village(banner), before)
    leads = _screen(banner, as_of, people, now, tell)
    tell("cases", 0, len(STORIES))
    cases = open_cases(_households_with_stories(people), people, now)
    tell("cases", len(STORIES), len(STORIES))
    give_phones(people, now)
    tell("issues", 0, 1)
    raise_issues(people, banner, now)
    _plan_visits(people, now)
    give_help(people, banner, now)
    tell("issues", 1, 1)
    work_out_entitlements(people, banner, as_of, now, lambda done, total, stage: tell("entitlements", done, total))
    tell("simulations", 0, 1)
    simulate_examples(people, banner, now)
    tell("simulations", 1, 1)
    spend(people, banner, now)
    add_partners(people, banner, now)
    oversee(people, banner, now)
    setting_up.remember_banner(banner)
    return DemoSite(Household.objects.count(), statements, leads, cases)


def _state_everything(facts: Facts, banner: str, now: datetime, tell: Tell) -> int:
    tables = [*_FIRST, *(name for name in TABLES if name not in _FIRST)]
    tables = [name for name in tables if name in facts.tables]
    new = 0
    for done, name in enumerate(tables):
        tell("register", done, len(tables))
        columns = ", ".join(f'"{column}"' for column in TABLES[name].column_names if column in facts.tables[name])
        rows = facts.connection.sql(f"SELECT {columns} FROM {name}").to_arrow_table()
        said = state(
            name, rows, as_of=None, source=_SOURCE, batch_id=None, by=None, now=now, region_code=banner
        )  # fmt: skip
        new += said.new
    tell("register", len(tables), len(tables))
    return new


def _plan_visits(people: People, now: datetime) -> None:
    """A very small demo may have no monitored household in the village."""
    try:
        plan_visits(people, now)
    except NoHouseholds:
        return


def _largest_village(banner: str) -> str:
    villages = Household.objects.in_region(banner).values("region_code").annotate(households=Count("pk"))
    return str(villages.order_by("-households", "region_code")[0]["region_code"])


def _screen(banner: str, as_of: date, people: People, now: datetime, tell: Tell) -> int:
    """Screen and audit the banner, and raise the leads; returns how many."""
    from khotail.casework.actions import leads_from_run
    from khotail.screening import actions as screening

    officer, at = people["banner-officer"], now - timedelta(days=2)
    run = screening.run(
        "signal", banner, as_of=as_of, by=officer, now=at,
        progress=lambda done, total=None, stage="": tell("screening", done, total or done),
    )  # fmt: skip
    screening.run(
        "audit", banner, as_of=as_of, by=officer, now=at,
        progress=lambda done, total=None, stage="": tell("audit", done, total or done),
    )  # fmt: skip
    return leads_from_run(run, at)["raised"]


def _households_with_stories(people: People) -> list[Household]:
    """Households of the cadre's village that are not monitored yet and of which nobody has a lead."""
    village = people["village-cadre"].region_code
    free = Household.objects.in_region(village).filter(monitored_type="", ended_on=None, leads=None, size__gte=2)
    return list(free.order_by("number")[: len(STORIES)])
