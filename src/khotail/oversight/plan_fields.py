"""What the plan of each class says, one table: read by the action, the form and the page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from khotail.texts import Text


@dataclass(frozen=True)
class PlanField:
    """kind: text, households, cny, percent, day. `is_target`: reported figures are held against this number."""

    name: str
    label: Text
    kind: Literal["text", "households", "cny", "percent", "day", "works"]
    required: bool = False
    is_target: bool = False


#: What a strengthening plan builds.
WORKS: dict[str, Text] = {
    "roads": Text("交通", "roads"),
    "water": Text("水利", "water works"),
    "power": Text("电网", "power"),
    "network": Text("互联网", "network"),
    "education": Text("教育", "schooling"),
    "health": Text("医疗", "health care"),
    "funds": Text("投入保障", "guaranteed funds"),
    "other": Text("其他", "other"),
}

PLAN_FIELDS: dict[str, tuple[PlanField, ...]] = {
    "adjust": (
        PlanField("level", Text("调整到的标准", "level to be reached"), "text", required=True),
        PlanField("affected", Text("受影响户数", "households affected"), "households", required=True, is_target=True),
        PlanField("protection", Text("过渡保护", "protection on the way"), "text", required=True),
    ),
    "strengthen": (
        PlanField("works", Text("加强的方面", "what is strengthened"), "works", required=True),
        PlanField("investment", Text("投资目标（元）", "investment to be made (CNY)"), "cny", required=True),
        PlanField("coverage_now", Text("现覆盖率（%）", "coverage now (per cent)"), "percent"),
        PlanField("coverage", Text("目标覆盖率（%）", "coverage to be reached (per cent)"), "percent", required=True, is_target=True),
    ),
    "convert": (
        PlanField("old_group", Text("原对象", "group until now"), "text", required=True),
        PlanField("new_group", Text("扩大后的对象", "wider group"), "text", required=True),
        PlanField("newly", Text("新增覆盖户数（如同步搬迁户）", "households newly covered (such as those who moved along)"), "households", required=True, is_target=True),
    ),
    "new": (
        PlanField("draft", Text("草案要点", "what the draft says"), "text", required=True),
        PlanField("approver", Text("审批机关", "who approves it"), "text", required=True),
        PlanField("approved_on", Text("批准日期", "approved on"), "day"),
        PlanField("effect", Text("预期效果：受益户数", "expected effect: households that benefit"), "households", is_target=True),
    ),
}  # fmt: skip

#: What the reported figure of a class is.
FIGURES: dict[str, Text] = {
    "adjust": Text("已平稳过渡户数", "households that came through"),
    "strengthen": Text("已达到的覆盖率（%）", "coverage reached (per cent)"),
    "convert": Text("已新增覆盖户数", "households covered newly"),
    "new": Text("已受益户数", "households that benefit"),
}


def field_of(transition: str, name: str) -> PlanField:
    return next(each for each in PLAN_FIELDS[transition] if each.name == name)
