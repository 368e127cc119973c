"""Generate the demo: the same seed writes the same cells."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from khotail.demo import large
from khotail.demo.departments import department_lists
from khotail.demo.dirt import Dirt, rearrange, split_in_two
from khotail.demo.exports import (
    construction_export,
    ledger,
    monitored_export,
    planned_work_export,
    village_export,
    working_away_export,
)
from khotail.demo.households import Household, Population
from khotail.demo.monitoring import monitor
from khotail.demo.places import rural_villages, spread
from khotail.demo.problems import NoHouseholds, NoVillages
from khotail.demo.sheets import Sheet
from khotail.demo.trouble import Trouble
from khotail.facts.regions import Regions

#: from more households than this on, facts are written as Parquet instead of workbooks
LARGE = 100_000
_MONITORED_SHARE = 0.03

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class DemoSet:
    """What was written, and what a reader and a rulebook must find in it.

    files         what to import; empty where `facts` holds the facts themselves
    facts         folder for `Facts.open`, or None
    dirt          kind of dirt → cells, rows, households or files
    audit_errors  national rule number → households or persons with that error planted
    trouble       kind of trouble → households; `warned` counts each household once
    """

    folder: Path
    banner: str
    seed: int
    as_of: date
    households: int
    persons: int
    files: tuple[Path, ...] = ()
    facts: Path | None = None
    dirt: dict[str, int] = field(default_factory=dict)
    audit_errors: dict[str, int] = field(default_factory=dict)
    trouble: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)


def generate(
    folder: Path | str,
    *,
    banner: str = "152221",
    households: int = 20_000,
    seed: int = 2026,
    as_of: date = date(2026, 10, 31),
    dirty: bool = True,
    form: Literal["", "files", "facts"] = "",
    progress: Progress | None = None,
) -> DemoSet:
    """Write a demo banner into `folder` and say what is in it; `expected.json` there says the same.

    banner    6-digit code of a banner in Inner Mongolia that has villages
    dirty     plant dirt and audit errors; trouble is always planted
    form      "files" or "facts" to force one; by default facts from LARGE households on
    progress  called with the name of what is being written and the share done

    Raises NoHouseholds or NoVillages.
    """
    folder = Path(folder)
    if households < 1:
        raise NoHouseholds(households=households)
    tell = progress or (lambda name, share: None)
    if form == "facts" or (not form and households > LARGE):
        made = _large(folder, banner, households, seed, as_of, tell)
    else:
        made = _files(folder, banner, households, seed, as_of, dirty, tell)
    _write_expected(made)
    return made


def _files(
    folder: Path, banner: str, households: int, seed: int, as_of: date, dirty: bool, tell: Progress
) -> DemoSet:  # fmt: skip
    rng = random.Random(seed)
    villages = rural_villages(banner, rng)
    if not villages:
        raise NoVillages(banner=banner)
    spread(villages, households)
    trouble = Trouble(villages, rng, as_of)
    tell("households", 0.0)
    people: list[Household] = []
    for household in Population(rng, as_of).households(villages):
        if rng.random() < _MONITORED_SHARE:
            monitor(household, rng, as_of)
        trouble.strike(household)
        people.append(household)
    tell("sheets", 0.2)
    monitored, construction = monitored_export(people, rng, as_of), construction_export(people)
    general, away, planned = ledger(people), working_away_export(people, rng, as_of), planned_work_export(people, rng)
    village_sheet = village_export(villages, people, rng)
    dirt = Dirt(rng, households)
    sheets: list[Sheet] = [monitored]
    if dirty:
        dirt.on(monitored, construction, general)
        sheets = split_in_two(monitored)
        dirt.dirt["split_files"] = 1
        dirt.dirt["renamed_columns"] = rearrange(planned, rng)
        dirt.dirt["reordered_files"] = 1
        village_sheet.merged = village_sheet.index("乡(镇)")
        dirt.dirt["merged_files"] = 1
    sheets += [construction, general, away, planned, village_sheet, *department_lists(people, rng, as_of)]
    # A department with nothing to tell sends no list.
    sheets = [sheet for sheet in sheets if sheet.rows]
    total = sum(len(sheet.rows) for sheet in sheets)
    written, files = 0, []
    for sheet in sheets:
        tell(sheet.path, 0.25 + 0.75 * written / max(total, 1))
        files.append(sheet.write(folder, as_of))
        written += len(sheet.rows)
    tell("", 1.0)
    kinds = Counter(kind for household in people for kind in household.trouble)
    kinds["warned"] = sum(bool(household.trouble) for household in people)
    kinds["monitored"] = sum(household.monitored is not None for household in people)
    kinds["monitored unresolved"] = sum(h.monitored is not None and h.monitored.resolved is None for h in people)
    return DemoSet(
        folder, banner, seed, as_of, len(people), sum(len(household.members) for household in people), tuple(files),
        dirt=dirt.dirt, audit_errors=dirt.audit_errors, trouble=dict(sorted(kinds.items())),
        rows={sheet.path: len(sheet.rows) for sheet in sheets},
    )  # fmt: skip


def _large(folder: Path, banner: str, households: int, seed: int, as_of: date, tell: Progress) -> DemoSet:
    rng = random.Random(seed)
    villages = [(v.code, v.township, v.name) for v in rural_villages(banner, rng)]
    if not villages:
        raise NoVillages(banner=banner)
    if not large.fits(households, len(villages)) or households > LARGE:
        # More households than the banner has in life: the whole autonomous region.
        villages = [
            (village.code, village.township, village.name)
            for league in sorted(Regions.load().children("15"))
            for code in sorted(Regions.load().children(league))
            for village in rural_villages(code[:6], rng)
        ]
    facts = folder / "facts"
    rows = large.write_facts(facts, villages, households=households, seed=seed, as_of=as_of, progress=tell)
    return DemoSet(folder, banner, seed, as_of, rows["households"], rows["persons"], facts=facts, rows=rows)


def _write_expected(made: DemoSet) -> None:
    expected = asdict(made) | {
        "folder": ".", "as_of": made.as_of.isoformat(), "facts": "facts" if made.facts else None,
        "files": [str(file.relative_to(made.folder)) for file in made.files],
    }  # fmt: skip
    (made.folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=2) + "\n", "utf-8")
