"""How far each household lives on policies, kept beside its entitlements: written where it changed."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from django.db import transaction

from khotail.analysis.dependence import BANDS, dependence
from khotail.engine.problems import NothingCanRun
from khotail.entitlements.models import Dependence, EntitlementRun
from khotail.entitlements.writing import CHUNK, Progress
from khotail.facts.store import Facts
from khotail.register.bulk import insert, rows_with, update
from khotail.register.models import Household

_COLUMNS = ("household_id", "region_code", "income_year", "policy_cny", "net_cny", "share")
_MOST_CNY, _MOST_SHARE = "99999999999.99", "99999.0"
_READ_ROWS = 50_000


def keep_dependence(made: EntitlementRun, facts: Facts, progress: Progress) -> dict[str, Any]:
    """Work out every household's share and write what changed; returns counts by band, or why it cannot be told."""
    try:
        told = dependence(facts, on=made.as_of, region=made.region_code)
    except NothingCanRun as problem:
        return {"zh": problem.text.zh, "en": problem.text.en}
    link = facts.connection
    _read_kept(facts, made.region_code)
    link.execute(
        f"CREATE OR REPLACE TEMP TABLE depends AS SELECT household_id AS number, left(region_code, 12) AS region_code, "
        f"{told.year} AS income_year, {_within('policy_cny', _MOST_CNY, 14, 2)} AS policy_cny, "
        f"{_within('net_cny', _MOST_CNY, 14, 2)} AS net_cny, {_within('share', _MOST_SHARE, 9, 4)} AS share "
        f"FROM ({told.rows}) QUALIFY row_number() OVER (PARTITION BY household_id) = 1"
    )
    said = ", ".join(f"coalesce(CAST(d.{name} AS VARCHAR), '-')" for name in ("policy_cny", "net_cny", "share"))
    link.execute(
        "CREATE OR REPLACE TEMP TABLE depends_changed AS SELECT k.id, d.* FROM depends d LEFT JOIN kept k USING (number) "
        "WHERE CASE WHEN k.id IS NULL THEN d.policy_cny IS NOT NULL ELSE k.region_code <> d.region_code OR k.said <> "
        f"concat_ws('|', d.income_year, {said}) "
        "END ORDER BY d.number"
    )
    [(total,)] = link.execute("SELECT count(*) FROM depends_changed").fetchall()
    cursor, done = link.execute("SELECT * FROM depends_changed"), 0
    while rows := cursor.fetchmany(CHUNK):
        with transaction.atomic():
            _write(rows)
        done += len(rows)
        progress(done, total, "dependence")
    bands = [{"up_to": edge, "households": count} for edge, count in zip((*BANDS, None), told.bands, strict=True)]
    return {"year": told.year, "bands": bands, "unknown": told.unknown, "negative": told.negative}


def _within(name: str, most: str, digits: int, places: int) -> str:
    held = f"greatest(-{most}, least({most}, {name}))"
    return f"CASE WHEN {name} IS NOT NULL THEN CAST(round({held}, {places}) AS DECIMAL({digits}, {places})) END"


def _write(rows: list[tuple[Any, ...]]) -> None:
    new = [row[1:] for row in rows if row[0] is None]
    homes = {number: pk for pk, number in rows_with(Household, ["id", "number"], "number", {row[0] for row in new})}
    insert(Dependence, _COLUMNS, [
        (homes[number], region, year, *map(_text, amounts)) for number, region, year, *amounts in new if number in homes
    ])  # fmt: skip
    update(Dependence, {
        pk: {"region_code": region, "income_year": year, "policy_cny": _text(policy), "net_cny": _text(net), "share": _text(share)}
        for pk, _number, region, year, policy, net, share in rows if pk is not None
    })  # fmt: skip


def _read_kept(facts: Facts, region_code: str) -> None:
    """What is kept of the region's households: number, region, and all that is said in one text."""
    link = facts.connection
    link.execute("CREATE OR REPLACE TEMP TABLE kept (id BIGINT, number VARCHAR, region_code VARCHAR, said VARCHAR)")
    rows = Dependence.objects.in_region(region_code).values_list(
        "pk", "household__number", "region_code", "income_year", "policy_cny", "net_cny", "share"
    )
    part: list[tuple[Any, ...]] = []
    for pk, number, region, *said in rows.iterator(chunk_size=_READ_ROWS):
        part.append((pk, number, region, "|".join("-" if each is None else str(each) for each in said)))
        if len(part) == _READ_ROWS:
            _keep(link, part)
            part = []
    _keep(link, part)


def _keep(link: Any, part: list[tuple[Any, ...]]) -> None:
    if part:
        columns = [pa.array(column) for column in zip(*part, strict=True)]
        link.register("part", pa.table(columns, names=["id", "number", "region_code", "said"]))
        link.execute("INSERT INTO kept SELECT * FROM part")
        link.unregister("part")


def _text(amount: Any) -> str | None:
    return None if amount is None else str(amount)
