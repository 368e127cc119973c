"""What stands on each paper. Public ones take nothing that anybody typed but names of places, people and days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS
from khotail.casework.models import Case, Step
from khotail.casework.objections import answers_at
from khotail.casework.papers import blocks
from khotail.casework.papers.blocks import Block, in_chinese
from khotail.casework.papers.kinds import PAPERS, Paper
from khotail.casework.procedures import procedure_of, spec_of
from khotail.facts.identity import masked
from khotail.register.models import Region
from khotail.rulebook.model import CAUSES
from khotail.rulebook.procedures import CATEGORIES, StepField
from khotail.screening.rulebook import setting

_YES_NO = {True: "是", False: "否"}
#: What the household is to become, as a public paper says it.
_PROPOSED = {"exit": "拟标注为风险消除", "decrease": "拟标注为自然减少"}
_DECIDED = {"exit": "风险消除", "decrease": "自然减少"}


def contents(paper: Paper, case: Case, step: Step, now: datetime) -> dict[str, Any]:
    """The paper as data for `paper.typ`."""
    number = "" if paper.is_public else f"户编号 {case.household.number} · 案件 {case.pk}"
    return {
        "title": _title(paper, step),
        "issuer": _place(case, "banner") if paper.kind in ("announcement", "refusal") else _place(case, "village"),
        "number": number,
        "footer": f"{paper.name.zh} · {timezone.localtime(now):%Y-%m-%d %H:%M} 打印",
        "blocks": _WRITERS[paper.kind](case, step, now),
    }


def _title(paper: Paper, step: Step) -> str:
    name = PAPERS[paper.kind].name.zh
    return {"exit": "风险消除", "decrease": "自然减少"}.get(procedure_of(step).kind, "") + name


def _application(case: Case, step: Step, now: datetime) -> list[Block]:
    members = case.household.members.filter(left_on=None).order_by("id")
    return [
        blocks.text(f"本户（户主：{case.household.head_name}）居住在{_place(case, 'village')}，因家庭遇到困难，"
                    "申请纳入防止返贫监测帮扶，并作如下承诺和授权："),
        blocks.text("一、所报人口、收入、支出和财产情况属实，如有隐瞒，愿承担相应责任。"),
        blocks.text("二、同意有关部门为核实本户情况，依法查询全体家庭成员的房产、车辆、工商登记、财政供养、社会保险等信息，"
                    "查询结果仅用于监测帮扶。"),
        blocks.text("三、同意在村内公示本户户主姓名和评议结果。"),
        blocks.table(
            ("姓名", "与户主关系", "证件号码", "签名或按印"),
            ([each.name, each.relation, masked(each.id_number or ""), ""] for each in members),
        ),
        blocks.text("不会写字的，由他人代填并念给本人听，本人按印。"),
        blocks.signatures("户主签名或按印", "代填人", "经办人"),
    ]  # fmt: skip


def _filled_form(case: Case, step: Step, now: datetime) -> list[Block]:
    """Whatever the rulebook asks at the step, with what was filled in so far."""
    spec = spec_of(step)
    household = [("户主", case.household.head_name), ("所在嘎查村", _place(case, "village"))]
    found = [(field.label.zh, _shown(field, step.record.get(field.id))) for field in spec.fields]
    chosen = spec.outcome(step.outcome)
    outcome = chosen.label.zh if chosen else "　".join(f"□ {each.label.zh}" for each in spec.outcomes)
    return [blocks.rows([*household, *found, ("结果", outcome), ("理由", step.reason)])]


def _survey(case: Case, step: Step, now: datetime) -> list[Block]:
    return [*_filled_form(case, step, now), blocks.signatures("户主签名或按印", "核实人", "核实人")]


def _minutes(case: Case, step: Step, now: datetime) -> list[Block]:
    return [*_filled_form(case, step, now), blocks.signatures("主持人", "记录人", "村务监督委员会成员")]


def _notice(case: Case, step: Step, now: datetime) -> list[Block]:
    posted = step.record.get("posted_on") or timezone.localdate(step.opened_at).isoformat()
    last = step.record.get("taken_down_on") or step.not_before
    proposed = _PROPOSED.get(procedure_of(step).kind, "拟上报纳入防止返贫监测对象")
    return [
        blocks.text(f"经入户核实和村级评议，下列农户{proposed}，现予公示，接受群众监督。"),
        blocks.table(("户主姓名", "所在嘎查村", "家庭人口"), [_in_public(case)]),
        blocks.text(f"公示期：{in_chinese(posted)}至{in_chinese(last)}。"),
        blocks.text("对公示内容有异议的，可在公示期内向嘎查村委会或苏木乡镇提出，口头、书面、匿名均可；也可拨打 12317 反映。"
                    "提出的异议将逐条登记并答复。"),
        blocks.seal(_place(case, "village"), timezone.localdate(now)),
    ]  # fmt: skip


def _decision(case: Case, step: Step, now: datetime) -> list[Block]:
    earlier = case.steps.filter(pk__lt=step.pk, procedure=step.procedure).exclude(closed_at=None).order_by("id")
    done = []
    for each in earlier:
        spec = spec_of(each)
        chosen = spec.outcome(each.outcome)
        day = timezone.localdate(each.closed_at) if each.closed_at else None
        done.append([spec.name.zh, chosen.label.zh if chosen else each.outcome, in_chinese(day)])
    head = blocks.table(("环节", "结果", "日期"), done)
    return [*_filled_form(case, step, now), blocks.heading("已经办理的环节"), head,
            blocks.seal(_place(case, "banner"), timezone.localdate(now))]  # fmt: skip


def _announcement(case: Case, step: Step, now: datetime) -> list[Block]:
    kind = procedure_of(step).kind
    category = CATEGORIES[case.category].zh if case.category in CATEGORIES else "监测对象"
    return [
        blocks.text("经村级评议、公示、苏木乡镇审核，旗县审定结果公告如下。"),
        blocks.table(
            ("户主姓名", "所在嘎查村", "家庭人口", "审定结果"),
            [[*_in_public(case), _DECIDED.get(kind, f"认定为{category}")]],
        ),
        blocks.text("对结果有异议的，可向旗县或苏木乡镇反映，也可拨打 12317。"),
        blocks.seal(_place(case, "banner"), timezone.localdate(now)),
    ]


def _refusal(case: Case, step: Step, now: datetime) -> list[Block]:
    decided = timezone.localdate(step.closed_at or now)
    days = int(setting("objection_after_refusal_days", timezone.localdate(now), case.region_code))
    spec = spec_of(step)
    chosen = spec.outcome(step.outcome)
    return [
        blocks.text(f"{case.household.head_name}："),
        blocks.text(f"您户的申请经“{spec.name.zh}”，决定不予纳入防止返贫监测（{chosen.label.zh if chosen else ''}）。"),
        blocks.rows([
            ("理由", step.reason),
            ("申请时提到的风险", "、".join(CAUSES[cause].zh for cause in case.causes if cause in CAUSES) or "—"),
            ("决定日期", in_chinese(decided)),
        ]),
        blocks.heading("不同意怎么办"),
        blocks.text(f"您可以在{in_chinese(decided + timedelta(days=days))}前（决定之日起 {days} 天内）提出异议。"
                    f"可以口头或书面告诉嘎查村干部，也可以直接找{_place(case, answers_at(step))}，由没有经办过此事的人复核。"
                    "提出异议不收费，不影响您享受其他政策。也可拨打 12317。"),
        blocks.text("情况有变化时，您可以随时再次申请。"),
        blocks.seal(_place(case, step.level), timezone.localdate(now)),
        blocks.signatures("收到人签名或按印"),
    ]  # fmt: skip


def _in_public(case: Case) -> list[str]:
    return [case.household.head_name, _place(case, "village"), f"{case.household.size} 人"]


def _place(case: Case, level: str) -> str:
    """The village with its township before it, or the name of a region further up."""
    code = case.region_code[: LEVEL_DIGITS[level]]
    codes = [code[: LEVEL_DIGITS["township"]], code] if level == "village" else [code]
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    return "".join(names.get(each, "") for each in codes) or code


def _shown(field: StepField, value: Any) -> str:
    if value is None:
        return ""
    if field.kind == "yes_no":
        return _YES_NO[bool(value)]
    if field.kind == "date":
        return in_chinese(value)
    if isinstance(value, list):
        return "、".join(field.choices[each].zh if each in field.choices else str(each) for each in value)
    return field.choices[value].zh if value in field.choices else str(value)


_WRITERS: dict[str, Callable[[Case, Step, datetime], list[Block]]] = {
    "application": _application, "survey": _survey, "minutes": _minutes, "notice": _notice, "decision": _decision,
    "announcement": _announcement, "refusal": _refusal,
}  # fmt: skip
