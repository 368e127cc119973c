"""What can go wrong with runs of the programmes, and with what is done about missed help."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class EntitlementsRunAlready(Problem):
    sentence = Text(
        "{place} 的应享核算正在进行（{who}，{since} 开始）。请等它结束，结果会列在“应享待遇”页上。",
        "The entitlements of {place} are being worked out already (asked for by {who} at {since}). Wait for it to end; what "
        "it finds will be on the page of entitlements.",
    )
    status = 409


class MayNotRunProgrammes(Problem):
    sentence = Text("您的角色不能启动应享核算。", "Your role may not start a run of the programmes.")
    status = 403


class OutsideYourRegion(Problem):
    sentence = Text("{code} 不在您的工作区域内。", "{code} is not within the region that you work for.")
    status = 404


class MayNotMark(Problem):
    sentence = Text(
        "您的角色只能查看未享受的待遇，不能登记办理情况。",
        "Your role reads what is missed and cannot record what was done about it.",
    )
    status = 403


class NotMissed(Problem):
    sentence = Text(
        "没有找到这一条未享受的待遇。可能不在您的工作区域内。",
        "This missed help was not found, or lies outside your region.",
    )
    status = 404


class AlreadyClosed(Problem):
    sentence = Text(
        "这一条已于 {day} 自动办结：{zh}，不用再登记。",
        "This closed by itself on {day}: {en}. There is nothing left to record.",
    )
    status = 409


class HouseholdIsGone(Problem):
    sentence = Text(
        "户 {number} 已于 {day} 迁出、合并或消亡，不再登记；下一次核算会自动办结。",
        "Household {number} left, merged or died out on {day}: nothing is recorded any more, and the next run closes this.",
    )
    status = 409


class SomebodyWasQuicker(Problem):
    sentence = Text(
        "{who} 刚刚把它登记为“{zh}”。请看清楚再改。",
        "{who} has just recorded it as “{en}”. Look at it again before you change it.",
    )
    status = 409


class ReasonMissing(Problem):
    sentence = Text(
        "请写明原因：为什么户里不要，或者为什么没有批准。",
        "Say why: why the household does not want it, or why it was refused.",
    )


class UnknownState(Problem):
    sentence = Text(
        "不知道“{state}”是什么办理情况。请从列出的几项里选。",
        "“{state}” is nothing that can be recorded; choose one of those listed.",
    )
