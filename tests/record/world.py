"""One object of every kind in a banner, each with words that nobody elsewhere may read; and every address of the site."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from khotail.accounts.models import Device, Officer, SavedFilter
from khotail.accounts.notifications import notify
from khotail.accounts.tokens import make_token
from khotail.casework.models import Case, Lead, Measure, Objection
from khotail.casework.opening import begin
from khotail.entitlements.models import Entitlement, EntitlementRun, Missed, MissedMove
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.issues.models import Body, Check, Issue, Matter, Move, Photo
from khotail.jobs.models import Job
from khotail.partners.models import Agreement, Delivery, Need, Pairing, Pledge, Product, Sale, SaleShare, SocialHelper
from khotail.register.documents import keep
from khotail.register.jobs import EXPORT
from khotail.register.models import Document, Household, Statement
from khotail.register.sealed import seal_bytes
from khotail.relocation.models import Relocated, Site
from khotail.residents.models import Consent, Correction, Declaration, Resident
from khotail.screening.models import Finding, Kind, RulebookChange, Run
from khotail.simulation import keeping
from khotail.simulation.models import Fall, RadarReading, Simulation, VillageYear
from khotail.visits.models import Assignment, Form, Round, Submission, SubmissionFile
from tests.record import world_funds, world_help
from tests.record.world_help import helped
from tests.record.world_oversight import overseen

ID_NUMBER, PHONE = "15222119900101123X", "13912345678"


@dataclass
class World:
    """What there is in one village: kind → primary key, and the words by which it is told when it leaks."""

    household: Household
    ids: dict[str, Any]
    marks: tuple[str, ...] = field(default=())


def build(home: Household, mark: str, by: Officer, now: datetime) -> World:
    """Every kind of object about a household. `mark` stands in each of their texts; `by` may do everything there."""
    banner = home.region_code[:6]
    said = f"{mark}说"
    person = home.members.get()
    person.id_number, person.phone = ID_NUMBER, PHONE
    person.save()
    Statement.objects.create(
        table="households", household=home, region_code=home.region_code, values={"house_grade": "C"}, source=said,
        as_of=date(2026, 1, 1), recorded_at=now, recorded_by=by, digest=mark.ljust(32, "-")[:32],
    )  # fmt: skip
    paper = io.BytesIO(b"%PDF-1.7\n%%EOF")
    document = keep(paper, household=home, kind="photo", title=said, by=by, now=now)
    case = Case.objects.create(
        household=home, region_code=home.region_code, procedure="", opened_on=date(2026, 6, 1), opened_by=by,
        reason=said, causes=["illness"],
    )  # fmt: skip
    step = begin(case, "identification", now)
    case.procedure = step.procedure
    case.save()
    case_lead = _lead(home, said, by, now, state=Lead.State.TAKEN, case=case)
    run = Run.objects.create(
        kind=Kind.SIGNAL, region_code=banner, as_of=date(2026, 6, 1), rulebook="cn_15", rulebook_digest="0" * 64,
        asked_by=by, started_at=now, finished_at=now, counts={"found": 1, "new": 1},
    )  # fmt: skip
    findings = [
        Finding.objects.create(
            kind=kind, household=home, region_code=home.region_code, level="household", subject=home.number,
            rule_id="gone", severity="high", cause="illness", values={"what": said}, since=date(2026, 6, 1), first_run=run,
        )
        for kind in Kind.values
    ]  # fmt: skip
    batch = Batch.objects.create(
        region_code=banner, source="monitored_households", file_name=f"{said}.xlsx", sha256=home.number.ljust(64, "0"), path="none",
        size_bytes=1, as_of=date(2026, 6, 1), sent_by=by, sent_at=now, rejects_path="none",
    )  # fmt: skip
    doubtful = DoubtfulMatch.objects.create(
        batch=batch, region_code=home.region_code, row_number=2, table="persons", source="monitored_households", values={"name": said},
        candidates=[{"person": person.pk, "score": 0.9, "agrees": ["name"], "differs": []}],
    )  # fmt: skip
    change = RulebookChange.objects.create(region_code=banner, title=said, files={}, written_by=by, written_at=now)
    export = Job.objects.create(kind=EXPORT, state=Job.State.DONE, region_code=banner, asked_by=by, asked_at=now)
    archive = Path(settings.KHOTAIL_HOME) / "exports" / f"{export.pk}.zip.sealed"
    archive.parent.mkdir(exist_ok=True)
    archive.write_bytes(seal_bytes(said.encode()))
    job = Job.objects.create(kind="screening.run", region_code=banner, asked_by=by, asked_at=now, problem_en=said,
                             problem_zh=said, state=Job.State.FAILED, arguments={"kind": "signal"})  # fmt: skip
    measure = Measure.objects.create(
        case=case, household=home, region_code=home.region_code, category="健康帮扶", kind=said,
        starts_on=date(2026, 6, 1), recorded_by=by, recorded_at=now,
    )  # fmt: skip
    objection = Objection.objects.create(
        step=step, region_code=home.region_code, by=said, words=said, raised_at=now, taken_by=by
    )
    resident = Resident.objects.create(person=person, region_code=home.region_code, first_seen_at=now, last_seen_at=now)
    correction = Correction.objects.create(
        household=home, region_code=home.region_code, table="households", column="house_grade", wanted=said, words=said,
        asked_by=resident, asked_at=now, due_on=date(2026, 6, 10),
    )  # fmt: skip
    visit = _visit(home, said, by, now, document)
    [notification] = notify(by, "lead-new", f"/leads/{case_lead.pk}/", now, household=home.number, due=date(2026, 6, 3))
    saved = SavedFilter.objects.create(officer=by, page="leads", name=said, query="state=open")
    ids = {
        "household": home.pk, "person": person.pk, "document": document.pk, "case": case.pk, "step": step.pk,
        "lead": _lead(home, said, by, now).pk, "run": run.pk, "signal": findings[0].pk, "finding": findings[1].pk,
        "batch": batch.pk, "doubtful": doubtful.pk, "change": change.pk, "job": job.pk, "export": export.pk,
        **_partners(home, said, document, by, now),
        **helped(home, said, case, measure, document, by, now),
        "correction": correction.pk, **_said_at_home(resident, case_lead, said, now), **_issues(home, said, document, resident, by, now),
        **_missed_help(home, said, by, now),
        **_simulated(home, said, by, now),
        **overseen(home, said, by, now),
        **world_funds.spent(home, said, by, now, document),
        **visit, "measure": measure.pk, "objection": objection.pk, "notification": notification.pk, "saved": saved.pk,
        "device": Device.objects.create(
            officer=by, session_key=mark[:40], began_at=now, seen_at=now, agent=said, address=said[:45]
        ).pk,
        "token": make_token(by, said[:60], None, now=now).token.pk, "officer": by.pk, "number": home.number,
    }  # fmt: skip
    return World(home, ids, (home.head_name, home.number, said, ID_NUMBER, PHONE))


def _visit(home: Household, said: str, by: Officer, now: datetime, document: Any) -> dict[str, int]:
    """A round with one visit, and the record that came back of it with a photo, still to be looked at."""
    xform = (
        '<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"><h:body><input ref="/v/said">'
        "<label>说</label></input></h:body></h:html>"
    ).replace(
        "<h:body>",
        '<h:head><model><instance id="households" src="jr://file-csv/households.csv"/></model></h:head><h:body>',
    )
    form = Form.objects.create(
        form_id=f"walk-{home.pk}", version="1", title_zh="走访", title_en="Visit", purpose="other", published_at=now, added_at=now,
        region_code=home.region_code[:6], xform=xform, takes={"household": "/v/household", "files": [], "takes": [], "raises": []},
        digest=f"{home.pk}", xlsx=b"| survey |",
    )  # fmt: skip
    opened = Round.objects.create(
        title=said, form_id=form.form_id, region_code=home.region_code, starts_on=date(2026, 6, 1), due_on=date(2026, 6, 30),
        who="all", opened_by=by, opened_at=now,
    )  # fmt: skip
    planned = Assignment.objects.create(
        round=opened, household=home, region_code=home.region_code, due_on=date(2026, 6, 30)
    )  # fmt: skip
    came = Submission.objects.create(
        instance_id=f"uuid:{home.pk}", form=form, household=home, region_code=home.region_code, officer=by, received_at=now,
        sealed=seal_bytes(f"<v><said>{said}</said></v>".encode()), digest="0" * 64, state=Submission.State.TO_LOOK_AT,
        problem_zh=said, problem_en=said,
    )  # fmt: skip
    photo = SubmissionFile.objects.create(submission=came, name="a.pdf", document=document)
    return {
        "form": form.pk, "round": opened.pk, "planned": planned.pk, "submission": came.pk, "submission_file": photo.pk,
    }  # fmt: skip


def _said_at_home(resident: Resident, lead: Lead, said: str, now: datetime) -> dict[str, int]:
    """What a resident declared in the portal, and what they agreed to there."""
    about = {"region_code": resident.region_code}
    consent = Consent.objects.create(
        person=resident.person, about="look_up_assets", words=said, how="tapped", given_at=now, **about
    )
    declared = Declaration.objects.create(
        resident=resident, lead=lead, neighbour_name=said, consent=consent, key=f"walk-{resident.pk}", declared_at=now, **about
    )  # fmt: skip
    return {"resident": resident.pk, "consent": consent.pk, "declaration": declared.pk}


def _missed_help(home: Household, said: str, by: Officer, now: datetime) -> dict[str, int]:
    """A run of the programmes, and what it saw the household miss, with a note."""
    run = EntitlementRun.objects.create(
        region_code=home.region_code[:6], as_of=date(2026, 6, 1), rulebook="cn_15", rulebook_digest="0" * 64, asked_by=by,
        started_at=now, finished_at=now, counts={"skipped": [{"programme": "gone", "zh": "没有这一列", "en": "no such column", "rows": 1}]},
    )  # fmt: skip
    due = Entitlement.objects.create(
        household=home, region_code=home.region_code, programme_id="subsistence-allowance", level="household",
        subject=home.number, state="entitled", amount_cny=4912, received=False, missed=True,
        values={"net_income_before_allowance_per_capita": said}, since=date(2026, 6, 1), judged_on=date(2026, 6, 1), first_run=run,
    )  # fmt: skip
    missed = Missed.objects.create(
        entitlement=due, household=home, region_code=home.region_code, programme_id=due.programme_id, amount_cny=4912,
        since=date(2026, 6, 1), state="told", reason=said, changed_at=now, changed_by=by, first_run=run,
    )  # fmt: skip
    MissedMove.objects.create(missed=missed, state="told", reason=said, by=by, at=now)
    return {"entitlement_run": run.pk, "entitlement": due.pk, "missed": missed.pk}


def _simulated(home: Household, said: str, by: Officer, now: datetime) -> dict[str, int]:
    """A simulation of the village in which the household falls, and a reading of the radar."""
    village = home.region_code
    counted = {
        "households": 1,
        "below_baseline": 0,
        "below_scenario": 1,
        "fall": 1,
        "rise": 0,
        "deeper": 0,
        "struck": 0,
    }
    year = {
        "year": 2027,
        **counted,
        "cost_baseline_cny": "0.00",
        "cost_scenario_cny": "900.00",
        "lost": {"public-post": "9600.00"},
    }
    made = Simulation.objects.create(
        title=said, region_code=village, scenario=f"# {said}\n", file_name="scenario.yaml", as_of=date(2026, 6, 1), years=1,
        told=[{"zh": said, "en": said}], asked_by=by, asked_at=now, computed_at=now, listed_at=now, rulebook="cn_15",
        summary={"years": [year], "programmes": {"public-post": {"zh": said, "en": said}}, "falls": 1,
                 "left_out": [{"zh": said, "en": said, "count": 2}], "assumed": [{"zh": said, "en": said}],
                 "skipped": [{"rule": "x", "zh": said, "en": said}], "endless": [{"zh": said, "en": said}]},
    )  # fmt: skip
    VillageYear.objects.create(simulation=made, region_code=village, **year)
    below = {
        "year": 2027, "household_id": home.number, "region_code": village, "members": 1, "baseline_cny": 9000.0,
        "scenario_cny": 5000.0, "line_cny": 5900.0, "below_baseline": False, "below_scenario": True, "falls": True,
        "gap_cny": 900.0, "hold_cny": 900.0,
    }  # fmt: skip
    path = keeping.below_path(made.pk)
    path.parent.mkdir(exist_ok=True)
    with keeping.kept(path, keeping.BELOW) as writer:
        writer.write_table(pa.Table.from_pylist([below], keeping.BELOW))
    fall = Fall.objects.create(
        simulation=made, household=home, region_code=village, members=1, first_year=2027, gap_cny=900, hold_cny=900,
        years=[[2027, 9000.0, 5000.0, 5900.0, 900.0]], reason=said,
    )  # fmt: skip
    line = {
        "programme": "micro-credit-interest", "zh": said, "en": said, "until": "2025-12-31", "fund": said, "source": said,
        "assumed": True, "skipped": None, "villages": [[village, 1, 900.0]],
    }  # fmt: skip
    RadarReading.objects.create(region_code=village, as_of=date(2026, 6, 1), read_at=now, asked_by=by, lines=[line])
    return {"simulation": made.pk, "fall": fall.pk}


def _lead(home: Household, words: str, by: Officer, now: datetime, **more: Any) -> Lead:
    return Lead.objects.create(
        household=home, region_code=home.region_code, channel=Lead.Channel.VISIT, words=words, told_by=words,
        raised_by=by, raised_at=now, due_on=date(2026, 6, 10), **more,
    )  # fmt: skip


def _issues(
    home: Household, said: str, document: Document, resident: Resident, by: Officer, now: datetime
) -> dict[str, Any]:
    """An issue with its body, picture, check and village matter. Its number and body may stand on the public board."""
    village = home.region_code
    body = Body.objects.create(region_code=village, field="committee", name="演示村委会", phone=said[:20])
    asked = {"region_code": village, "route": "water-pipe"}
    matter, _is_new = Matter.objects.get_or_create(**asked, defaults={"title": said, "opened_at": now})
    issue = Issue.objects.create(
        number=f"WXYZ{home.pk:04d}", region_code=village, words=said, place_words=said, raiser_name=said, raiser_phone=PHONE,
        route="water-pipe", state="resolved", level="village",
        body=Body.objects.create(region_code=village, field="water", name="演示村水管站"), channel="paper", household=home,
        resident=resident, raised_at=now, changed_at=now, resolved_at=now, matter=matter, due_on=date(2026, 6, 10),
    )  # fmt: skip
    move = Move.objects.create(issue=issue, kind="raised", at=now, by=by, words=said)
    check = Check.objects.create(issue=issue, region_code=village, drawn_on=date(2026, 6, 1), due_on=date(2026, 6, 9))
    photo = Photo.objects.create(issue=issue, move=move, document=document)
    return {
        "issue": issue.pk,
        "issue_number": issue.number,
        "body": body.pk,
        "matter": matter.pk,
        "check": check.pk,
        "photo": photo.pk,
    }


def _partners(home: Household, said: str, document: Document, by: Officer, now: datetime) -> dict[str, int]:
    """A pairing, a helper with a pledge that arrived, a published need, an order, a site with the household."""
    village, today = home.region_code, date(2026, 5, 1)
    kept = {"region_code": village, "recorded_by": by, "recorded_at": now}
    pairing = Pairing.objects.create(kind="contact", supporting=said, supported=said, since=today, **kept)
    agreement = Agreement.objects.create(
        pairing=pairing,
        title=said,
        signed_on=today,
        starts_on=today,
        ends_on=date(2027, 5, 1),
        document=document,
        **kept,
    )
    helper = SocialHelper.objects.create(kind="person", name=said, phone=PHONE, since=today, **kept)
    need = Need.objects.create(
        number=f"WANT{home.pk:04d}", region_code=village, household=home, kind="goods", title="演示冬衣", words=said,
        quantity=5, unit="件", state="published", written_by=by, written_at=now, published_by=by, published_at=now,
    )  # fmt: skip
    pledge = Pledge.objects.create(
        number=f"HELP{home.pk:04d}", region_code=village, helper=helper, kind="goods", title=said, quantity=2, unit="件",
        need=need, state="partly", pledged_at=now, recorded_by=by,
    )  # fmt: skip
    delivery = Delivery.objects.create(pledge=pledge, on=today, quantity=1, document=document, note=said, **kept)
    product = Product.objects.create(region_code=village, name=said, unit="kg", recorded_at=now)
    sale = Sale.objects.create(
        product=product,
        on=today,
        quantity=1,
        amount_cny=100,
        channel="fair",
        buyer=said,
        income_cny=50,
        households=1,
        **kept,
    )
    SaleShare.objects.create(sale=sale, household=home, region_code=village, income_cny=50, recorded_at=now)
    site = Site.objects.create(name=said, opened_on=today, organisation=said, **kept)
    relocated = Relocated.objects.create(site=site, household=home, origin=said, moved_in_on=today, **kept)
    return {
        "pairing": pairing.pk, "agreement": agreement.pk, "social_helper": helper.pk, "need": need.pk, "pledge": pledge.pk,
        "delivery": delivery.pk, "sale": sale.pk, "site": site.pk, "relocated": relocated.pk,
    }  # fmt: skip


#: Address → what its arguments are; the longest beginning that fits counts. A value with "=" stands for itself.
ARGUMENTS: dict[str, dict[str, str]] = {
    "progress/": {"pk": "job"},
    "filters/": {"pk": "saved"},
    "notifications/": {"pk": "notification"},
    "people/": {"pk": "officer"},
    "people/me/tokens/": {"pk": "token"},
    "people/me/sessions/": {"pk": "device"},
    "register/": {"pk": "household", "table": "=households"},
    "register/person/": {"pk": "person"},
    "register/document/": {"pk": "document"},
    "register/export/": {"pk": "export"},
    "intake/": {"pk": "batch", "id": "batch"},
    "intake/matches/": {"pk": "doubtful", "id": "doubtful"},
    "intake/doubtful/": {"pk": "doubtful", "id": "doubtful"},
    "screening/runs/": {"pk": "run"},
    "screening/audit/check/": {"pk": "household"},
    "screening/trend/": {"kind": "=signal"},
    "screening/rulebook/rules/": {"rule_id": "=inpatient-burden"},
    "screening/rulebook/parameters/": {"name": "=monitoring_line_cny"},
    "screening/rulebook/changes/": {"pk": "change"},
    "leads/": {"pk": "lead"},
    "cases/": {"pk": "case", "step": "step", "kind": "=application"},
    "cases/queue/": {"step_id": "=home-check"},
    "objections/": {"pk": "objection"},
    "issues/": {"pk": "issue", "photo": "photo", "deed": "=say"},
    "issues/bodies/": {"pk": "body"},
    "issues/checks/": {"pk": "check"},
    "issues/matters/": {"pk": "matter"},
    "corrections/": {"pk": "correction"},
    **world_help.ARGUMENTS,
    "policies/": {"pk": "policy", "review": "policy_review", "step": "policy_step"},
    "policies/transition/": {"pk": "transition"},
    "policies/responsibilities/": {"pk": "responsibility"},
    "policies/inspections/": {"pk": "inspection"},
    "policies/inspections/shortcomings/": {"pk": "shortcoming"},
    "policies/continuity/alarms/": {"pk": "alarm"},
    "jobs/": {"number": "job"},
    **world_funds.ARGUMENTS,
    # Doors of their own: officers only knock there; tests.record.test_scope_walk_doors goes in.
    "my/declare/": {"pk": "declaration"},
    "my/case/objection/": {"pk": "step"},
    "my/received/": {"pk": "missed"},
    "my/consents/": {"pk": "consent"},
    "my/issues/": {"number": "issue_number"},
    "board/": {"pk": "photo", "number": "issue_number"},
    "openrosa/forms/": {"pk": "form"},
    "needs/": {"number": "=NONE2222"},
    "partners/pairings/": {"pk": "pairing", "deed": "=contact"},
    "partners/agreements/": {"pk": "agreement"},
    "partners/helpers/": {"pk": "social_helper", "deed": "=pledge"},
    "partners/pledges/": {"pk": "pledge", "deed": "=settle"},
    "partners/deliveries/": {"pk": "delivery"},
    "partners/needs/": {"pk": "need", "deed": "=take-down"},
    "partners/sales/": {"pk": "sale", "deed": "=cancel"},
    "relocation/sites/": {"pk": "site", "deed": "=check"},
    "relocation/households/": {"pk": "relocated", "deed": "=leave"},
    "visits-plan/rounds/": {"pk": "round"},
    "visits-plan/planned/": {"pk": "planned"},
    "visits-plan/forms/": {"pk": "form", "kind": "=xml"},
    "visits-plan/records/": {"pk": "submission"},
    "visits-plan/records/files/": {"pk": "submission_file"},
    "help/missed/": {"pk": "missed"},
    "help/entitlements/runs/": {"pk": "entitlement_run"},
    "help/entitlements/programmes/": {"programme_id": "=subsistence-allowance"},
    "api/entitlements/": {"id": "entitlement"},
    "api/entitlements/missed/": {"id": "missed"},
    "policies/simulations/": {"pk": "simulation"},
    "policies/simulations/falls/": {"pk": "fall"},
    "api/households/": {"id": "household"},
    "api/signals/": {"id": "signal"},
    "api/leads/": {"id": "lead"},
    "api/issues/": {"id": "issue"},
    "api/cases/": {"id": "case", "step": "step"},
    "api/batches/": {"id": "batch"},
    "api/runs/": {"id": "run"},
    "api/jobs/": {"id": "job"},
}
_ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address of the site. `kinds` are those of the objects that it names."""

    route: str
    name: str
    kinds: tuple[str, ...]

    def path(self, world: World) -> str:
        """Filled with the world's own objects."""
        meant = _meant(self.route)
        return "/" + _ARGUMENT.sub(lambda found: str(_value(meant[found.group(1)], world)), self.route)

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")


