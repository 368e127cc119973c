"""What can go wrong on the portal's own pages."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class TooYoung(Problem):
    sentence = Text(
        "未满 14 岁的孩子不单独登录，请由家里大人登录查看。",
        "Children under 14 do not sign in themselves; a grown-up of the household can.",
    )
    status = 403


class ChooseAgain(Problem):
    sentence = Text("时间过久，请重新登录。", "That took too long. Please sign in again.")
    status = 403


class NotHere(Problem):
    sentence = Text("没有这个页面，或它不属于您家。", "There is no such page, or it is not about your household.")
    status = 404
