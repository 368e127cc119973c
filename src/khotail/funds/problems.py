"""What can go wrong with money, projects and assets, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这项记录，或不在您的范围内。", "There is no such record, or you may not see it.")
    status = 404


class AmountWrong(Problem):
    sentence = Text(
        "金额“{amount}”不对：应大于 0，最多两位小数，单位为元。",
        "“{amount}” is no amount: it must be above 0, in yuan, with at most two decimals.",
    )


class DayWrong(Problem):
    sentence = Text(
        "日期 {day} 不对：应在 {first} 至 {last} 之间。",
        "{day} cannot be: the day must lie between {first} and {last}.",
    )


class YearWrong(Problem):
    sentence = Text(
        "年度“{year}”不对：应在 {first} 至 {last} 之间。", "“{year}” is no year between {first} and {last}."
    )


class WordsMissing(Problem):
    sentence = Text("请填写“{what_zh}”。", "Fill in “{what_en}”.")


class UnknownPlace(Problem):
    sentence = Text(
        "没有代码或名称为“{place}”的地区，或它不在您的范围内。请填 12 位代码或地区全名。",
        "There is no region “{place}” within yours. Give its code or its full name.",
    )


class FundThere(Problem):
    """The document was entered already."""

    sentence = Text(
        "文号“{document}”（{task}）已于 {on} 登记，金额 {amount} 元。金额有误时，请先冲销原记录，再重新登记。",
        "Document “{document}” ({task}) is on record since {on} with {amount} CNY. If that is wrong, reverse it first "
        "and enter it anew.",
    )
    status = 409


class NotEnough(Problem):
    sentence = Text(
        "资金不足：要拨付 {amount} 元，“{holder}”只剩 {left} 元。",
        "Not enough money: {amount} CNY are asked for, and “{holder}” has {left} CNY left.",
    )
    status = 409


class PaymentTooLarge(Problem):
    sentence = Text(
        "支付 {amount} 元超过项目余额：该资金已安排 {allocated} 元，已支付 {paid} 元，还剩 {left} 元{waiting_zh}。",
        "{amount} CNY is more than is left: of this fund {allocated} CNY are allocated to the project, {paid} CNY are "
        "paid, {left} CNY are left{waiting_en}.",
    )
    status = 409


class NothingAllocated(Problem):
    sentence = Text(
        "这笔资金没有安排给本项目，不能支付。请先下达资金。",
        "Nothing of this fund is allocated to the project, so nothing can be paid. Allocate it first.",
    )
    status = 409


class GoesUp(Problem):
    sentence = Text(
        "资金只能向下拨付：“{to}”不在“{holder}”之下。", "Money goes down: “{to}” does not lie below “{holder}”."
    )


class AllocationThere(Problem):
    sentence = Text(
        "同一笔拨付（{on}，{amount} 元，文号“{document}”）已经登记。如确为两笔，请填写各自的文号。",
        "This allocation ({on}, {amount} CNY, document “{document}”) is on record already. If there are two, give each "
        "its own document number.",
    )
    status = 409


class WasReversed(Problem):
    """Only a file says it again: a person may enter it anew."""

    sentence = Text(
        "同一笔记录曾登记并于 {on} 冲销（{reason}）。确需重新登记的，请在页面上登记。",
        "The same was entered and reversed on {on} ({reason}). If it is to stand after all, enter it on the page.",
    )
    status = 409


class CannotReverse(Problem):
    sentence = Text("这笔记录本身是冲销，或已经冲销，不能再冲销。", "This entry is a reversal, or is reversed already.")
    status = 409


class PassedOn(Problem):
    sentence = Text(
        "不能冲销：{amount} 元中只剩 {left} 元在“{holder}”，其余已经拨付或支付。请先冲销后面的记录。",
        "It cannot be reversed: of {amount} CNY only {left} CNY are still with “{holder}”; the rest was passed on or "
        "paid. Reverse that first.",
    )
    status = 409


class ReversedAsPayment(Problem):
    sentence = Text("支付请在支付页面冲销。", "Reverse a payment on its own page.")
    status = 409


class ProjectNumberTaken(Problem):
    sentence = Text("项目编号“{number}”已有项目使用。", "There is a project “{number}” already.")
    status = 409


class UnknownDepartment(Problem):
    sentence = Text("没有部门“{department}”。", "There is no department “{department}”.")


class NotYourDepartment(Problem):
    sentence = Text(
        "这由“{department_zh}”负责，您的部门不能办理。", "This is for {department_en}; your department cannot do it."
    )
    status = 403


class PlacesMissing(Problem):
    sentence = Text(
        "请选择项目所在的嘎查村，须在项目实施地区之内。",
        "Choose the villages of the project; they must lie in the region that carries it out.",
    )


class KindFixed(Problem):
    sentence = Text(
        "已安排资金的项目不能更改类别或实施地区：统计口径以此为准。",
        "Kind and region of a project that has money cannot be changed: totals are counted by them.",
    )
    status = 409


class ProjectClosed(Problem):
    sentence = Text("项目状态为“{state}”，不能这样办理。", "The project is “{state}”, so this cannot be done.")
    status = 409


class MilestonesOpen(Problem):
    sentence = Text(
        "还有 {count} 项进度没有完成，不能验收。请先办结。",
        "{count} milestones are not done, so the project cannot be accepted. Finish them first.",
    )
    status = 409


class MoneyLeft(Problem):
    sentence = Text(
        "项目还有 {left} 元资金未收回。请先交回，再终止项目。",
        "{left} CNY still stand with the project. Give them back first.",
    )
    status = 409


class PaymentsWait(Problem):
    sentence = Text("还有 {count} 笔支付申请没有办结。", "{count} payments are still to be decided.")
    status = 409


class MilestoneDone(Problem):
    sentence = Text("这项进度已于 {on} 由 {who} 办结。", "This milestone was finished on {on} by {who}.")
    status = 409


class PaymentDecided(Problem):
    """Somebody else was quicker, or the page was old."""

    sentence = Text("这笔支付的状态已是“{state}”（{who}）。", "This payment is “{state}” already ({who}).")
    status = 409


class YourOwnPayment(Problem):
    sentence = Text(
        "支付由一人申请、另一人审批：您申请的支付不能由您审批。",
        "One person asks for a payment and another approves it: you asked for this one.",
    )
    status = 403


class NotYourPayment(Problem):
    sentence = Text("只有申请人可以撤回。", "Only whoever asked for it may withdraw it.")
    status = 403


class HouseholdLeft(Problem):
    sentence = Text(
        "户 {number} 已于 {on} 注销或迁出，不能列入项目。", "Household {number} ended on {on}; it cannot take part."
    )


class HouseholdElsewhere(Problem):
    sentence = Text(
        "户 {number} 不在项目所在的嘎查村。", "Household {number} does not live in a village of the project."
    )


class UnknownHousehold(Problem):
    sentence = Text(
        "没有编号为“{number}”的户，或不在您的范围内。", "There is no household “{number}” that you may see."
    )
    status = 404


class TieEnded(Problem):
    sentence = Text("这户的联结已于 {on} 结束。", "This tie ended on {on}.")
    status = 409


class NotIndustry(Problem):
    sentence = Text("只有产业项目有产业体检和提档升级记录。", "Only industry projects have a health card and upgrades.")


class ScoreWrong(Problem):
    sentence = Text(
        "“{field_zh}”请打 1 至 5 分；2 分以下须写明原因。",
        "Score “{field_en}” from 1 to 5; for 2 and below say why.",
    )


class NotAccepted(Problem):
    sentence = Text("项目验收后才能移交资产。", "Assets are handed over after the project was accepted.")
    status = 409


class AssetGone(Problem):
    sentence = Text("这项资产已经报废或处置。", "This asset was scrapped or sold.")
    status = 409


class TooManyFiles(Problem):
    sentence = Text("一次最多 {most} 个文件。", "At most {most} files at a time.")


class NoListInFile(Problem):
    sentence = Text(
        "文件《{file}》中没有找到资金名单：前 20 行里应有包含“年度”“资金来源”“文号”“金额（元）”或“金额（万元）”的表头。",
        "No list of funds in {file}: one of the first 20 rows must be a header with year, source, document number and "
        "amount (yuan) or amount (10,000 yuan).",
    )


class AmountUnitMissing(Problem):
    sentence = Text(
        "文件《{file}》的金额列没有写单位。请把表头改为“金额（元）”或“金额（万元）”，以免相差一万倍。",
        "The heading of the amounts in {file} names no unit. Write “amount (yuan)” or “amount (10,000 yuan)”, so that "
        "nothing is wrong ten-thousandfold.",
    )


class TooManyRows(Problem):
    sentence = Text(
        "文件《{file}》有 {rows} 行，一次最多导入 {most} 行；请分成几个文件。",
        "{file} has {rows} rows; at most {most} are taken at a time: split it into several files.",
    )


class NothingToImport(Problem):
    sentence = Text(
        "没有等待导入的名单（可能已经导入，或等待时间过长）；请重新上传文件。",
        "No list is waiting to be imported (it was taken already, or waited too long); send the file again.",
    )
    status = 409
