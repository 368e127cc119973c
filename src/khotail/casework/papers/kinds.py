"""Which papers there are, and at which steps each can be had."""

from __future__ import annotations

from dataclasses import dataclass

from khotail.casework.models import Case, Step
from khotail.casework.problems import ProcedureGone
from khotail.casework.procedures import spec_of
from khotail.texts import Text


@dataclass(frozen=True)
class Paper:
    """One kind of paper.

    evidence   the kind of evidence that it becomes once it is signed or posted: a step that asks for it offers it
    is_public  hangs where everybody reads it: nothing that people typed, no number of a person, no cause
    """

    kind: str
    name: Text
    evidence: str
    is_public: bool = False


PAPERS: dict[str, Paper] = {
    paper.kind: paper
    for paper in (
        Paper("application", Text("申请及承诺授权查询书", "Application and authorisation"), "authorisation"),
        Paper("survey", Text("入户核实表", "Survey form"), "survey"),
        Paper("minutes", Text("村级评议记录", "Minutes of the village review"), "minutes"),
        Paper("notice", Text("公示", "Public notice"), "notice", is_public=True),
        Paper("decision", Text("审定表", "Decision"), "decision"),
        Paper("announcement", Text("公告", "Announcement"), "announcement", is_public=True),
        Paper("refusal", Text("不予纳入告知书", "Refusal, with how to object"), ""),
    )
}


def papers_of(step: Step) -> list[Paper]:
    """The papers that the step offers, in the order of the procedure; none if the rulebook has lost the step."""
    try:
        spec = spec_of(step)
    except ProcedureGone:
        return []
    asked = {kind for outcome in spec.outcomes for kind in outcome.evidence}
    found = [paper for paper in PAPERS.values() if paper.evidence in asked]
    chosen = spec.outcome(step.outcome)
    if chosen is not None and chosen.ends == "refused" and step.case.state == Case.State.REFUSED:
        found.append(PAPERS["refusal"])
    return found
