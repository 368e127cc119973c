"""What can go wrong with simulations, as sentences. What is wrong within a scenario, the core says (`ScenarioFlawed`)."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的区域。", "There is no such record, or it lies outside your region.")
    status = 404


class TitleMissing(Problem):
    sentence = Text(
        "请给这次模拟起个名字，别人才认得出来。", "Give the simulation a name, so that others know it again."
    )


class ScenarioTooLong(Problem):
    sentence = Text("情景不能超过 {most} 个字符。", "A scenario may have at most {most} characters.")
    status = 413


class ScenarioNotText(Problem):
    sentence = Text(
        "这个文件不是 UTF-8 文本。请上传 YAML 情景文件（.yaml）。",
        "This file is no text in UTF-8. Send a scenario in YAML (.yaml).",
    )


class YearsWrong(Problem):
    sentence = Text("年数应在 1 和 {most} 之间。", "The years ahead lie between 1 and {most}.")


class UnknownProgramme(Problem):
    sentence = Text("规则库没有项目“{programme}”。", "The rulebook has no programme “{programme}”.")


class NotEnding(Problem):
    sentence = Text(
        "“{programme}”没有结束日期，不用假定它继续。", "“{programme}” has no end, so there is no need to let it go on."
    )


class TooManyToCompare(Problem):
    sentence = Text("一次最多并排比较 {most} 个模拟。", "At most {most} simulations stand side by side.")


class NotComputedYet(Problem):
    sentence = Text(
        "“{title}”还没有算完。请等它的任务结束。", "“{title}” has not been computed yet. Wait for its job to end."
    )
    status = 409


class ChangedMeanwhile(Problem):
    sentence = Text(
        "这一户刚刚由{who}改为“{state_zh}”。请看过再改。",
        "{who} has just set this household to “{state_en}”. Look at that before you change it.",
    )
    status = 409


class HeldByMissing(Problem):
    sentence = Text(
        "请写明由什么托住，如哪个项目或措施。", "Say what holds the household, such as the programme or measure."
    )


class ReasonMissing(Problem):
    sentence = Text("请写明为什么不需要。", "Say why nothing is needed.")


class NobodyToHandOver(Problem):
    sentence = Text(
        "这里没有待走访、且还未交给走访的户。", "No household here is to be visited and not handed over already."
    )
    status = 409


class WorkedOn(Problem):
    sentence = Text(
        "这次模拟的清单上已有 {number} 户办理过，不能删除。",
        "{number} households of this simulation have been worked on already; it cannot be removed.",
    )
    status = 409


class StillComputing(Problem):
    sentence = Text("还在计算。请先取消它的任务。", "It is still being computed. Cancel its job first.")
    status = 409
