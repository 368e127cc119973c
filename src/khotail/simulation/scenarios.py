"""Scenarios as text: the examples to start from, reading what somebody wrote, and saying what it changes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from khotail.analysis import Scenario, ScenarioFlawed, built_in_scenarios, load_scenario
from khotail.analysis.scenario import Reform, Shock
from khotail.facts.regions import Regions
from khotail.rulebook.model import Rulebook
from khotail.simulation.problems import NotEnding, ScenarioTooLong, UnknownProgramme
from khotail.texts import Text

MOST_CHARACTERS = 200_000
FILE_NAME = "scenario.yaml"
_NOT_IN_NAMES = re.compile(r"[^\w.-]+")
COMPONENT_NAMES: dict[str, Text] = {
    "wage": Text("工资性收入", "wages"),
    "business": Text("经营收入", "business income"),
    "property": Text("财产性收入", "property income"),
    "transfer": Text("转移性收入", "transfers"),
    "cost": Text("经营成本", "costs"),
}


def examples(book: Rulebook) -> dict[str, Text]:
    """The scenarios that come with Khotail and fit the rulebook: id → name."""
    found = {}
    for id_ in built_in_scenarios():
        try:
            found[id_] = load_scenario(id_, book).name
        except ScenarioFlawed:
            continue  # it changes programmes that this rulebook does not have
    return found


def example_text(id_: str) -> str | None:
    """The YAML of one of them; None if there is no such one."""
    if id_ not in built_in_scenarios():
        return None
    return (files("khotail.analysis") / "scenarios" / f"{id_}.yaml").read_text(encoding="utf-8")


def read(text: str, file_name: str, book: Rulebook, goes_on: Iterable[str] = ()) -> Scenario:
    """The scenario that is written in `text`. Lines of its flaws name the file as it was sent.

    Raises ScenarioFlawed, ScenarioTooLong, UnknownProgramme, NotEnding.
    """
    if len(text) > MOST_CHARACTERS:
        raise ScenarioTooLong(most=MOST_CHARACTERS)
    law = going_on(book, goes_on)
    with tempfile.TemporaryDirectory(prefix="khotail-scenario-") as place:
        path = Path(place) / "scenario" / clean_name(file_name)
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
        return load_scenario(path, law)


def going_on(book: Rulebook, programmes: Iterable[str]) -> Rulebook:
    """The law with the end of these programmes taken out."""
    changed = dict(book.programmes)
    for id_ in programmes:
        if id_ not in changed:
            raise UnknownProgramme(programme=id_)
        if changed[id_].until is None:
            raise NotEnding(programme=id_)
        changed[id_] = replace(changed[id_], until=None, successor=None)
    return replace(book, programmes=changed)


def clean_name(name: str) -> str:
    """A file's name without anything that a path or a sentence could stumble over, and with its ending."""
    stem = _NOT_IN_NAMES.sub("-", Path(name.replace("\\", "/")).name).strip("-.")
    stem = stem.removesuffix(".yaml").removesuffix(".yml")[:60] or "scenario"
    return f"{stem}.yaml"


def in_words(scenario: Scenario, goes_on: Iterable[str] = ()) -> list[Text]:
    """What a scenario changes, one sentence each."""
    names = {id_: programme.name for id_, programme in scenario.rulebook.programmes.items()}
    said = [_reform(reform, names) for reform in scenario.reforms]
    said += [
        Text(
            f"新增“{one.name.zh}”，自 {one.since} 起{_where(one.region).zh}",
            f"“{one.name.en}” begins on {one.since}{_where(one.region).en}",
        )
        for id_, one in scenario.rulebook.programmes.items()
        if id_ in scenario.added
    ]
    said += [_shock(shock) for shock in scenario.shocks]
    said += [
        Text(
            f"对照：假定“{names[id_].zh}”到期后继续",
            f"Compared with the law as if “{names[id_].en}” went on after its end",
        )
        for id_ in goes_on
    ]
    return said


def _reform(reform: Reform, names: dict[str, Text]) -> Text:
    name, where = names[reform.programme], _where(reform.region)
    if reform.kind == "ends":
        said = Text(f"“{name.zh}”自 {reform.on} 起停止", f"“{name.en}” ends on {reform.on}")
    elif reform.kind == "tapers":
        shares = "、".join(f"{share:.0%}" for share in reform.shares)
        said = Text(
            f"“{name.zh}”自 {reform.on} 起逐年保留 {shares}",
            f"“{name.en}” is tapered from {reform.on}: {shares.replace('、', ', ')} are still paid, year by year",
        )
    else:
        other = names.get(reform.to or "", Text("", ""))
        said = Text(
            f"“{name.zh}”自 {reform.on} 起转为“{other.zh}”", f"“{name.en}” turns into “{other.en}” on {reform.on}"
        )
    return Text(said.zh + where.zh, said.en + where.en)


def _shock(shock: Shock) -> Text:
    where = _where(shock.region)
    struck = [(COMPONENT_NAMES[name], factor) for name, factor in shock.factors.items()]
    zh = "，".join(f"{name.zh}×{factor:g}" for name, factor in struck)
    en = ", ".join(f"{name.en} × {factor:g}" for name, factor in struck)
    return Text(
        f"{shock.name.zh}：{shock.since} 至 {shock.until}，波及 {shock.share:.0%} 的户，{zh}{where.zh}",
        f"{shock.name.en}: {shock.since} to {shock.until}, strikes {shock.share:.0%} of households, {en}{where.en}",
    )


def _where(region: str) -> Text:
    if not region:
        return Text("", "")
    name = Regions.load().full_name(region) or region
    return Text(f"（{name}）", f" ({name})")


def ending_programmes(book: Rulebook) -> Iterator[tuple[str, Text]]:
    """Programmes that the law ends some day."""
    for id_, programme in book.programmes.items():
        if programme.until is not None:
            yield id_, programme.name
