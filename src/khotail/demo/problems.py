"""What can go wrong with a demo."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NoVillages(Problem):
    exit_code = 2
    sentence = Text(
        "内蒙古没有代码为“{banner}”且有嘎查村的旗县区。请给出 6 位旗县代码，例如 152221（科尔沁右翼前旗）。",
        "No banner of Inner Mongolia has the code “{banner}” and villages. Give a 6-digit code, such as 152221 "
        "(科尔沁右翼前旗).",
    )


class NoHouseholds(Problem):
    exit_code = 2
    sentence = Text(
        "户数至少为 1，不能是 {households}。", "The number of households must be at least 1, not {households}."
    )
