"""What can go wrong with partners, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的范围内。", "There is no such record, or you may not see it.")
    status = 404


class WordsMissing(Problem):
    sentence = Text("请填写“{what_zh}”。", "Fill in “{what_en}”.")


class UnknownPlace(Problem):
    sentence = Text("没有代码为“{code}”的地区，请从列表选择。", "There is no region “{code}”. Choose one of the list.")


class EndsBeforeItBegins(Problem):
    sentence = Text("结束日期 {end} 早于开始日期 {start}。", "The end {end} lies before the beginning {start}.")


class DayOutOfReach(Problem):
    sentence = Text(
        "日期 {day} 不合理，请填 1990 年至 2100 年之间。", "{day} cannot be right: give a day from 1990 to 2100."
    )


class DayAhead(Problem):
    sentence = Text("{day} 还没有到，已发生的事不能记在将来。", "{day} lies ahead: what has happened cannot lie there.")


class AlreadyPaired(Problem):
    sentence = Text(
        "“{unit}”与该地的同类结对仍在执行中，请先结束或接续原有结对。",
        "A pairing of this kind with “{unit}” is running there already. End or continue that one.",
    )
    status = 409


class AlreadyEnded(Problem):
    sentence = Text("该结对已于 {on} 结束，不能再改。", "This pairing ended on {on} and can no longer be changed.")
    status = 409


class OutsideItsTime(Problem):
    sentence = Text(
        "{year} 年不在期限内（{start} 至 {end}）。", "The year {year} lies outside its time ({start} to {end})."
    )


class NothingStated(Problem):
    sentence = Text("请至少填一个数字；没有的请留空。", "Give one figure at least; leave out what is not known.")


class AgreementTwice(Problem):
    sentence = Text("同名、同日签订的协议已登记。", "An agreement of this title and day is on record already.")
    status = 409


class HelperTwice(Problem):
    sentence = Text("“{name}”已登记，请直接为其登记认捐。", "“{name}” is on record already: add the pledge there.")
    status = 409


class HelperGone(Problem):
    sentence = Text("“{name}”已停止帮扶，不能再登记认捐。", "“{name}” no longer helps; no pledge can be added.")
    status = 409


class OpenPledges(Problem):
    sentence = Text(
        "还有 {count} 项认捐未办结，请先办结或注明未落实。",
        "{count} pledges are still open. Settle them, or say that they fell through.",
    )
    status = 409


class AmountWrong(Problem):
    sentence = Text("数量必须大于零，且不超过 9999 亿。", "The quantity must be more than nothing, and below 10^12.")


class NamesSomebody(Problem):
    sentence = Text(
        "公开的文字里有“{what}”，可能认出个人或该户。请改写后再发布。",
        "The public words hold “{what}”, by which somebody can be known. Rewrite them.",
    )


class NamesANumber(Problem):
    sentence = Text(
        "公开的文字里有证件、电话或银行卡号，请删去后再发布。",
        "The public words hold the number of an ID, phone or bank card. Take it out.",
    )


class NotRead(Problem):
    sentence = Text(
        "发布前请确认：已读过公开文字，其中没有姓名、号码、病情等个人信息。",
        "Confirm first that you have read the public words and that they name nobody, no number and no illness.",
    )


class WrongState(Problem):
    """Somebody else was quicker, or the page was old."""

    sentence = Text(
        "现在的状态是“{state}”，不能这样办理。请刷新后再看。",
        "It is now “{state}”, so this cannot be done. Load the page again.",
    )
    status = 409


class KindsDiffer(Problem):
    sentence = Text(
        "认捐与需求种类不同（如物资与资金），不能对接。",
        "The pledge is of another kind than the need, such as goods and money; they cannot be matched.",
    )


class UnitsDiffer(Problem):
    sentence = Text(
        "认捐以“{pledge}”计，需求以“{need}”计。请先统一单位。",
        "The pledge counts “{pledge}”, the need “{need}”. Use one unit first.",
    )


class MeantForElsewhere(Problem):
    sentence = Text("该认捐指定用于其他地方，不能用于这里。", "This pledge is meant for another place.")


class AlreadyMatched(Problem):
    sentence = Text("该认捐已对接其他需求。", "This pledge is matched to another need already.")
    status = 409


class NoMoreNeeded(Problem):
    sentence = Text(
        "该需求已有足够认捐，只差 {left}{unit}。请认捐不超过此数，或选择其他需求。",
        "Only {left} {unit} are still open here. Pledge no more than that, or choose another need.",
    )
    status = 409


class NotTheHelper(Problem):
    sentence = Text("没有这个回执号，请核对后再输。", "There is no such receipt. Check it and enter it again.")
    status = 404


class HouseholdElsewhere(Problem):
    sentence = Text(
        "户编号“{number}”不在该地，或已不在册。", "Household “{number}” is not here, or no longer on record."
    )
    status = 404


class MoreThanTheOrder(Problem):
    sentence = Text(
        "农户收入合计 {shares} 元，超过了 {most} 元。",
        "What households earned would come to {shares} CNY, which is more than {most} CNY.",
    )


class SaleCancelled(Problem):
    sentence = Text("这笔订单已取消，不能再改。", "This order was cancelled and can no longer be changed.")
    status = 409


class ShareTwice(Problem):
    sentence = Text("该户在这笔订单里已有收入记录。", "This household has its share of this order already.")
    status = 409


class PairingElsewhere(Problem):
    sentence = Text("该结对不支持这里。", "This pairing does not support this place.")
