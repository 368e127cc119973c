"""What a procedure consists of: who does which step, within how many days, with what evidence, leading where.

A procedure says nothing about how it is carried out; `khotail.casework` does that. Amounts (days, months, least and most)
and conditions are expressions over the case (`CASE_COLUMNS`), the fields filled in so far, and the rulebook's parameters.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal

from khotail.rulebook.expressions import Expression
from khotail.rulebook.model import CAUSES, Confidence, Place
from khotail.texts import Text

ProcedureKind = Literal["identification", "exit", "decrease", "recheck", "follow_up"]
FieldKind = Literal["number", "date", "text", "choice", "several", "yes_no", "people"]
Ending = Literal["refused", "exited", "decreased", "stays", "raised"]

PROCEDURE_KINDS: dict[str, Text] = {
    "identification": Text("识别认定", "identification"),
    "follow_up": Text("跟踪回访", "follow-up"),
    "exit": Text("风险消除", "risk resolved"),
    "decrease": Text("自然减少", "natural decrease"),
    "recheck": Text("回头看", "recheck"),
}

#: Levels from the village up: an overdue step goes to the next one.
LEVELS: dict[str, Text] = {
    "village": Text("嘎查村", "village"),
    "township": Text("苏木乡镇", "township"),
    "banner": Text("旗县", "banner"),
    "league": Text("盟市", "league"),
    "province": Text("自治区", "region"),
}

ROLES = (
    "administrator", "officer", "reviewer", "village_cadre", "helper", "department_officer", "leader", "auditor", "supervisor",
)  # fmt: skip

EVIDENCE: dict[str, Text] = {
    "authorisation": Text("申请及承诺授权查询书", "signed application and authorisation"),
    "survey": Text("入户核实表", "survey form"),
    "photo": Text("入户照片", "photo of the visit"),
    "minutes": Text("会议记录", "minutes"),
    "notice": Text("公示张贴照片", "photo of the notice"),
    "comparison": Text("信息比对结果", "result of the comparison"),
    "decision": Text("审定文件", "decision"),
    "announcement": Text("公告张贴照片", "photo of the announcement"),
    "certificate": Text("证明材料", "certificate"),
}

#: How an outcome can end a case or a check. `stays`: nothing changes; `raised`: a new lead about the household.
ENDINGS: dict[str, Text] = {
    "refused": Text("不予纳入", "not taken in"),
    "exited": Text("风险消除", "risk resolved"),
    "decreased": Text("自然减少", "natural decrease"),
    "stays": Text("维持原状", "stays as it is"),
    "raised": Text("重新列为线索", "raised again as a lead"),
}

CATEGORIES: dict[str, Text] = {
    "unstable": Text("脱贫不稳定户", "unstable out-of-poverty household"),
    "marginal": Text("边缘易致贫户", "marginal household"),
    "sudden_hardship": Text("突发严重困难户", "sudden-hardship household"),
}

#: Catalogues that a choice may name instead of listing its choices.
CATALOGUES: dict[str, dict[str, Text]] = {"causes": CAUSES, "categories": CATEGORIES}

#: What conditions and amounts may read of the case itself, with SQL types. Unknown is NULL, and unknown is not met.
CASE_COLUMNS: dict[str, str] = {
    "opened_on": "DATE",
    "identified_on": "DATE",
    "step_opened_on": "DATE",
    "case_category": "VARCHAR",
    "is_out_of_poverty": "BOOLEAN",
    "has_labour": "BOOLEAN",
    "has_helper": "BOOLEAN",
    "measures": "INTEGER",
    "development_measures": "INTEGER",
    "unmet_needs": "INTEGER",
    "unanswered_objections": "INTEGER",
    "upheld_objections": "INTEGER",
    "open_signals": "INTEGER",
}

FIELD_TYPES: dict[str, str] = {
    "number": "DOUBLE",
    "date": "DATE",
    "text": "VARCHAR",
    "choice": "VARCHAR",
    "several": "VARCHAR[]",
    "yes_no": "BOOLEAN",
    "people": "VARCHAR[]",
}

#: Categories of measures as the national register writes them.
MEASURE_CATEGORIES: dict[str, Text] = {
    "产业帮扶": Text("产业帮扶", "industry"),
    "就业帮扶": Text("就业帮扶", "employment"),
    "公益岗位帮扶": Text("公益岗位帮扶", "public post"),
    "金融帮扶": Text("金融帮扶", "finance"),
    "住房安全保障": Text("住房安全保障", "safe housing"),
    "搬迁": Text("搬迁", "relocation"),
    "生产生活条件改善": Text("生产生活条件改善", "better living and production conditions"),
    "健康帮扶": Text("健康帮扶", "health"),
    "义务教育保障": Text("义务教育保障", "compulsory education"),
    "教育帮扶": Text("教育帮扶", "education"),
    "综合保障": Text("综合保障", "social security"),
    "社会帮扶": Text("社会帮扶", "social help"),
    "饮水安全保障": Text("饮水安全保障", "safe water"),
    "基础设施建设": Text("基础设施建设", "infrastructure"),
}


@dataclass(frozen=True)
class Condition:
    """Something that must be true before an outcome may be recorded, and the sentence for when it is not."""

    that: Expression
    otherwise: Text
    place: Place


@dataclass(frozen=True)
class StepField:
    """One thing to fill in. `least` and `most` bound a number, or the count of a list.

    required  always, never, or only with the outcomes named
    """

    id: str
    kind: FieldKind
    label: Text
    required: bool | tuple[str, ...]
    least: Expression | None
    most: Expression | None
    choices: dict[str, Text]
    place: Place

    def is_required_for(self, outcome: str) -> bool:
        return self.required if isinstance(self.required, bool) else outcome in self.required


@dataclass(frozen=True)
class Outcome:
    """One way in which a step can end: on to `next`, into another procedure (`begins`), or to an end (`ends`).

    returns   sends the case back for correction: fields, evidence, conditions and waiting time are not asked for
    reason    whether a reason must be given
    """

    id: str
    label: Text
    next: str | None
    begins: ProcedureKind | None
    ends: Ending | None
    returns: bool
    reason: bool
    evidence: tuple[str, ...]
    needs: tuple[Condition, ...]
    place: Place


@dataclass(frozen=True)
class ProcedureStep:
    """One step. It is due `deadline_days` working days after it opened, or `every_months` months after.

    hold_days  calendar days that must pass before it can be closed: so long a notice hangs
    bulk       whether it may be closed for many cases at once: it makes a decision known and decides nothing
    """

    id: str
    name: Text
    asks: Text
    level: str
    roles: tuple[str, ...]
    deadline_days: Expression | None
    every_months: Expression | None
    hold_days: Expression | None
    bulk: bool
    fields: tuple[StepField, ...]
    outcomes: tuple[Outcome, ...]
    place: Place

    def outcome(self, id_: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.id == id_), None)


@dataclass(frozen=True)
class Procedure:
    """A dated way of doing something about a household. Cases keep to the one in force when they were opened.

    total_days  working days within which all of it must be done
    """

    id: str
    kind: ProcedureKind
    name: Text
    region: str
    since: date
    until: date | None
    total_days: Expression | None
    source: str
    confidence: Confidence
    steps: tuple[ProcedureStep, ...]
    place: Place

    @property
    def key(self) -> str:
        """Its id and the day from which it holds: what a case remembers."""
        return f"{self.id}@{self.since}"

    @property
    def first(self) -> ProcedureStep:
        return self.steps[0]

    def step(self, id_: str) -> ProcedureStep | None:
        return next((step for step in self.steps if step.id == id_), None)

    @cached_property
    def columns(self) -> dict[str, str]:
        """What its expressions may read, with SQL types: the case and every field of its steps."""
        fields = {field.id: FIELD_TYPES[field.kind] for step in self.steps for field in step.fields}
        return {**CASE_COLUMNS, **fields}

    def holds_on(self, day: date, region: str) -> bool:
        return region.startswith(self.region) and self.since <= day and (self.until is None or day <= self.until)

    def amounts(self) -> Iterator[tuple[Expression, Place]]:
        """Its expressions that are numbers, with their places."""
        if self.total_days:
            yield self.total_days, self.place
        for step in self.steps:
            for amount in (step.deadline_days, step.every_months, step.hold_days):
                if amount:
                    yield amount, step.place
            for field in step.fields:
                for bound in (field.least, field.most):
                    if bound:
                        yield bound, field.place

    def conditions(self) -> Iterator[tuple[Expression, Place]]:
        """Its expressions that are true or false, with their places."""
        for step in self.steps:
            for outcome in step.outcomes:
                for condition in outcome.needs:
                    yield condition.that, condition.place


@dataclass(frozen=True)
class Need:
    """Which categories of measures answer a cause, or the lack or presence of labour in the household.

    cause      a cause of `CAUSES`, or None
    household  with_labour, without_labour, or None
    accepts    at least one measure of these categories must run
    """

    id: str
    name: Text
    cause: str | None
    household: str | None
    accepts: tuple[str, ...]
    source: str
    confidence: Confidence
    since: date
    until: date | None
    place: Place

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)
