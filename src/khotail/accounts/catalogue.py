"""Every kind of notification: its sentence, and whether it is sent at once or waits for the day's digest.

Sentences name numbers, steps and days, never a person: they leave the system by e-mail and SMS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from khotail.texts import Text


@dataclass(frozen=True)
class Kind:
    sentence: Text
    at_once: bool = False


KINDS: dict[str, Kind] = {
    "lead-new": Kind(
        Text("新线索：户 {household}，请于 {due} 前核实", "New lead: household {household}, verify by {due}")
    ),
    "leads-new": Kind(Text("新增 {count} 条线索待核实", "{count} new leads to verify")),
    "lead-late": Kind(
        Text("线索超期：户 {household}（应于 {due} 前核实）", "Lead overdue: household {household}, due {due}")
    ),
    "step-new": Kind(
        Text("待办：户 {household} 的“{step}”，期限 {due}", "To do: “{step}” for household {household}, by {due}")
    ),
    "step-due": Kind(
        Text(
            "即将到期：户 {household} 的“{step}”，期限 {due}", "Due soon: “{step}” for household {household}, by {due}"
        )
    ),
    "step-late": Kind(
        Text(
            "已经超期：户 {household} 的“{step}”，期限 {due}",
            "Overdue: “{step}” for household {household}, was due {due}",
        ),
        at_once=True,
    ),
    "step-escalated": Kind(
        Text(
            "超期上提：户 {household} 的“{step}”，期限 {due}，请督办",
            "Escalated to you: “{step}” for household {household}, was due {due}",
        ),
        at_once=True,
    ),
    "leads-late": Kind(Text("{count} 条线索超期，请督办", "{count} leads are overdue: see to them")),
    "steps-escalated": Kind(
        Text("{count} 个步骤超期上提，请督办", "{count} overdue steps have come up to you"), at_once=True
    ),
    "step-returned": Kind(
        Text("退回补正：户 {household} 的“{step}”", "Returned for correction: “{step}” for household {household}"),
        at_once=True,
    ),
    "missed-new": Kind(
        Text("本嘎查村新增 {count} 条应享未享，请查看", "{count} new entries of missed help in your village")
    ),
    "help-asked": Kind(
        Text("户 {household} 申请“{what}”，请联系办理", "Household {household} asks for “{what}”: please see to it"),
        at_once=True,
    ),
    "case-decided": Kind(
        Text("审定结果：户 {household}，{outcome}", "Decision on household {household}: {outcome}"), at_once=True
    ),
    "case-closed": Kind(Text("已结案：户 {household}", "Case closed: household {household}")),
    "objection-raised": Kind(
        Text(
            "收到异议：户 {household} 的“{step}”，请答复", "Objection to “{step}” for household {household}: answer it"
        ),
        at_once=True,
    ),
    "objection-answered": Kind(
        Text("异议已答复：户 {household} 的“{step}”", "Objection to “{step}” for household {household} was answered")
    ),
    "helper-assigned": Kind(
        Text("您已成为户 {household} 的帮扶责任人", "You are now the helper of household {household}"), at_once=True
    ),
    "measure-due": Kind(
        Text("帮扶措施待落实：户 {household}", "A measure for household {household} is to be carried out")
    ),
    "plan-agreed": Kind(
        Text("户 {household} 的帮扶计划已与农户商定", "The plan of help for household {household} was agreed with it")
    ),
    "emergency-late": Kind(
        Text(
            "先行救助手续超期：户 {household}（应于 {due} 前补齐），请督办",
            "Papers of help at once overdue: household {household}, due {due}; see to it",
        ),
        at_once=True,
    ),
    "emergencies-late": Kind(
        Text(
            "{count} 件先行救助的手续超期，请督办", "Papers of {count} cases of help at once are overdue: see to them"
        ),
        at_once=True,
    ),
    "visit-due": Kind(
        Text("应走访：户 {household}，期限 {due}", "Visit due: household {household}, by {due}"),
    ),
    "recheck-due": Kind(Text("回头看：户 {household}，期限 {due}", "Recheck due: household {household}, by {due}")),
    "matches-new": Kind(Text("有 {count} 条匹配结果待人工判定", "{count} doubtful matches to decide")),
    "audit-new": Kind(
        Text("数据核查：本村新增 {count} 项待改正", "Data audit: {count} new findings to mend in your village")
    ),
    "job-done": Kind(Text("后台任务完成：{job}", "Background job done: {job}")),
    "job-failed": Kind(Text("后台任务失败：{job}，请查看原因", "Background job failed: {job}; see why"), at_once=True),
    "issue-new": Kind(
        Text(
            "新诉求 {number}，请于 {due} 前接收或说明归属", "New issue {number}: take it up or say whose it is by {due}"
        )
    ),
    "issue-reopened": Kind(
        Text("诉求 {number} 不满意重办，请于 {due} 前接收", "Issue {number} was reopened: take it up by {due}"),
        at_once=True,
    ),
    "issue-late": Kind(
        Text("诉求 {number} 已超期（{due}），请督办", "Issue {number} is overdue (was due {due}); see to it"),
        at_once=True,
    ),
    "issues-late": Kind(
        Text("{count} 件诉求超期上提，请督办", "{count} overdue issues have come up to you: see to them"), at_once=True
    ),
    "visits-left": Kind(
        Text("“{round}”还有走访没有完成，请于 {due} 前完成", "“{round}” has visits still to make, by {due}"),
        at_once=True,
    ),
    "checks-new": Kind(
        Text("抽到 {count} 件办结诉求，请于 {due} 前核查", "{count} closings were drawn for your check, by {due}")
    ),
    "matter-new": Kind(
        Text("“{title}”反复出现，建议列为村务议题", "“{title}” keeps coming back: take it up as a village matter")
    ),
    "correction-new": Kind(
        Text("农户申请更正登记信息，请于 {due} 前答复", "A household asks for a correction: answer it by {due}")
    ),
    "responsibility-new": Kind(
        Text("您被确定为{level}责任人，请确认接受", "You were named as responsible ({level}): accept it"), at_once=True
    ),
    "continuity-alarm": Kind(
        Text(
            "“四个不摘”有 {count} 项指标骤降，请核实说明",
            "{count} series of the four not-removes fell suddenly: explain why",
        ),
        at_once=True,
    ),
    "payment-asked": Kind(
        Text("项目 {project} 有一笔支付待审批", "Project {project}: a payment waits for your approval"), at_once=True
    ),
    "payment-decided": Kind(Text("项目 {project} 的支付{state}", "Project {project}: your payment was {state}")),
    "milestones-late": Kind(
        Text("{count} 项项目进度超期上提，请督办", "{count} overdue milestones have come up to you: see to them"),
        at_once=True,
    ),
    "pledges-late": Kind(
        Text("{count} 项社会帮扶认捐已超期，请联系帮扶方", "{count} pledges of helpers are overdue: get in touch")
    ),
    "rulebook-adopted": Kind(Text("规则库已更新，{date} 起生效", "A new rulebook holds from {date}")),
}


def filled(sentence: Text, values: dict[str, Any]) -> Text:
    """The sentence with its values; one with two languages is stored as {"zh": …, "en": …}. Raises KeyError."""

    def of(language: str) -> dict[str, Any]:
        return {name: value[language] if isinstance(value, dict) else value for name, value in values.items()}

    return Text(sentence.zh.format(**of("zh")), sentence.en.format(**of("en")))
