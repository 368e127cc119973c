"""What can go wrong with plans, help at once, jobs and training, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这一项，或不在您的区域。", "There is no such thing, or it lies outside your region.")
    status = 404


class PersonLeft(Problem):
    sentence = Text(
        "该成员已于 {day} 离开本户，请到其现在的户上办理。",
        "This person left the household on {day}; record it where they live now.",
    )
    status = 409


class NoOpenCase(Problem):
    sentence = Text(
        "该户没有在办案件，不能制定帮扶计划；请先上报线索并立案。",
        "The household has no open case, so no plan can be made; raise a lead and take it into a case first.",
    )
    status = 409


class PlanExists(Problem):
    sentence = Text("该案已有帮扶计划，请在其中修改。", "The case has a plan already; change that one.")
    status = 409


class PlanIsClosed(Problem):
    sentence = Text("计划已关闭，不能再改。", "The plan is closed and can no longer be changed.")
    status = 409


class LineNotOpen(Problem):
    sentence = Text("这一项已是“{state_zh}”，不能这样办。", "This line is “{state_en}” already.")
    status = 409


class PlanEmpty(Problem):
    sentence = Text("计划里还没有措施，请先添加。", "The plan has no measure yet; add one first.")


class PlanHasGaps(Problem):
    sentence = Text(
        "还缺：{zh}。请补充措施，或写明为什么现在不安排。",
        "Still lacking: {en}. Add measures, or say why none is planned now.",
    )


class UnknownCategory(Problem):
    sentence = Text("“{word}”不在措施类别中：{known}。", "“{word}” is no category of measures: {known}.")


class KindMissing(Problem):
    sentence = Text("请写明是什么；“其他”须加说明。", "Say what it is; “其他” (other) needs a note.")


class DatesWrong(Problem):
    sentence = Text(
        "日期不对：结束不能早于开始，年份应在 2000 至 2100 之间。",
        "The dates are wrong: an end before the start, or a year outside 2000 to 2100.",
    )


class NotYet(Problem):
    sentence = Text("{day} 还没有到，不能先记。", "{day} has not come yet: it cannot be recorded before.")


class AmountWrong(Problem):
    sentence = Text(
        "金额应是不小于 0 的数字，最多两位小数。",
        "The amount must be a number of at least 0, with two decimals at most.",
    )


class ReasonMissing(Problem):
    sentence = Text("请写明理由。", "Give the reason.")


class WordsTooLong(Problem):
    sentence = Text("内容过长，最多 {most} 字。", "The text is too long; at most {most} letters.")


class TitleMissing(Problem):
    sentence = Text("请写标题。", "Give it a title.")


class NoLines(Problem):
    sentence = Text("模板里至少要有一项措施。", "A template needs at least one measure.")


class TooManyLines(Problem):
    sentence = Text("最多 {most} 项措施。", "At most {most} measures.")


class NotYourPlace(Problem):
    sentence = Text("这个地区不在您的管辖范围。", "This place is not within your region.")
    status = 403


class UnknownWord(Problem):
    sentence = Text("“{word}”不在可选范围。", "“{word}” is not one of the choices.")


class GaveNothing(Problem):
    sentence = Text("请写金额，或写明给了什么。", "Give the amount, or say what was given.")


class AlreadyClosed(Problem):
    sentence = Text("{who}已处理：{state_zh}。", "{who} has dealt with it already: {state_en}.")
    status = 409


class PapersMissing(Problem):
    sentence = Text("请先上传手续材料，或写明为什么没有。", "Add the papers first, or say why there are none.")


class ForeignDocument(Problem):
    sentence = Text("材料不属于该户，请重新上传。", "A document belongs to another household; add it again.")


class EmployerMissing(Problem):
    sentence = Text("请写用人单位（灵活就业写“灵活就业”）。", "Name the employer; for odd jobs write so.")


class JobKnown(Problem):
    sentence = Text(
        "这份工作已经登记（{employer}，{day} 起）。", "This job is recorded already ({employer}, since {day})."
    )
    status = 409


class JobHasEnded(Problem):
    sentence = Text("这份工作已于 {day} 结束。", "This job ended on {day} already.")
    status = 409


class TradeMissing(Problem):
    sentence = Text("请写工种和班次名称。", "Give the class a title and its trade.")


class HoursWrong(Problem):
    sentence = Text("学时应在 {least} 至 {most} 之间。", "Hours must lie between {least} and {most}.")


class SeatTaken(Problem):
    sentence = Text("{who}已在这个班。", "{who} is in this class already.")
    status = 409


class ClassFull(Problem):
    sentence = Text("这个班已满（{seats} 人）。", "The class is full ({seats} seats).")
    status = 409


class NoJobsInFile(Problem):
    sentence = Text(
        "文件《{file}》里没有找到就业名单：前 20 行里应有含“姓名”“用人单位”“开始日期”的表头。",
        "No list of jobs in {file}: one of its first 20 rows must be a header with name, employer and start.",
    )


class TooManyRows(Problem):
    sentence = Text(
        "文件有 {rows} 行，一次最多 {most} 行；请分开上传。", "{rows} rows; at most {most} are taken at a time."
    )
