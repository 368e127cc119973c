"""Worked examples as they are written beside a rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import yaml

from khotail.rulebook.entries import Entry, Unread, error_line, is_day
from khotail.rulebook.model import Example, Place
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.problems import Flaw, RulebookFlawed
from khotail.texts import Text

_KEYS = frozenset({"given", "on", "expect", "region"})


@dataclass(frozen=True)
class WrittenExamples:
    """The examples of one entry. They are read only when a check runs them, so that a run does not pay for them.

    both_outcomes  there must be one that holds and one that does not
    amounts        `expect` is CNY a year, false (not entitled) or unknown; there must be an amount and one without
    """

    unread: Unread | None
    place: Place
    entry: str
    region: str
    both_outcomes: bool = False
    amounts: bool = False

    def read(self) -> tuple[Example, ...]:
        """Raises RulebookFlawed, with the lines, if the examples are not written as they must be."""
        flaws: list[Flaw] = []
        examples = [example for item in self._items() if (example := self._example(item, flaws))]
        if self.both_outcomes and {example.expect for example in examples} != {True, False}:
            flaws.append(
                self._flaw(
                    self.place.line,
                    "至少要有一个 expect: true 和一个 expect: false 的例子。",
                    "It needs at least one example with `expect: true` and one with `expect: false`.",
                )
            )
        if self.amounts:
            flaws += self._wrong_amounts(examples)
        if flaws:
            raise RulebookFlawed(flaws)
        return tuple(examples)

    def _wrong_amounts(self, examples: list[Example]) -> Iterator[Flaw]:
        kinds = [_kind_of_amount(example.expect) for example in examples]
        for example, kind in zip(examples, kinds, strict=True):
            if kind == "":
                yield self._flaw(
                    example.line,
                    "expect 应是每年金额（元）、false（不符合条件）或 unknown（数据不全）。",
                    "`expect` is CNY a year, false (not entitled) or unknown (data are missing).",
                )
        if "amount" not in kinds or not {"false", "unknown"} & set(kinds):
            yield self._flaw(
                self.place.line,
                "至少要有一个写金额的例子和一个 expect: false（或 unknown）的例子。",
                "It needs at least one example with an amount and one with `expect: false` (or unknown).",
            )

    def _items(self) -> list[Any]:
        try:
            items = self.unread.read() if self.unread else []
        except (yaml.YAMLError, ValueError) as error:  # a day such as 2021-02-30 is a ValueError
            detail = str(error)
            line = error_line(error) if isinstance(error, yaml.YAMLError) else self.place.line
            raise RulebookFlawed(
                [self._flaw(line, f"例子写错了：{detail}", f"An example is wrong: {detail}")]
            ) from None
        return items if isinstance(items, list) else [items]

    def _example(self, item: Any, flaws: list[Flaw]) -> Example | None:
        line = getattr(item, "line", self.place.line)
        if not isinstance(item, Entry) or not is_day(item.get("on")) or "expect" not in item:
            flaws.append(
                self._flaw(
                    line,
                    "例子要有 given、on（日期）和 expect。",
                    "An example needs `given`, `on` (a date) and `expect`.",
                )
            )
            return None
        for key in item.keys() - _KEYS:
            hint = did_you_mean(key, _KEYS)
            flaws.append(
                self._flaw(line, f"例子里不认识“{key}”。{hint.zh}", f"“{key}” is not known in an example. {hint.en}")
            )
        given = item.get("given")
        given = Entry() if given is None else given
        if not isinstance(given, Entry):
            flaws.append(self._flaw(line, "given 应是“名称: 值”。", "`given` must map names to values."))
            return None
        return Example(given, item["on"], item["expect"], str(item.get("region", self.region)), line)

    def _flaw(self, line: int, zh: str, en: str) -> Flaw:
        return Flaw(replace(self.place, line=line), self.entry, Text(zh, en))


def _kind_of_amount(expect: Any) -> str:
    """amount, false or unknown; empty for anything else."""
    if expect is False:
        return "false"
    if expect == "unknown":
        return "unknown"
    return "amount" if isinstance(expect, (int, float)) and not isinstance(expect, bool) and expect >= 0 else ""
