"""Set a paper with Typst. The fonts lie beside this module; rare characters come from the machine's own fonts."""

from __future__ import annotations

import json
import os
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst
from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.casework.models import Case, Step
from khotail.casework.papers.blocks import without_numbers
from khotail.casework.papers.contents import contents
from khotail.casework.papers.kinds import papers_of
from khotail.casework.problems import MayNot, NoSuchPaper, NotFound
from khotail.trail.chain import record as record_event

_FOLDER = Path(__file__).parent


@transaction.atomic
def render(kind: str, case: Case, step: Step, officer: Officer, now: datetime) -> bytes:
    """The paper as PDF, with an event that says who took it.

    Raises NotFound (another region's case, a step of another case), MayNot, NoSuchPaper (this step has no such paper).
    """
    if not Case.objects.visible_to(officer).filter(pk=case.pk).exists() or step.case_id != case.pk:
        raise NotFound
    if not officer.may(May.SEE_CASES):
        raise MayNot
    step.case = case
    paper = next((paper for paper in papers_of(step) if paper.kind == kind), None)
    if paper is None:
        raise NoSuchPaper
    pdf = typeset(without_numbers(contents(paper, case, step, now)))
    record_event(officer, "paper.made", case, at=now, paper=kind, step=step.step_id)
    return pdf


def typeset(data: dict[str, Any]) -> bytes:
    """`data` as `paper.typ` takes it: title, issuer, number, footer, blocks."""
    inputs = {"paper": json.dumps(data, ensure_ascii=False)}
    source = _FOLDER / "paper.typ"
    found = typst.compile(source, root=_FOLDER, font_paths=_fonts(os.getpid()), sys_inputs=inputs, format="pdf")
    assert isinstance(found, bytes)
    return found


@lru_cache(maxsize=1)
def _fonts(_: int) -> typst.Fonts:
    """Ours and the machine's, looked for once in each process: that takes longer than to set a paper."""
    return typst.Fonts(include_system_fonts=True, font_paths=[_FOLDER / "fonts"])
