"""Cases of the demo: some households of one village, each brought to another step by the people whose step it is."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.casework import actions
from khotail.casework.models import Case, Lead, Step
from khotail.casework.procedures import current_step, spec_of
from khotail.register.documents import keep
from khotail.register.models import Document, Household
from khotail.rulebook.procedures import EVIDENCE
from khotail.site.demo_people import People

#: What the households said, why, and the step at which their case waits now; "" for a case that was refused.
STORIES: Sequence[tuple[str, str, str]] = (
    ("家里老人住院，自付的钱多", "illness", "home-check"),
    ("去年旱灾草场减产，买草料借了钱", "disaster", "home-check"),
    ("大儿子腰伤不能出去打工了", "employment", "village-review"),
    ("小女儿上大学，学费凑不齐", "schooling", "village-notice"),
    ("羊死了二十多只，没有收入", "business", "township-review"),
    ("丈夫出了车祸，还在治疗", "accident", "county-decision"),
    ("肾病长期透析", "illness", "announcement"),
    ("雪灾压塌了棚圈", "disaster", "visit"),
    ("妻子有残疾，孩子小，一个人干活", "disability", "visit"),
    ("想要低保", "illness", ""),
)

#: Who closes a step, and how it goes on.
_WAYS = {
    "home-check": ("village-cadre", "confirmed"),
    "village-review": ("village-cadre", "agreed"),
    "village-notice": ("village-cadre", "no-objection"),
    "township-review": ("township-officer", "agreed"),
    "county-comparison": ("banner-officer", "clear"),
    "county-decision": ("banner-reviewer", "identified"),
    "announcement": ("banner-officer", "announced"),
}
_BEGAN_DAYS_AGO = 24
_BETWEEN_STEPS = timedelta(hours=20)


def open_cases(households: Sequence[Household], people: People, now: datetime) -> int:
    """Tell the stories with these households, one each; returns how many cases were opened."""
    opened = 0
    for household, (words, cause, until) in zip(households, STORIES, strict=False):
        at = now - timedelta(days=_BEGAN_DAYS_AGO - opened if until not in ("home-check", "village-review") else 3)
        cadre = people["village-cadre"]
        lead = actions.raise_lead(
            household, Lead.Channel.DECLARATION, [cause], words, by=cadre, now=at, consent=True
        )  # fmt: skip
        case = actions.open_case(lead, cadre, at)
        at = _walk(case, cause, until, people, at, now)
        if until == "visit":
            _help(case, cause, people, at)
        opened += 1
    return opened


def _walk(case: Case, cause: str, until: str, people: People, at: datetime, now: datetime) -> datetime:
    """Close step after step until the case waits for `until`, or has come up to today."""
    while (step := current_step(case)) is not None and step.step_id != until:
        if step.not_before:
            at += max(timedelta(), step.not_before - timezone.localdate(at))
        if at > now or step.step_id not in _WAYS:
            break
        doer, outcome = _WAYS[step.step_id]
        if not until and step.step_id == "village-review":
            _close(
                step,
                people[doer],
                "not-agreed",
                cause,
                at,
                in_favour=1,
                reason="收入和支出都没有突出困难，按低保申请另行办理。",
            )
            break
        _close(step, people[doer], outcome, cause, at)
        at = min(at + _BETWEEN_STEPS, now)
        case.refresh_from_db()
    return at


def _close(step: Step, by: Officer, outcome: str, cause: str, at: datetime, reason: str = "", **changed: Any) -> None:
    spec = spec_of(step)
    chosen = spec.outcome(outcome)
    if chosen is None:
        raise ValueError(f"{step.step_id} has no outcome {outcome}")
    papers = [_paper(step.household, kind, by, at) for kind in chosen.evidence]
    fields = {field.id for field in spec.fields}
    record = {name: value for name, value in (_filled_in(step, cause, at) | changed).items() if name in fields}
    actions.close_step(step, by, outcome, reason=reason, record=record, documents=papers, now=at)


def _filled_in(step: Step, cause: str, at: datetime) -> dict[str, Any]:
    today, opened = timezone.localdate(at), timezone.localdate(step.opened_at)
    household = step.household
    was_poor = household.household_type == "脱贫户"
    return {
        "visited_on": today, "visited_by": ["演示嘎查干部"], "members": max(1, household.size),
        "members_able_to_work": min(1, household.size), "income_cny_per_capita": 5200, "self_paid_cny": 26000,
        "causes_found": [cause], "situation": "与本人所述一致（演示）。", "held_on": today, "meeting": "representatives",
        "entitled": 24, "present": 19, "in_favour": 18, "chaired_by": "演示主持人",
        "attended": [f"演示代表{n}" for n in range(1, 20)], "posted_on": opened, "taken_down_on": today,
        "posted_at": "嘎查党群服务中心公示栏", "township_visited": True, "township_opinion": "材料齐全，情况属实（演示）。",
        "house_found": False, "vehicle_found": False, "business_found": False, "salary_found": False,
        "decided_on": today, "category": "unstable" if was_poor else "marginal", "causes": [cause],
        "announced_on": today, "household_told_on": today,
    }  # fmt: skip


def _help(case: Case, cause: str, people: People, at: datetime) -> None:
    cadre, today = people["village-cadre"], timezone.localdate(at)
    case.refresh_from_db()
    actions.assign_helper(case, people["helper"], cadre, at)
    for category, kind, amount in (("产业帮扶", "种养产业", "6000"), ("综合保障", "临时救助", "3000")):
        actions.record_measure(
            case, category, kind, causes=[cause], starts_on=today, amount_cny=amount, by=cadre, now=at
        )  # fmt: skip


def _paper(household: Household, kind: str, by: Officer, at: datetime) -> Document:
    file = io.BytesIO(_grey_picture())
    return keep(file, household=household, kind=kind, title=f"{EVIDENCE[kind].zh}（演示）", by=by, now=at)


def _grey_picture(width: int = 240, height: int = 160) -> bytes:
    """A plain PNG: the demo shows that a photo is there, not whose."""
    rows = b"".join(b"\x00" + bytes([200 - 60 * y // height]) * width for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
