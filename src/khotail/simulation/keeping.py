"""What a simulation says of single households, in two encrypted Parquet files: everybody below the line, and who falls."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from khotail import analysis
from khotail.screening.keeping import kept, read

#: One row per household and year below the line, as `khotail.analysis.Simulation.rows`.
BELOW = pa.schema([
    ("year", pa.int32()), ("household_id", pa.string()), ("region_code", pa.string()), ("members", pa.int64()),
    ("baseline_cny", pa.float64()), ("scenario_cny", pa.float64()), ("line_cny", pa.float64()),
    ("below_baseline", pa.bool_()), ("below_scenario", pa.bool_()), ("falls", pa.bool_()),
    ("gap_cny", pa.float64()), ("hold_cny", pa.float64()),
])  # fmt: skip
#: One row per household that falls; `years` is JSON.
FALLS = pa.schema([
    ("household_id", pa.string()), ("region_code", pa.string()), ("members", pa.int64()), ("first_year", pa.int32()),
    ("gap_cny", pa.float64()), ("hold_cny", pa.float64()), ("years", pa.string()),
])  # fmt: skip
_BATCH = 50_000


def keep(number: int, found: analysis.Simulation) -> int:
    """Write both files of a simulation; returns how many households fall."""
    connection = found.facts.connection
    rows = connection.sql(
        f"SELECT {', '.join(BELOW.names)} FROM ({found.rows}) ORDER BY region_code, household_id, year"
    )
    _write(below_path(number), BELOW, rows)
    falls = connection.sql(
        "SELECT household_id, any_value(region_code) AS region_code, any_value(members) AS members, "
        "min(year) AS first_year, max(gap_cny) AS gap_cny, max(hold_cny) AS hold_cny, "
        "CAST(to_json(list(json_array(year, round(baseline_cny, 2), round(scenario_cny, 2), round(line_cny, 2), "
        f"round(hold_cny, 2)) ORDER BY year)) AS VARCHAR) AS years FROM ({found.rows}) WHERE falls "
        "GROUP BY household_id ORDER BY region_code, household_id"
    )
    return _write(falls_path(number), FALLS, falls)


def _write(path: Path, schema: pa.Schema, rows: Any) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with kept(path, schema) as writer:
        for batch in rows.to_arrow_reader(_BATCH):
            writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
            count += batch.num_rows
    return count


def falls_of(number: int, size: int) -> Iterator[list[dict[str, Any]]]:
    """Who falls, in chunks of at most `size`, in the order of the file."""
    for batch in read([falls_path(number)], FALLS).scanner(batch_size=size).to_batches():
        if batch.num_rows:
            yield batch.to_pylist()


def below(number: int, region: str, year: int, page: int, size: int) -> tuple[int, list[dict[str, Any]]]:
    """How many households of a region are below the line in a year, by the law or the scenario, and one page of them."""
    rows = read([below_path(number)], BELOW).to_table(filter=_of(region, year))
    return rows.num_rows, rows.slice((page - 1) * size, size).to_pylist()


def every_below(number: int, region: str, year: int) -> Iterator[dict[str, Any]]:
    """All of them, for a workbook."""
    for batch in read([below_path(number)], BELOW).scanner(filter=_of(region, year), batch_size=5_000).to_batches():
        yield from batch.to_pylist()


def _of(region: str, year: int) -> Any:
    wanted = pc.field("year") == year
    return wanted & pc.starts_with(pc.field("region_code"), region) if region else wanted


def forget(number: int) -> None:
    """Remove both files."""
    for path in (below_path(number), falls_path(number)):
        path.unlink(missing_ok=True)


def below_path(number: int) -> Path:
    return Path(settings.KHOTAIL_HOME) / "simulations" / f"{number}-below.parquet"


def falls_path(number: int) -> Path:
    return Path(settings.KHOTAIL_HOME) / "simulations" / f"{number}-falls.parquet"
