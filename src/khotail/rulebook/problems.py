"""What can be wrong with a rulebook. A load reports all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from khotail.problems import Problem
from khotail.rulebook.model import Place
from khotail.texts import Text


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong in a rulebook: where, which entry, what, and what was probably meant."""

    place: Place
    entry: str
    text: Text

    def in_words(self, language: str) -> str:
        sentence = self.text.zh if language == "zh" else self.text.en
        return f"{self.place} [{self.entry}] {sentence}" if self.entry else f"{self.place} {sentence}"


class RulebookFlawed(Problem):
    """A rulebook cannot be used as it stands. `flaws` lists everything that is wrong."""

    sentence = Text("规则库有 {count} 处错误：\n{zh}", "The rulebook has {count} errors:\n{en}")
    exit_code = 4

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(
            count=len(flaws),
            zh="\n".join(flaw.in_words("zh") for flaw in flaws),
            en="\n".join(flaw.in_words("en") for flaw in flaws),
        )


class UnknownRulebook(Problem):
    sentence = Text(
        "没有名为“{name}”的规则库。可用的有：{known}；也可以给出规则库文件夹的路径。",
        "There is no rulebook “{name}”. There are: {known}; or give the path of a rulebook's folder.",
    )
    exit_code = 2


class UnknownRule(Problem):
    sentence = Text("规则库里没有规则“{rule}”。{hint}", "The rulebook has no rule “{rule}”. {hint}")
    exit_code = 2


class BeforeTheRulebook(Problem):
    sentence = Text(
        "规则库在 {as_of} 还没有一条规则生效（最早的规则自 {first} 起生效）。请选择更晚的日期。",
        "No rule of the rulebook is in force on {as_of} (the first one starts on {first}). Choose a later date.",
    )
    exit_code = 2


class MissingFact(Problem):
    sentence = Text("取不到“{name}”：{zh}。", "“{name}” cannot be had: {en}.")
