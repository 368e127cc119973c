"""What can go wrong with a call as such. What it asks for has the problems of the app that does it."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class SignInNeeded(Problem):
    sentence = Text(
        "请在 Authorization 头中提供有效的访问令牌（Bearer kht_…），或先登录。令牌可能已过期或撤销。",
        "Send a valid token in the Authorization header (Bearer kht_…), or sign in first. The token may have expired or "
        "been withdrawn.",
    )
    status = 401


class NoCsrfToken(Problem):
    sentence = Text(
        "用浏览器会话写入时须带 X-CSRFToken 头；程序请改用访问令牌。",
        "To write in a browser's session send the header X-CSRFToken; programs use a token.",
    )
    status = 403


class NotHere(Problem):
    sentence = Text("没有这一项，或不在您的区域。", "There is no such thing, or it lies outside your region.")
    status = 404


class NotMade(Problem):
    sentence = Text("请求有误：{zh}", "The call is not right: {en}")
    status = 422


class TooLarge(Problem):
    sentence = Text("请求正文过大，请分几次发送。", "The body is too large; send it in parts.")
    status = 413


class DatabaseAway(Problem):
    sentence = Text("数据库暂时不可用，请稍后重试。", "The database cannot be reached; try again in a while.")
    status = 503


class ProgramFailed(Problem):
    sentence = Text("程序出错，已记入日志。", "The program failed; the log has it.")
    status = 500
