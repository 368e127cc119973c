"""What can go wrong when the app sends."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class AnotherOfficer(Problem):
    sentence = Text(
        "登录的是另一位人员。请由填写的人登录后发送，内容仍保存在本机。",
        "Somebody else is signed in. Whoever filled these visits in must sign in to send them; they are kept on the device.",
    )
    status = 409


class NothingSent(Problem):
    sentence = Text("没有收到任何走访记录，请再发送一次。", "No visit came with this. Send it again.")
