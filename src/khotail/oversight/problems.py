"""What can go wrong with policies, plans, responsibilities and inspections, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的范围内。", "There is no such entry, or you may not change it.")
    status = 404


class WordsMissing(Problem):
    sentence = Text("请填写“{what_zh}”。", "Fill in “{what_en}”.")


class WordsTooLong(Problem):
    sentence = Text("“{what_zh}”过长，最多 {most} 字。", "“{what_en}” is too long; at most {most} letters.")


class DatesWrong(Problem):
    sentence = Text(
        "日期不对：应在 {first} 至 {last} 之间，且结束日期不早于开始日期。",
        "The dates are wrong: they lie between {first} and {last}, and an end is not before its beginning.",
    )


class NumberWrong(Problem):
    sentence = Text(
        "“{what_zh}”应为 {least} 至 {most} 之间的数。", "“{what_en}” is a number between {least} and {most}."
    )


class UnknownChoice(Problem):
    sentence = Text("“{what_zh}”没有“{word}”这一项。", "“{what_en}” has no choice “{word}”.")


class UnknownPlace(Problem):
    sentence = Text("没有代码为“{code}”的地区，或不在您的范围内。", "There is no region “{code}” within yours.")


class PolicyThere(Problem):
    sentence = Text("登记册里已有《{title}》（{number}）。", "The register has “{title}” ({number}) already.")
    status = 409


class ParentWrong(Problem):
    sentence = Text(
        "上位政策应由更高或同一级发布，且不能是它自己或它的下位政策。",
        "The parent is another policy, issued at the same level or above, and not one that hangs on this one.",
    )


class ReviewWaits(Problem):
    sentence = Text(
        "{who}的评估还在等待确认，确认或退回后才能再评。",
        "The review signed by {who} waits to be confirmed; another one can follow it.",
    )
    status = 409


class ScoreWrong(Problem):
    sentence = Text(
        "每项打分应为 0 至 5 的整数，并写明依据。", "Each mark is a whole number from 0 to 5, with a note on why."
    )


class OwnReview(Problem):
    sentence = Text("评估由您签署，须由另一人确认。", "You signed this review; somebody else must confirm it.")
    status = 403


class ReviewDecided(Problem):
    sentence = Text("这次评估已由{who}处理。", "{who} has decided on this review already.")
    status = 409


class ReviewNeeded(Problem):
    sentence = Text(
        "请先完成一次经确认的评估，再划入“{name_zh}”类。",
        "A confirmed review comes first; then the policy can be put into the class “{name_en}”.",
    )
    status = 409


class ChangeNotAllowed(Problem):
    sentence = Text(
        "不能由“{before_zh}”类改为“{after_zh}”类。可改为：{allowed_zh}。",
        "A policy of the class “{before_en}” cannot become “{after_en}”; it can become: {allowed_en}.",
    )
    status = 409


class ClassMissing(Problem):
    sentence = Text(
        "请先把政策划入四类之一，再制订方案。", "Put the policy into one of the four classes before planning."
    )
    status = 409


class PlanEnded(Problem):
    sentence = Text("这个方案已被新的方案取代。", "This plan has been replaced by another one.")
    status = 409


class AlreadyDone(Problem):
    sentence = Text("这一步已于 {on} 完成。", "This step was done on {on} already.")
    status = 409


class NotABanner(Problem):
    sentence = Text("过渡期按旗县计算：请选择一个旗县。", "The transition runs for a banner: choose one.")


class ClockThere(Problem):
    sentence = Text(
        "{name}的脱贫日期已登记为 {on}；如需更改结束日期，请登记延长。",
        "The exit of {name} is entered as {on}; to move the end, enter an extension.",
    )
    status = 409


class NotLonger(Problem):
    sentence = Text("延长后的日期应晚于现在的结束日期 {until}。", "An extension ends after the present end, {until}.")


class OwnerMissing(Problem):
    sentence = Text("请选择一名工作人员，或写明姓名和职务。", "Choose an officer, or give a name and a post.")


class OwnerThere(Problem):
    sentence = Text(
        "这一级已由{who}负责；如需换人，请办理交接。",
        "{who} answers for it at this level already; to change the person, hand it over.",
    )
    status = 409


class LevelWrong(Problem):
    sentence = Text("责任人的级别不能低于该地区的级别。", "Nobody answers for a place from a level below it.")


class OwnerElsewhere(Problem):
    sentence = Text("{who}不负责该地区，或账号已停用。", "{who} does not work for that place, or has left.")


class AlreadyAccepted(Problem):
    sentence = Text("已于 {on} 接受。", "It was accepted on {on} already.")
    status = 409


class NotTheOwner(Problem):
    sentence = Text("只有{who}本人可以接受。", "Only {who} can accept it.")
    status = 403


class ResponsibilityOver(Problem):
    sentence = Text("这项责任已于 {on} 结束。", "This responsibility ended on {on} already.")
    status = 409


class InspectionOver(Problem):
    sentence = Text("这次检查已经结束（{state}）。", "This inspection is over ({state}).")
    status = 409


class NotYet(Problem):
    sentence = Text("完成日期不能晚于今天。", "Nothing was done on a day that lies ahead.")


class WrongState(Problem):
    sentence = Text(
        "问题现在的状态是“{state}”，不能这样办理。请刷新后再看。",
        "The shortcoming is now “{state}”, so this cannot be done. Load the page again.",
    )
    status = 409


class OwnMending(Problem):
    sentence = Text("整改由您报告，须由另一人复查。", "You reported the mending; somebody else must look at it.")
    status = 403


class NoPolicyList(Problem):
    sentence = Text(
        "文件《{file}》中没有找到政策清单：前 20 行里应有包含“政策名称”“领域”“发布层级”的表头。",
        "No list of policies in {file}: one of the first 20 rows must be a header with “title”, “field” and “issued by”.",
    )


class TooManyRows(Problem):
    sentence = Text(
        "文件《{file}》有 {rows} 行，一次最多导入 {most} 行；请分成几个文件。",
        "{file} has {rows} rows; at most {most} are taken at a time: split it into several files.",
    )


class AlreadyExplained(Problem):
    sentence = Text("{who}已说明原因。", "{who} has explained it already.")
    status = 409
