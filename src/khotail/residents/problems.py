"""What can go wrong for somebody at home, as sentences that they can act on."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class PhoneWrong(Problem):
    sentence = Text("请输入 11 位手机号。", "Enter a mobile number of 11 digits.")


class TooSoon(Problem):
    sentence = Text(
        "验证码刚发过，请 {seconds} 秒后再试。", "A code was sent just now; try again in {seconds} seconds."
    )
    status = 429


class TooManyCodes(Problem):
    sentence = Text(
        "今天要的验证码太多了，请明天再试，或到嘎查村委会由干部帮您登录。",
        "Too many codes were asked for today. Try again tomorrow, or let a cadre at the village office help you in.",
    )
    status = 429


class CodeWrong(Problem):
    """One sentence for a wrong, an old and a used code: a guess learns nothing."""

    sentence = Text(
        "验证码不对或已过期。请再看一下短信，或重新获取。",
        "The code is not right or has expired. Look at the message again, or ask for a new one.",
    )
    status = 403


class Blocked(Problem):
    sentence = Text(
        "您的登录已被停用，请到嘎查村委会办理。", "You cannot sign in for now; please go to the village office."
    )
    status = 403


class NotYourHousehold(Problem):
    sentence = Text("只能查看自己家的信息。", "You can only see what is about your own household.")
    status = 404


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的区域。", "There is no such record, or it lies outside your region.")
    status = 404


class CannotCorrect(Problem):
    sentence = Text(
        "这一项不能在这里申请更正，请告诉嘎查村干部。", "This cannot be corrected here; tell your village cadre."
    )


class WantedMissing(Problem):
    sentence = Text("请写正确的内容。", "Write what would be right.")


class TooMuch(Problem):
    sentence = Text("内容过长，最多 {most} 字。", "The text is too long; at most {most} letters.")


class AlreadyAsked(Problem):
    sentence = Text(
        "这一项的更正申请正在办理，应于 {due} 前答复。",
        "A correction of this is being looked at; an answer is due by {due}.",
    )
    status = 409


class AlreadyAnswered(Problem):
    sentence = Text("{who}已答复这条更正申请。", "{who} has answered this request already.")
    status = 409


class AnswerMissing(Problem):
    sentence = Text("请写答复，农户看得到。", "Write the answer; the household can read it.")


class TooManyDeclarations(Problem):
    sentence = Text(
        "今天已申报 {most} 次。确有急事请打电话给嘎查村干部。",
        "You have declared {most} times today. If it is urgent, phone your village cadre.",
    )
    status = 429


class NeighbourMissing(Problem):
    sentence = Text("请写邻居的姓名。", "Write the neighbour's name.")


class CauseMissing(Problem):
    sentence = Text("请点选是哪方面的困难。", "Tap what kind of difficulty it is.")


class TooManyFiles(Problem):
    sentence = Text("一次最多附 {most} 个文件。", "At most {most} files can be added at once.")
