"""Entitlements as files: Parquet with every result, CSV and Excel with what is missed, each with its why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from khotail.engine.entitlements import Entitlements
from khotail.engine.output import check_format, write_rows
from khotail.facts.regions import Regions
from khotail.facts.sql import quoted
from khotail.files import written_whole
from khotail.rulebook.programmes import PAYING_LEVELS
from khotail.texts import Language, Text

_HEADERS = (
    Text("行政区划代码", "region code"),
    Text("地点", "place"),
    Text("户编号", "household"),
    Text("人编号", "person"),
    Text("项目", "programme"),
    Text("项目名称", "programme name"),
    Text("金额（元/年）", "CNY a year"),
    Text("出资", "paid by"),
    Text("为什么应享", "why"),
    Text("怎么办", "what to do"),
)


def write_entitlements(found: Entitlements, path: Path, language: Language = "zh", *, unmasked: bool = False) -> Path:
    """Write entitlements to `path` by its suffix, whole or not at all: .parquet every row, .csv and .xlsx the missed.

    unmasked  with the ID, phone and bank numbers that sentences quote, which are hidden otherwise
    Raises UnknownFormat for another suffix, and OSError where the file cannot be written.
    """
    check_format(path)
    with written_whole(path) as unfinished:
        if path.suffix.lower() == ".parquet":
            rows = f"SELECT *, DATE '{found.on}' AS as_of FROM ({found.rows})"
            found.facts.connection.execute(f"COPY ({rows}) TO {quoted(unfinished)} (FORMAT parquet, COMPRESSION zstd)")
        else:
            write_rows(
                unfinished, [header.in_language(language) for header in _HEADERS], _rows(found, language, unmasked)
            )
    return path


def _rows(found: Entitlements, language: Language, unmasked: bool) -> Iterator[list[str]]:
    regions = Regions.load()
    for missed in found.missed_texts(language, masked=not unmasked):
        programme = found.rulebook.programmes[missed["programme_id"]]
        payer = PAYING_LEVELS[programme.pays.level].in_language(language)
        region = missed["region_code"] or ""
        yield [
            region,
            regions.full_name(region) or "",
            missed["household_id"],
            missed["person_id"] or "",
            programme.id,
            programme.name.in_language(language),
            f"{missed['amount_cny']:.2f}",
            f"{payer} · {programme.pays.fund}",
            missed["text"],
            missed["mend"],
        ]
