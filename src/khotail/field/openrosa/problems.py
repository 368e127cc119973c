"""What can go wrong between a client of OpenRosa and us, as sentences that the client shows."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class SignInNeeded(Problem):
    sentence = Text(
        "请用登录名和访问令牌登录：令牌在“走访”页的“连接 ODK”中生成，可能已过期或撤销。",
        "Sign in with your sign-in name and an access token as the password. Tokens are made under “Visits”, “Connect "
        "ODK”; yours may have expired or been withdrawn.",
    )
    status = 401


class TooManyFailures(Problem):
    sentence = Text(
        "令牌多次不对，请 15 分钟后再试，并核对登录名和令牌。已填写的走访仍在手机上。",
        "Too many wrong tokens: try again in 15 minutes, and check name and token. Visits that were filled in stay on the "
        "phone.",
    )
    status = 429


class OneXmlPart(Problem):
    sentence = Text(
        "一次只能发送一份记录：名为 xml_submission_file 的部分应恰好有一份。",
        "Send one record at a time: exactly one part named xml_submission_file.",
    )


class NoSuchForm(Problem):
    sentence = Text("没有这份表单，或不在您的区域使用。", "There is no such form, or it is not used in your region.")
    status = 404


class Away(Problem):
    sentence = Text(
        "服务器暂时不能保存，请稍后再发送。", "The server cannot store anything just now: send it again later."
    )
    status = 503
