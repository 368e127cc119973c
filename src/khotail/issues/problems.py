"""What can go wrong with an issue, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条诉求，或不在您的范围内。", "There is no such issue, or you may not see it.")
    status = 404


class NotYourBody(Problem):
    sentence = Text("这条诉求现由“{body}”办理。", "This issue lies with “{body}” now.")
    status = 403


class WrongState(Problem):
    """Somebody else was quicker, or the page was old."""

    sentence = Text(
        "诉求现在的状态是“{state}”，不能这样办理。请刷新后再看。",
        "The issue is now “{state}”, so this cannot be done. Load the page again.",
    )
    status = 409


class UnknownRoute(Problem):
    sentence = Text("没有类别“{route}”，或它在 {on} 不适用于该地区。", "There is no class “{route}” here on {on}.")
    status = 404


class UnknownPlace(Problem):
    sentence = Text("没有代码为“{code}”的地区。请选择嘎查村。", "There is no region “{code}”. Choose the village.")


class WordsMissing(Problem):
    sentence = Text("请写明内容。", "Write what it is about.")


class WordsTooLong(Problem):
    sentence = Text("内容过长，最多 {most} 字。", "The text is too long; at most {most} letters.")


class PlaceWrong(Problem):
    sentence = Text(
        "位置不对：纬度应在 -90 至 90 之间，经度应在 -180 至 180 之间。",
        "The place is wrong: latitude lies between -90 and 90, longitude between -180 and 180.",
    )


class AnswerMissing(Problem):
    sentence = Text("请回答：{label_zh}", "Please answer: {label_en}")


class AnswerWrong(Problem):
    sentence = Text("“{label_zh}”的回答不对。", "The answer to “{label_en}” is not one that can be given.")


class TooMany(Problem):
    sentence = Text(
        "今天已反映 {most} 件。确有急事请打电话或到嘎查村委会。",
        "You have raised {most} issues today. If it is urgent, phone or go to the village office.",
    )
    status = 429


class TooManyFiles(Problem):
    sentence = Text("一次最多附 {most} 个文件。", "At most {most} files can be added at once.")


class NoBody(Problem):
    sentence = Text(
        "{level_zh}以上都没有登记办理“{field_zh}”的单位。请先在“办理单位”里登记。",
        "From the {level_en} upwards no body answers for “{field_en}”. Enter it first, under “Bodies”.",
    )
    status = 409


class BodyEnded(Problem):
    sentence = Text(
        "“{body}”已于 {on} 撤销，请选择接替它的单位。", "“{body}” ended on {on}. Choose the one that follows it."
    )


class BodyElsewhere(Problem):
    sentence = Text("“{body}”不管辖该地。", "“{body}” does not answer for that place.")


class ReasonMissing(Problem):
    sentence = Text("请写明理由，反映人看得到。", "Give the reason; whoever raised the issue can read it.")


class ProofMissing(Problem):
    sentence = Text(
        "请附上办理凭证（照片或票据），或写明为什么没有。",
        "Add the proof (photo or receipt), or say why there is none.",
    )


class TooLong(Problem):
    sentence = Text(
        "最多可延 {most} 个工作日，且只能延期一次。", "It can be put off once, by at most {most} working days."
    )


class NotTheRaiser(Problem):
    sentence = Text("收件编号、校验码或电话不对。", "The receipt number, its code or the phone number is not right.")
    status = 403


class OwnWork(Problem):
    sentence = Text("您办理过这条诉求，须由另一人核查。", "You have worked on this issue; somebody else must check it.")
    status = 403


class AlreadyChecked(Problem):
    sentence = Text("这次抽查已由{who}完成。", "{who} has done this check already.")
    status = 409


class CannotMerge(Problem):
    sentence = Text(
        "只能并入同一旗县、尚未办结、公开程度相同的另一条诉求。",
        "An issue can be joined only to another one of the same banner that is open and just as public.",
    )


class SatisfactionWrong(Problem):
    sentence = Text("满意度应为 1 至 5。", "Satisfaction is a number from 1 to 5.")


class QuietStaysQuiet(Problem):
    sentence = Text(
        "这类诉求涉及个人困难或举报，不对外公开。",
        "Issues of this class are about persons, and are not shown in public.",
    )


class NoMatter(Problem):
    sentence = Text("没有这个村务议题，或已有结果。", "There is no such open village matter.")
    status = 404


class NameMissing(Problem):
    sentence = Text("请写单位名称。", "Give the body a name.")


class UnknownField(Problem):
    sentence = Text("没有“{field}”这一职责。", "There is no field of work “{field}”.")


class FollowerWrong(Problem):
    sentence = Text(
        "接替单位应是另一个在办、管辖同一范围的单位。",
        "The body that follows must be another standing one that answers for the same place.",
    )


class OpenWork(Problem):
    sentence = Text(
        "“{body}”还有 {count} 件在办诉求，请先指定接替单位。",
        "“{body}” has {count} open issues. Name the body that follows it.",
    )
    status = 409
