"""Whatever people do, in whatever order: no step is skipped, no lead is lost, and the trail is whole."""

from __future__ import annotations

import contextlib
import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from khotail.accounts.models import Officer
from khotail.casework import actions
from khotail.casework.models import Case, Lead, Objection, Step
from khotail.casework.procedures import procedure_of, rulebook, spec_of
from khotail.problems import Problem
from khotail.register.models import Region
from khotail.trail.chain import breaks
from tests.record.conftest import PEOPLE, REGIONS, VILLAGE, make_household
from tests.record.walking import DOERS, close, declared

pytestmark = pytest.mark.one_database

START = datetime(2026, 6, 3, 2, tzinfo=UTC)
DEEDS = (
    "raise", "take", "dismiss", *["forward"] * 14, "any outcome", "any outcome", "wrong person", "stale",
    "object", "answer", "measure", "help", "wait", "wait", "escalate", "recheck",
)  # fmt: skip


class AnythingGoes(TestCase):
    def setUp(self) -> None:
        for code, level, name, parent in REGIONS:
            Region.objects.create(code=code, level=level, name=name, parent_id=parent)
        self.officers = {
            key: Officer.objects.create_user(key, "x", full_name=key, role=role, region_code=code)
            for key, (role, code) in PEOPLE.items()
        }
        self.homes = [make_household(f"P{n}", VILLAGE, "演示", START) for n in range(2)]

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from(DEEDS), min_size=30, max_size=80), st.integers(0, 2**32))
    def test_no_step_is_skipped_and_no_lead_is_lost(self, deeds: list[str], seed: int) -> None:
        self.chance, self.now = random.Random(seed), START
        self.do("raise")
        self.do("take")
        raised: set[int] = set()
        for deed in deeds:
            with contextlib.suppress(Problem):
                self.do(deed)
            self.now += timedelta(hours=1)
            there = set(Lead.objects.values_list("pk", flat=True))
            assert raised <= there
            raised = there
        for case in Case.objects.all():
            event(f"a case got to {case.steps.order_by('-id').first().step_id}")
        self.check_leads()
        for case in Case.objects.all():
            self.check_case(case)
        assert list(breaks()) == []

    def do(self, deed: str) -> None:
        cadre, anybody = self.officers["village_cadre"], self.chance.choice(list(self.officers.values()))
        step = self.pick(Step.objects.filter(closed_at=None))
        lead, case = self.pick(Lead.objects.all()), self.pick(Case.objects.all())
        if deed == "wait":
            self.now += timedelta(days=self.chance.choice([1, 5, 40, 190]))
        elif deed == "escalate":
            actions.escalate_overdue(self.now)
        elif deed == "raise":
            declared(self.chance.choice(self.homes), self.officers, self.now)
        elif deed == "take" and lead:
            actions.open_case(lead, cadre, self.now)
        elif deed == "dismiss" and lead:
            actions.dismiss_lead(lead, "不属实", cadre, self.now)
        elif deed == "forward" and step:
            if step.not_before:
                self.now = max(self.now, datetime.combine(step.not_before, START.timetz()))
            by = "township_reviewer" if step.escalated_to == "township" else DOERS[step.step_id]
            close(step, self.officers, self.now, by=by, new_causes=None)
        elif deed == "any outcome" and step:
            chosen = self.chance.choice(spec_of(step).outcomes)
            close(step, self.officers, self.now, chosen.id, reason=self.chance.choice(["", "有理由"]))
        elif deed == "wrong person" and step:
            close(step, self.officers, self.now, by=anybody.username)
        elif deed == "stale" and (closed := self.pick(Step.objects.exclude(closed_at=None))):
            close(closed, self.officers, self.now)
        elif deed == "object" and (any_step := self.pick(Step.objects.all())):
            actions.object_to(any_step, "不服", taken_by=cadre, now=self.now)
        elif deed == "answer" and (objection := self.pick(Objection.objects.all())):
            actions.answer_objection(objection, self.chance.random() < 0.5, "已核", anybody, self.now)
        elif deed == "measure" and case:
            for category in ("健康帮扶", "就业帮扶", "综合保障"):
                actions.record_measure(case, category, "x", starts_on=self.now.date(), by=cadre, now=self.now)
        elif deed == "help" and case:
            actions.assign_helper(case, self.officers["helper"], cadre, self.now)
        elif deed == "recheck" and case:
            actions.start_recheck(case, self.officers["township_reviewer"], self.now)

    def pick(self, rows):
        found = list(rows.order_by("id"))
        return self.chance.choice(found) if found else None

    def check_leads(self) -> None:
        for lead in Lead.objects.all():
            taken, dismissed = lead.case_id is not None, bool(lead.reason)
            wanted = {"open": (False, False), "taken": (True, False), "dismissed": (False, True)}
            assert (taken, dismissed) == wanted[lead.state]

    def check_case(self, case: Case) -> None:
        """Each step follows from the outcome of the one before it; an open case waits for exactly one."""
        steps = list(case.steps.order_by("id"))
        assert all(step.closed_at for step in steps[:-1])
        if case.state not in Case.CLOSED:
            assert steps[-1].closed_at is None
        first = rulebook().procedures[case.procedure]
        assert (steps[0].procedure, steps[0].step_id) == (first.key, first.first.id)
        for before, after in itertools.pairwise(steps):
            chosen = spec_of(before).outcome(before.outcome)
            if after.opened_again_id:
                assert chosen.ends == "refused" and after.step_id == before.step_id
            elif chosen.next:
                assert (after.procedure, after.step_id) == (before.procedure, chosen.next)
            elif chosen.begins:
                assert procedure_of(after).kind == chosen.begins and after.step_id == procedure_of(after).first.id
            else:
                assert procedure_of(after).kind == "recheck"  # only an exited household is looked at again
        if case.state in ("helped", "exited"):
            done = {step.step_id for step in steps if step.closed_at}
            assert {"home-check", "village-review", "village-notice", "township-review", "county-decision"} <= done
