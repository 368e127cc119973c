"""Scenarios as they are written in YAML, checked against the rulebook that they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from khotail.analysis.scenario import (
    COMPONENTS,
    SHOCKS,
    ChangeKind,
    Reform,
    Scenario,
    ScenarioFlawed,
    Shock,
    UnknownScenario,
)
from khotail.rulebook.check_programmes import check_programme_types, check_programmes
from khotail.rulebook.entries import Entry, is_day
from khotail.rulebook.expressions import BUILT_IN_PARAMETERS
from khotail.rulebook.keys import at
from khotail.rulebook.model import Place, Rulebook
from khotail.rulebook.names import names_at
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.reading_programmes import ProgrammeReader

_FOLDER = Path(__file__).parent / "scenarios"
_KEYS = frozenset(["id", "name", "adopted", "ends", "tapers", "converts", "adds", "shocks"])
_REFORM_KEYS: dict[ChangeKind, frozenset[str]] = {
    "ends": frozenset(["programme", "on", "region", "adopted"]),
    "tapers": frozenset(["programme", "on", "region", "adopted", "shares"]),
    "converts": frozenset(["programme", "on", "region", "adopted", "to"]),
}
_SHOCK_KEYS = frozenset(["id", "name", "cause", "since", "until", "region", "share", "factors", "who"])


def built_in_scenarios() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def load_scenario(scenario: str | Path, rulebook: Rulebook) -> Scenario:
    """Read a scenario by the name of a built-in one or by the path of its file.

    Raises UnknownScenario, or ScenarioFlawed with every flaw found (file, line, entry, the nearest right name).
    """
    for path in (_FOLDER / f"{scenario}.yaml", Path(scenario)):
        if path.is_file():
            reader = _ScenarioReader(rulebook, path)
            found = reader.read()
            if reader.flaws or found is None:
                raise ScenarioFlawed(sorted(reader.flaws, key=lambda flaw: flaw.place.line))
            return found
    raise UnknownScenario(name=scenario, known=", ".join(built_in_scenarios()))


class _ScenarioReader(ProgrammeReader):
    examples_needed = False

    def __init__(self, rulebook: Rulebook, path: Path) -> None:
        super().__init__()
        self._path = path
        self._place = Place("scenario", path.name, 1)
        # What a scenario adds counts as written in a book of its own.
        self._book = replace(rulebook, id=f"{rulebook.id}+{path.stem}", programmes=dict(rulebook.programmes))
        self._law = rulebook

    def read(self) -> Scenario | None:
        entry = self._yaml(self._path.parent, self._path)
        if not isinstance(entry, Entry):
            if not self.flaws:
                self._flaw(self._place, "", "情景文件应是“名称: 内容”。", "The scenario must map names to contents.")
            return None
        id_ = str(entry.get("id") or self._path.stem)
        self._check_keys(entry, _KEYS, self._place, id_)
        if not is_day(entry.get("adopted")):
            self._flaw(
                at(entry, "adopted", self._place),
                id_,
                "缺少通过日期 adopted。",
                "The day of adoption (`adopted`) is missing.",
            )
            return None
        added = self._added(entry)
        reforms = tuple(reform for kind in _REFORM_KEYS for reform in self._reforms(entry, kind))
        shocks = tuple(self._shocks(entry))
        if not (reforms or added or shocks) and not self.flaws:
            self._flaw(self._place, id_, "情景没有任何改变。", "The scenario changes nothing.")
        self._check_overlaps(reforms)
        self.flaws += check_programmes(self._book) if added else []
        if added and not self.flaws:
            self.flaws += check_programme_types(self._book)
        return Scenario(
            id_, self._text(entry, "name", self._place, id_), entry["adopted"], self._book, reforms, added, shocks
        )

    def _added(self, entry: Entry) -> frozenset[str]:
        added = []
        for item in self._entries(entry.get("adds") or [], at(entry, "adds", self._place), "adds"):
            place = replace(self._place, line=item.line)
            if item["id"] in self._law.programmes:
                self._flaw(
                    place, item["id"],
                    "规则库已有这个项目；要改变它请用 ends、tapers 或 converts。",
                    "The rulebook has this programme; to change it use `ends`, `tapers` or `converts`.",
                )  # fmt: skip
            elif self.programme(self._book, item, place) is not None:
                added.append(item["id"])
                self._check_adopted(item, item["since"], at(item, "since", place), item["id"], entry["adopted"])
        return frozenset(added)

    def _reforms(self, entry: Entry, kind: ChangeKind) -> Iterator[Reform]:
        written = entry.get(kind) or []
        for item in written if isinstance(written, list) else [written]:
            place = replace(self._place, line=getattr(item, "line", at(entry, kind, self._place).line))
            if not isinstance(item, Entry) or not is_day(item.get("on")) or "programme" not in item:
                self._flaw(place, kind, "要写 programme 和 on（日期）。", "It needs `programme` and `on` (a date).")
                continue
            id_ = str(item["programme"])
            self._check_keys(item, _REFORM_KEYS[kind], place, id_)
            if not self._is_known(id_, at(item, "programme", place), id_):
                continue
            programme = self._book.programmes[id_]
            self._check_adopted(item, item["on"], at(item, "on", place), id_, entry["adopted"])
            if programme.until is not None and item["on"] > programme.until:
                self._flaw(
                    at(item, "on", place), id_,
                    f"项目在 {programme.until} 已经结束。",
                    f"The programme has already ended on {programme.until}.",
                )  # fmt: skip
            to = None if item.get("to") is None else str(item["to"])
            if kind == "converts":
                to = self._target(item, id_, place)
            region = self._region(item.get("region"), "", at(item, "region", place), id_)
            yield Reform(kind, id_, item["on"], region, self._shares(item, kind, place), to, place)

    def _target(self, item: Entry, id_: str, place: Place) -> str | None:
        where = at(item, "to", place)
        if item.get("to") is None:
            self._flaw(where, id_, "缺少转化后的项目 to。", "What it is converted to (`to`) is missing.")
            return None
        to = str(item["to"])
        if self._is_known(to, where, id_) and not self._book.programmes[to].holds_on(item["on"]):
            self._flaw(
                where, id_,
                f"“{to}”在 {item['on']} 不在有效期内。",
                f"“{to}” is not in force on {item['on']}.",
            )  # fmt: skip
        return to

    def _shares(self, item: Entry, kind: ChangeKind, place: Place) -> tuple[float, ...]:
        if kind != "tapers":
            return ()
        written = item.get("shares")
        shares = written if isinstance(written, list) else []
        if not shares or not all(_is_number(share) and 0 <= share <= 1 for share in shares):
            self._flaw(
                at(item, "shares", place), str(item["programme"]),
                "shares 应是逐年保留比例的列表，每项在 0 和 1 之间。",
                "`shares` is a list of what is still paid year by year, each between 0 and 1.",
            )  # fmt: skip
            return (1.0,)
        return tuple(float(share) for share in shares)

    def _shocks(self, entry: Entry) -> Iterator[Shock]:
        for item in self._entries(entry.get("shocks") or [], at(entry, "shocks", self._place), "shocks"):
            place, id_ = replace(self._place, line=item.line), item["id"]
            self._check_keys(item, _SHOCK_KEYS, place, id_)
            since: Any = item.get("since")
            until: Any = item.get("until")
            if not is_day(since) or not is_day(until) or until < since:
                self._flaw(
                    at(item, "since", place), id_,
                    "since 和 until 应是先后两个日期。",
                    "`since` and `until` are two days, the earlier first.",
                )  # fmt: skip
                continue
            share = item.get("share", 1)
            if not _is_number(share) or not 0 <= share <= 1:
                self._flaw(at(item, "share", place), id_, "share 应在 0 和 1 之间。", "`share` lies between 0 and 1.")
                share = 0.0
            yield Shock(
                id=id_,
                name=self._text(item, "name", place, id_),
                cause=self._catalogued(item, "cause", SHOCKS, place, id_),
                since=since,
                until=until,
                region=self._region(item.get("region"), "", at(item, "region", place), id_),
                share=float(share),
                factors=self._factors(item, place, id_),
                who=self._condition(item, place, id_),
                place=place,
            )

    def _factors(self, item: Entry, place: Place, id_: str) -> dict[str, float]:
        written, place = item.get("factors"), at(item, "factors", place)
        if not isinstance(written, Entry) or not written:
            self._flaw(place, id_, "缺少收入系数 factors。", "The factors on income (`factors`) are missing.")
            return {}
        self._check_keys(written, COMPONENTS, place, id_)
        for name, factor in written.items():
            if not _is_number(factor) or not 0 <= factor <= 10:
                self._flaw(
                    place, id_, f"{name} 的系数应在 0 和 10 之间。", f"The factor of {name} lies between 0 and 10."
                )
        return {name: float(f) for name, f in written.items() if name in COMPONENTS and _is_number(f)}

    def _condition(self, item: Entry, place: Place, id_: str) -> Any:
        who = self._optional(item, "who", place, id_)
        if who is None:
            return None
        known = names_at(self._law, "household")
        parameters = self._law.parameters.keys() | BUILT_IN_PARAMETERS
        for names, right, kind in ((who.columns, known, "列或指标"), (who.parameters, parameters, "参数")):
            for name in names:
                if name not in right:
                    hint, english = did_you_mean(name, right), "parameter" if kind == "参数" else "column or indicator"
                    self._flaw(
                        at(item, "who", place), id_,
                        f"没有名为“{name}”的{kind}。{hint.zh}",
                        f"There is no {english} “{name}”. {hint.en}".strip(),
                    )  # fmt: skip
        return who

    def _is_known(self, programme: str, place: Place, id_: str) -> bool:
        if programme in self._book.programmes:
            return True
        hint = did_you_mean(programme, self._book.programmes)
        self._flaw(
            place,
            id_,
            f"没有名为“{programme}”的项目。{hint.zh}",
            f"There is no programme “{programme}”. {hint.en}".strip(),
        )
        return False

    def _check_adopted(self, item: Entry, starts: Any, place: Place, id_: str, adopted: Any) -> None:
        adopted = item.get("adopted", adopted)
        if not is_day(adopted) or starts < adopted:
            self._flaw(
                place, id_,
                f"在 {starts} 生效，早于通过日期 {adopted}。",
                f"It takes effect on {starts}, before it is adopted on {adopted}.",
            )  # fmt: skip

    def _check_overlaps(self, reforms: tuple[Reform, ...]) -> None:
        for one, other in combinations(reforms, 2):
            nested = one.region.startswith(other.region) or other.region.startswith(one.region)
            if one.programme == other.programme and nested:
                self._flaw(
                    other.place, other.programme,
                    f"与第 {one.place.line} 行的改动重叠：同一项目、同一地区只能有一处改动。",
                    f"It overlaps with the reform in line {one.place.line}: one reform of a programme in a place.",
                )  # fmt: skip


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