def addresses() -> list[Address]:
    """Every address of the resolver, once. Raises AssertionError for one whose arguments nobody has said how to fill."""
    found, unknown = {}, []
    for route, name in _routes(get_resolver().url_patterns):
        names = _ARGUMENT.findall(route)
        missing = [each for each in names if each not in _meant(route)]
        if missing:
            unknown.append(f"{name or route}: {', '.join(missing)} (say in tests/record/world.py what it is)")
            continue
        kinds = tuple(meant for each in names if not (meant := _meant(route)[each]).startswith("="))
        found.setdefault(route, Address(route, name or route, kinds))
    assert not unknown, unknown
    return list(found.values())


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for each in patterns:
        if isinstance(each, URLPattern):
            # The one pattern that is no route takes whatever is left of the API.
            yield prefix + (str(each.pattern) if isinstance(each.pattern, RoutePattern) else "nothing"), each.name
        else:
            yield from _routes(each.url_patterns, prefix + str(each.pattern))


def _meant(route: str) -> dict[str, str]:
    beginnings = sorted((each for each in ARGUMENTS if route.startswith(each)), key=len)
    return dict(itertools.chain.from_iterable(ARGUMENTS[each].items() for each in beginnings))


def _value(meant: str, world: World) -> Any:
    return meant[1:] if meant.startswith("=") else world.ids[meant]
