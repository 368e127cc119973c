"""Every address of the site as every role, in another banner, in another village, and as nobody: nothing leaks.

Addresses come from the resolver, so a new page is walked from its first day. What it does to the database is undone after
each call.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie

import pytest
from django.db import connection, transaction
from django.test import Client

from khotail.accounts.roles import MAY, May
from khotail.casework.models import Case, Lead, Objection, Step
from khotail.entitlements.models import Missed
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.issues.models import Body, Check, Issue, Matter
from khotail.jobs.models import Job
from khotail.oversight.models import Alarm, Inspection, Policy, Responsibility, Shortcoming
from khotail.register.models import Household, Person, Statement
from khotail.residents.models import Correction
from khotail.screening.models import RulebookChange
from khotail.simulation.models import Fall
from tests.record.conftest import PEOPLE, VILLAGE, make_household
from tests.record.world import Address, World, addresses, build

#: What anybody may open.
PUBLIC = {"healthz", "account_login", "account_inactive", "language", "api_nothing", "api-root", "account_logout"}
#: Beginnings of routes that everybody may open, and of those that ask in their own way who is there.
PUBLIC_ROUTES = (
    "board/", "report/", "receipt/", "needs/", "open311/", "my/sign-in/", "my/look/", "my/sign-out/", "visits/shell",
    "visits/app.webmanifest", "visits/worker.js",
)  # fmt: skip
OWN_DOOR = ("my/", "openrosa/", "visits/")
#: Who must not see the village of `ours`: they work for another one, or only for households that are theirs.
OUTSIDE = ("neighbour", "other_village_cadre", "helper")
#: What belongs to the village and not to a household: its helpers open it.
SHARED = frozenset({"plan_template", "training"})
#: What is of the whole banner: a run of the programmes and a programme of the rulebook, each with the reader's own figures.
OF_THE_BANNER = frozenset({"entitlement_run", "entitlement_programme"})
INSIDE = tuple(key for key in PEOPLE if key != "neighbour")
#: One of two village cadres is enough where neither has anything to see.
BESIDE = tuple(key for key in INSIDE if key != "other_village_cadre")

#: Beginning of a route → the right that everything below it needs; the longest that fits counts.
NEEDS: dict[str, tuple[May, ...]] = {
    "people/": (May.MANAGE_PEOPLE,),
    "people/me/": (),
    "register/": (May.SEE_REGISTER,),
    "register/new/": (May.EDIT_REGISTER,),
    "register/person/": (May.EDIT_REGISTER, May.UNMASK),
    "register/export/": (May.EXPORT,),
    "leads/": (May.SEE_CASES,),
    "leads/new/": (May.RAISE_LEADS,),
    "cases/": (May.SEE_CASES,),
    "objections/": (May.SEE_CASES,),
    "issues/": (May.SEE_ISSUES, May.RAISE_ISSUES),
    "issues/new/": (May.RAISE_ISSUES,),
    "issues/to-sort/": (May.SORT_ISSUES,),
    "issues/mine/": (May.WORK_ISSUES,),
    "issues/watched/": (May.SORT_ISSUES,),
    "issues/checks/": (May.CHECK_CLOSINGS,),
    "issues/matters/": (May.SEE_ISSUES,),
    "issues/bodies/": (May.SEE_ISSUES,),
    "issues/bodies/new/": (May.MANAGE_BODIES,),
    "issues/statistics/": (May.SEE_ISSUES,),
    "corrections/": (May.EDIT_REGISTER,),
    "screening/runs/": (May.SEE_CASES, May.SEE_AUDIT),
    "screening/runs/start/": (May.SCREEN,),
    "screening/findings/": (May.SEE_CASES,),
    "screening/audit/": (May.SEE_AUDIT,),
    "screening/rulebook/changes/": (May.CHANGE_RULEBOOK, May.SCREEN),
    "visits-plan/": (May.PLAN_VISITS,),
    "visits-plan/planned/": (May.MAKE_VISITS,),
    "visits-plan/forms/upload/": (May.UPLOAD_FORMS,),
    "visits-plan/records/": (May.PLAN_VISITS, May.MAKE_VISITS),
    "visits-plan/odk/": (May.MAKE_VISITS,),
    "help/missed/": (May.SEE_HELP,),
    "help/entitlements/": (May.SEE_HELP,),
    "help/entitlements/start/": (May.SCREEN,),
    "help/plans/": (May.SEE_HELP,),
    "help/templates/": (May.SEE_HELP,),
    "help/templates/new/": (May.PLAN_HELP,),
    "help/emergencies/": (May.SEE_HELP,),
    "help/emergencies/new/": (May.PLAN_HELP,),
    "help/effects/": (May.SEE_HELP,),
    "help/jobs/": (May.SEE_HELP,),
    "help/jobs/new/": (May.PLAN_HELP,),
    "help/jobs/import/": (May.PLAN_HELP,),
    "help/training/": (May.SEE_HELP,),
    "help/training/new/": (May.PLAN_HELP,),
    "api/entitlements": (May.SEE_HELP,),
    "api/entitlements/runs": (May.SCREEN,),
    "policies/simulations/": (May.SEE_POLICIES,),
    "policies/simulations/new/": (May.SIMULATE,),
    "policies/simulations/falls/": (May.SEE_POLICIES,),
    "policies/radar/": (May.SEE_POLICIES,),
    "policies/radar/look/": (May.SIMULATE,),
    "partners/": (May.SEE_PARTNERS,),
    "partners/pairings/new/": (May.KEEP_PARTNERS,),
    "partners/helpers/new/": (May.KEEP_PARTNERS,),
    "partners/sales/new/": (May.KEEP_PARTNERS,),
    "partners/sales/products/new/": (May.KEEP_PARTNERS,),
    "relocation/": (May.SEE_FUNDS,),
    "funds/": (May.SEE_FUNDS,),
    "funds/new/": (May.KEEP_FUNDS,),
    "funds/entries/": (May.KEEP_FUNDS,),
    "funds/import/": (May.KEEP_FUNDS,),
    "funds/projects/new/": (May.KEEP_PROJECTS,),
    "relocation/sites/new/": (May.KEEP_PROJECTS,),
    "policies/": (May.SEE_POLICIES,),
    "policies/new/": (May.KEEP_POLICIES,),
    "policies/import/": (May.KEEP_POLICIES,),
    "policies/transition/set/": (May.KEEP_POLICIES,),
    "policies/responsibilities/new/": (May.KEEP_POLICIES,),
    "policies/inspections/new/": (May.KEEP_POLICIES, May.REVIEW_POLICIES),
    "policies/continuity/count/": (May.KEEP_POLICIES,),
    "trail/": (May.SEE_TRAIL,),
    "intake/": (May.SEND_FILES, May.DECIDE_MATCHES, May.RAISE_LEADS),
    "api/households": (May.SEE_REGISTER,),
    "api/signals": (May.SEE_CASES,),
    "api/audits": (May.SEE_AUDIT,),
    "api/leads/": (May.SEE_CASES,),
    "api/issues": (May.SEE_ISSUES, May.RAISE_ISSUES),
    "api/cases": (May.SEE_CASES,),
    "api/batches": (May.SEND_FILES,),
    "api/runs": (May.SEE_CASES,),
}


def walkers(people: tuple[str, ...], on_both: set[str]) -> pytest.MarkDecorator:
    """A test for each of the people. Rights are the program's on any database; those `on_both` walk on both, so that
    every query of every page is asked there too.
    """
    marked = [key if key in on_both else pytest.param(key, marks=pytest.mark.one_database) for key in people]
    return pytest.mark.parametrize("key", marked)


@pytest.fixture
def ours(household, officers, now) -> World:
    return build(household, "本户", officers["administrator"], now)


@pytest.fixture
def theirs(neighbour_household, officers, now) -> World:
    return build(neighbour_household, "邻旗秘", officers["neighbour"], now)


@pytest.fixture(autouse=True)
def no_limits(settings) -> None:
    settings.KHOTAIL_LIMITS = ()


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written within is not kept."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _nothing() -> None:
    """Look at nothing."""


class Walker:
    """A browser of one person, who stays signed in whatever page is called."""

    def __init__(self, browser: Client) -> None:
        self.browser = browser
        self.cookies = browser.cookies.output(header="", sep=";")
        self.looked: object = None

    def call(
        self, address: Address, world: World, method: str, body: dict | None = None, query: dict | None = None,
        look: Callable[[], object] = _nothing,
    ):  # fmt: skip
        """The answer, and what can be read in it; `looked` is what `look` saw before what was written was undone."""
        self.browser.cookies = SimpleCookie(self.cookies)
        path = address.path(world)
        with undone():
            if method == "GET":
                answer = self.browser.get(path, query or {})
            elif address.is_api:
                answer = self.browser.post(path, json.dumps(body or {}), content_type="application/json")
            else:
                answer = self.browser.post(path, body or {})
            self.looked = look()
            return answer, text_of(answer)


def text_of(answer) -> str:
    """What can be read in an answer, within workbooks and archives too, and where it sends the browser."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    parts = [raw.decode("utf-8", "replace"), answer.get("Location", ""), answer.get("Content-Disposition", "")]
    if raw[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts += [archive.read(each).decode("utf-8", "replace") for each in archive.namelist()]
    return "".join(parts)


def plausible(world: World) -> dict:
    """A body that many a page would take, all about the world's own objects."""
    return {
        "household": world.ids["household"], "household_id": world.ids["household"], "q": "演示", "text": "演示",
        "region": world.household.region_code, "region_code": world.household.region_code, "to": VILLAGE,
        "channel": "visit", "words": "一句话", "reason": "理由", "on": "2026-06-01", "how": "died", "name": "演示丙",
        "relation": "子女", "outcome": "no-risk", "upheld": "no", "answer": "答复", "who": "self", "kind": "signal",
        "category": "健康帮扶", "starts_on": "2026-06-01", "helper": world.ids["officer"], "title": "标题",
        "members": world.ids["person"], "head": world.ids["person"], "house_grade": "C", "person": world.ids["person"],
        "full_name": "演示丁", "username": "ding", "role": "leader", "next": "/", "page": "leads", "query": "a=b",
        "into_id": world.ids["household"], "decision": "nobody", "month": "2026-06", "record": {},
    }  # fmt: skip


class Standing:
    """The state of the world's own objects, to be the same afterwards: asked for after each call, so worded once."""

    def __init__(self, world: World) -> None:
        kinds = {
            "person": Person, "lead": Lead, "case": Case, "step": Step, "objection": Objection, "batch": Batch,
            "doubtful": DoubtfulMatch, "job": Job, "change": RulebookChange, "household": Household, "issue": Issue,
            "body": Body, "check": Check, "matter": Matter, "correction": Correction,
            "missed": Missed, "fall": Fall,
            "policy": Policy, "responsibility": Responsibility, "inspection": Inspection, "shortcoming": Shortcoming, "alarm": Alarm,
        }  # fmt: skip
        asked = [kind.objects.filter(pk=world.ids[key]) for key, kind in kinds.items()]
        asked.append(Statement.objects.filter(household=world.household).order_by("id"))
        self.questions = [each.query.sql_with_params() for each in asked]

    def __call__(self) -> list[object]:
        with connection.cursor() as cursor:
            return [cursor.execute(*each).fetchall() for each in self.questions]


def walk_outside(browser: Client, foreign: World, shared: frozenset[str] = frozenset()) -> list[str]:
    """Call everything with objects that are not the reader's to see; returns what is wrong.

    shared   kinds of objects that the reader may open: they are a place's, and tell nothing of a household
    """
    walker, wrong = Walker(browser), []
    standing = Standing(foreign)
    before = standing()
    body = plausible(foreign)
    calls = [
        ("GET", None, {"region": foreign.household.region_code}),
        ("GET", None, {"region": foreign.household.region_code[:6], "export": "xlsx", "state": "all"}),
        ("GET", None, {"household": foreign.ids["household"], "on": "2026-06-30"}),
        ("POST", {}, None),
        ("POST", body, None),
    ]
    for address in addresses():
        # Filters are for lists; one object is named by its address alone.
        for method, sent, query in calls[1:] if address.kinds else calls:
            look = standing if sent else _nothing
            try:
                answer, text = walker.call(address, foreign, method, sent, query, look)
                if sent and walker.looked != before:
                    wrong.append(f"{method} {address.name} changed what is not theirs")
            except Exception as error:
                wrong.append(f"{method} {address.name}: {type(error).__name__}: {error}")
                continue
            told = f"{method} {address.name} {answer.status_code}"
            leaked = [mark for mark in foreign.marks if mark in text]
            if leaked:
                wrong.append(f"{told} shows {leaked}")
            if answer.status_code >= 500:
                wrong.append(f"{told} fails")
            if (
                not shared.issuperset(address.kinds)
                and answer.status_code == 200
                and not address.route.startswith(PUBLIC_ROUTES)
            ):
                wrong.append(f"{told} answers for what is not theirs")
    return wrong


@walkers(BESIDE, {"administrator"})
def test_nobody_here_sees_the_neighbours(signed_in, ours, theirs, key):
    assert walk_outside(signed_in(key), theirs) == []


@walkers(OUTSIDE, {"helper"})
def test_nobody_elsewhere_sees_this_village(signed_in, ours, theirs, key):
    shared = {"neighbour": frozenset(), "helper": SHARED | OF_THE_BANNER}.get(key, OF_THE_BANNER)
    assert walk_outside(signed_in(key), ours, shared) == []


@walkers(INSIDE, {"administrator", "village_cadre"})
def test_whoever_lacks_the_right_is_refused_and_nothing_fails(signed_in, officers, ours, theirs, key):
    walker, wrong, role = Walker(signed_in(key)), [], officers[key].role
    for address in addresses():
        for method, sent in (("GET", None), ("POST", {}), ("POST", plausible(ours))):
            try:
                answer, text = walker.call(address, ours, method, sent)
            except Exception as error:
                wrong.append(f"{method} {address.name}: {type(error).__name__}: {error}")
                continue
            told = f"{method} {address.name} {answer.status_code}"
            if answer.status_code >= 500:
                wrong.append(f"{told} fails")
            if any(mark in text for mark in theirs.marks if mark not in ours.marks):
                wrong.append(f"{told} shows the neighbour's")
            needed = _needed(address.route)
            if needed and not MAY[role].intersection(needed) and answer.status_code not in _refused(address):
                wrong.append(f"{told} answers a role without the right")
    assert wrong == []


@pytest.mark.one_database
def test_nobody_comes_in_without_signing_in(ours, theirs):
    walker, wrong = Walker(Client()), []
    for address in addresses():
        for method, sent in (("GET", None), ("POST", {}), ("POST", plausible(ours))):
            answer, text = walker.call(address, ours, method, sent)
            told = f"{method} {address.name} {answer.status_code}"
            if any(mark in text for mark in ours.marks + theirs.marks):
                wrong.append(f"{told} shows something")
            if address.name in PUBLIC or address.route.startswith(PUBLIC_ROUTES):
                continue
            door = "/sign-in/" if address.route.startswith("my/") else "/accounts/"
            is_sent_to_sign_in = answer.status_code == 302 and door in answer["Location"]
            if not is_sent_to_sign_in and answer.status_code not in (401, 405):
                wrong.append(told)
    assert wrong == []


@pytest.mark.one_database
def test_whatever_writes_is_refused_without_the_csrf_token(officers, ours):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officers["administrator"])
    walker, wrong = Walker(browser), []
    for address in addresses():
        if address.name in ("api_nothing", "api-root") or address.route.startswith(("open311/", *OWN_DOOR)):
            continue
        answer, _ = walker.call(address, ours, "POST", plausible(ours))
        if answer.status_code not in (403, 405):
            wrong.append(f"{address.name} {answer.status_code}")
    assert wrong == []


