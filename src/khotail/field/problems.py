"""What can go wrong when a device sends."""

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


class TooLarge(Problem):
    sentence = Text(
        "一次发送不能超过 {limit_mb} MB，请分几次发送附件。",
        "One request may have at most {limit_mb} MB; send the files in several.",
    )
    status = 413


class NotMultipart(Problem):
    sentence = Text(
        "应以 multipart/form-data 发送：XML 和附件各为一个部分（OpenRosa 的 XML 部分名为 xml_submission_file）。",
        "Send multipart/form-data with the XML and each file as a part of its own (OpenRosa names that of the XML "
        "xml_submission_file).",
    )


class CutShort(Problem):
    sentence = Text(
        "内容没有收完整（信号中断），请再发送一次。",
        "Not all of it arrived (the connection broke): send it again.",
    )
