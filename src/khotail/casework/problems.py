"""What can go wrong in casework, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotYours(Problem):
    """The officer's role, level or region does not do this."""

    sentence = Text(
        "“{what_zh}”由{level_zh}办理，您的角色或层级不能办理。",
        "“{what_en}” is done at the level of the {level_en}; your role or level does not do it.",
    )
    status = 403


class MayNot(Problem):
    sentence = Text("您的角色不能这样做。", "Your role may not do this.")
    status = 403


class HandledByYourself(Problem):
    sentence = Text(
        "您办理过这一案，须由另一人复核。", "You have handled this case; somebody else must look at it now."
    )
    status = 403


class NotFound(Problem):
    sentence = Text("没有这一案件，或不在您的区域。", "There is no such case, or it lies outside your region.")
    status = 404


class StepAlreadyDone(Problem):
    """Somebody else was quicker."""

    sentence = Text(
        "{who}已于 {when} 办结“{step_zh}”，结果：{outcome_zh}。您填的内容没有保存，请查看案件。",
        "{who} closed “{step_en}” at {when}, with the outcome: {outcome_en}. What you filled in was not saved; look at the case.",
    )
    status = 409


class LeadAlreadyDecided(Problem):
    sentence = Text("{who}已处理该线索：{state_zh}。", "{who} has dealt with this lead already: {state_en}.")
    status = 409


class ObjectionAlreadyAnswered(Problem):
    sentence = Text("{who}已答复该异议。", "{who} has answered this objection already.")
    status = 409


class CaseIsOpen(Problem):
    sentence = Text("该户已有在办案件，请在其中办理。", "The household has an open case already; go on there.")
    status = 409


class CaseIsClosed(Problem):
    sentence = Text("该案已办结，不能再改。", "The case is closed and can no longer be changed.")
    status = 409


class CaseIsNotClosed(Problem):
    sentence = Text(
        "只有已消除风险的户才能回头看，且一次一件。", "Only an exited household is rechecked, once at a time."
    )
    status = 409


class UnknownOutcome(Problem):
    sentence = Text(
        "“{step_zh}”没有结果“{outcome}”，可选：{known}。",
        "“{step_en}” has no outcome “{outcome}”; choose one of: {known}.",
    )


class ReasonMissing(Problem):
    sentence = Text("请写明理由：农户有权知道为什么。", "Give the reason: the household has a right to know why.")


class TooEarly(Problem):
    sentence = Text(
        "“{step_zh}”最早 {not_before} 才能办结（公示天数未满）。",
        "“{step_en}” cannot be closed before {not_before}: the notice must hang until then.",
    )


class EvidenceMissing(Problem):
    sentence = Text("还缺材料：{zh}。请先上传。", "These papers are missing: {en}. Add them first.")


class ForeignDocument(Problem):
    sentence = Text("材料不属于该户，请重新上传。", "A document belongs to another household; add it again.")


class FieldWrong(Problem):
    """`field` names the field, for the form."""

    sentence = Text("“{label_zh}”{zh}", "“{label_en}”: {en}")

    @property
    def field(self) -> str:
        return str(self.values["field"])


class UnknownField(Problem):
    sentence = Text("没有名为“{field}”的栏目。", "There is no field “{field}”.")


class ConditionNotMet(Problem):
    """`conditions` are all the sentences that apply."""

    sentence = Text("还不能这样办结：{zh}", "It cannot be closed like this yet: {en}")


class NoProcedure(Problem):
    sentence = Text(
        "规则库在 {on} 没有适用于该地区的“{kind_zh}”程序，请联系管理员。",
        "The rulebook has no procedure for “{kind_en}” in this region on {on}. Ask your administrator.",
    )


class ProcedureGone(Problem):
    sentence = Text(
        "规则库里已没有程序“{procedure}”的步骤“{step}”，请管理员恢复后再办。",
        "The rulebook no longer has the step “{step}” of “{procedure}”. Ask your administrator to restore it.",
    )
    status = 409


class NoHousehold(Problem):
    sentence = Text("请先把线索对应到登记的农户。", "First say which household of the register the lead is about.")


class HouseholdGone(Problem):
    sentence = Text("该户已注销，不能立案。", "The household is no more; no case can be opened.")


class HouseholdLeft(Problem):
    sentence = Text(
        "该户已于 {day} 离开登记，不能再记帮扶措施；如已并入或迁入别户，请到现在的户上办理。",
        "The household left the register on {day}: no measure can be recorded for it any more; if it goes on as another "
        "household, record it there.",
    )
    status = 409


class UnknownWord(Problem):
    sentence = Text("“{word}”不在可选范围：{known}。", "“{word}” is not one of: {known}.")


class WordsMissing(Problem):
    sentence = Text("请写明内容。", "Write what was said.")


class WordsTooLong(Problem):
    sentence = Text("内容过长，最多 {most} 字。", "The text is too long; at most {most} letters.")


class NotTheHelper(Problem):
    sentence = Text(
        "帮扶责任人应是管辖该村、能办案的在职人员。",
        "A helper must be an active officer who works cases in that village.",
    )


class DatesWrong(Problem):
    sentence = Text(
        "日期不对：结束不能早于开始，年份应在 2000 至 2100 之间。",
        "The dates are wrong: an end before the start, or a year outside 2000 to 2100.",
    )


class AmountWrong(Problem):
    sentence = Text(
        "金额应是不小于 0 的数字，最多两位小数。",
        "The amount must be a number of at least 0, with two decimals at most.",
    )


class CannotObject(Problem):
    sentence = Text(
        "这一步现在不能提异议：只能对公示中的步骤，或 {days} 天内的不予纳入决定提出，一次一件。",
        "No objection can be made here now: only against a notice that hangs, or a refusal within {days} days, one at a time.",
    )


class NoSuchPaper(Problem):
    sentence = Text("这一步没有这种文书。", "This step has no such paper.")
    status = 404
