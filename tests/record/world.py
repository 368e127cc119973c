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

from django.conf import settings
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RoutePattern

from khotail.accounts.models import Device, Officer, SavedFilter
from khotail.accounts.notifications import notify
from khotail.accounts.tokens import make_token
from khotail.casework.models import Case, Lead, Measure, Objection
from khotail.casework.opening import begin
from khotail.intake.models import Batch, DoubtfulMatch
from khotail.issues.models import Body, Check, Issue, Matter, Move, Photo
from khotail.jobs.models import Job
from khotail.register.documents import keep
from khotail.register.jobs import EXPORT
from khotail.register.models import Document, Household, Statement
from khotail.register.sealed import seal_bytes
from khotail.residents.models import Correction, Resident
from khotail.screening.models import Finding, Kind, RulebookChange, Run
from khotail.visits.models import Assignment, Form, Round, Submission, SubmissionFile

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
        "correction": correction.pk, **_issues(home, said, document, resident, by, now),
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
    return {"issue": issue.pk, "body": body.pk, "matter": matter.pk, "check": check.pk, "photo": photo.pk}


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
    "jobs/": {"number": "job"},
    # Doors of their own: their tests name what lies behind them; here only strangers knock.
    "my/": {"pk": "=0", "number": "=NONE2222"},
    "board/": {"pk": "=0", "number": "=NONE2222"},
    "openrosa/": {"pk": "=0"},
    "visits-plan/rounds/": {"pk": "round"},
    "visits-plan/planned/": {"pk": "planned"},
    "visits-plan/forms/": {"pk": "form", "kind": "=xml"},
    "visits-plan/records/": {"pk": "submission"},
    "visits-plan/records/files/": {"pk": "submission_file"},
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