def test_a_helper_sees_the_household_that_is_theirs_and_no_other(signed_in, officers, ours, now):
    own = build(make_household("D0777", VILLAGE, "帮扶户", now), "帮扶的", officers["administrator"], now)
    Household.objects.filter(pk=own.household.pk).update(helper=officers["helper"])
    Case.objects.filter(pk=own.ids["case"]).update(helper=officers["helper"])
    walker, seen = Walker(signed_in("helper")), set()
    for address in addresses():
        answer, text = walker.call(address, own, "GET")
        assert not any(mark in text for mark in ("演示甲", "D0001", "本户说")), address.name
        if answer.status_code == 200 and "帮扶户" in text:
            seen.add(address.name)
    assert {"household", "case", "lead"} <= seen


def test_the_walk_is_everywhere(ours):
    names = {address.name for address in addresses()}
    assert {"home", "household", "case", "lead", "officers", "trail", "jobs", "account_change_password"} <= names
    assert any(address.is_api for address in addresses()) and len(names) > 80


def _refused(address: Address) -> tuple[int, ...]:
    """A body that is not right is told so before anybody asks who sent it: what a route takes is no secret."""
    return (403, 404, 405, 422) if address.is_api else (403, 404, 405)


def _needed(route: str) -> tuple[May, ...]:
    fitting = [each for each in NEEDS if route.startswith(each)]
    return NEEDS[max(fitting, key=len)] if fitting else ()
