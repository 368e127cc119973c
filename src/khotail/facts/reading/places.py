"""Region codes from place names: each different place of a list is looked up once."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from khotail.facts.reading.report import Notes
from khotail.facts.regions import Regions

_NAMES = ("banner_name", "township_name", "village_name")
_HEADERS = ("旗县", "乡镇", "行政村")


def add_region_codes(connection: duckdb.DuckDBPyConnection, present: set[str], titles: str, notes: Notes) -> None:
    """Fill `region_code` of table `rows` with 12 digits, from the code that the list gives, else from the names.

    A village that is not in the list of divisions keeps the code of its township or banner, and is noted.
    """
    regions = Regions.load()
    given = [name for name in _NAMES if name in present]
    code = "region_code" if "region_code" in present else "CAST(NULL AS VARCHAR)"
    names = ", ".join(name if name in present else f"CAST(NULL AS VARCHAR) AS {name}" for name in _NAMES)
    places = connection.sql(
        f"SELECT {code} AS given_code, {names}, min(_row) AS first_row, count(*) AS times FROM rows GROUP BY ALL"
    ).fetchall()
    usual_banner = None if "banner_name" in present else _banner_in(titles, regions)
    codes = []
    for given_code, banner, township, village, first_row, times in places:
        written = (banner or usual_banner, township, village)
        found = _code(regions, given_code, *written)
        if found is None and given:
            found, depth, nearest = _nearest(regions, *written)
            shown = written[depth] or ""
            notes.count("flagged:unknown-region", times - 1)
            notes.cell(
                first_row,
                _HEADERS[depth],
                shown,
                f"{found or ''}（{nearest}？）" if nearest else found,
                "flagged:unknown-region",
            )
        elif found and given_code and found != given_code and re.sub(r"\D", "", given_code) == found.rstrip("0"):
            notes.count("mended:region-code", times)
        codes.append(found)
    table = pa.table(
        {
            "p_code": pa.array([place[0] for place in places], pa.string()),
            **{f"p_{at}": pa.array([place[at] for place in places], pa.string()) for at in (1, 2, 3)},
            "found": pa.array(codes, pa.string()),
        }
    )
    connection.register("places", table)
    on = " AND ".join(
        f"{column if column in present else 'CAST(NULL AS VARCHAR)'} IS NOT DISTINCT FROM p_{at}"
        for at, column in ((1, "banner_name"), (2, "township_name"), (3, "village_name"), ("code", "region_code"))
    )
    others = (
        "* EXCLUDE (region_code, p_code, p_1, p_2, p_3, found)"
        if "region_code" in present
        else "* EXCLUDE (p_code, p_1, p_2, p_3, found)"
    )
    connection.execute(
        f"CREATE TABLE placed AS SELECT {others}, found AS region_code FROM rows LEFT JOIN places ON {on}"
    )
    connection.execute("DROP TABLE rows")
    connection.execute("ALTER TABLE placed RENAME TO rows")
    connection.unregister("places")
    present.add("region_code")


def _code(
    regions: Regions, code: str | None, banner: str | None, township: str | None, village: str | None
) -> str | None:
    if code and code.isdecimal() and len(code) in (2, 4, 6, 9, 12) and regions.exists(code):
        return regions.normalise(code)
    if not (township or village or banner):
        return None
    return regions.find(banner, township, village)


def _nearest(
    regions: Regions, banner: str | None, township: str | None, village: str | None
) -> tuple[str | None, int, str | None]:
    """The code as deep as it is known, which name failed (0 banner, 1 township, 2 village), and the nearest right name."""
    banner_code = regions.find(banner) if banner else None
    if banner and banner_code is None:
        return None, 0, regions.nearest(banner)
    township_code = regions.find(banner, township) if township else None
    if township_code is None:
        near = regions.nearest(township, banner_code) if township and banner_code else None
        return banner_code, 1, near
    return township_code, 2, regions.nearest(village, township_code) if village else None


def _banner_in(titles: str, regions: Regions) -> str | None:
    """The banner that the title or the file's name speaks of, if it speaks of one."""
    for word in re.findall(r"[\u4e00-\u9fff]+?(?:自治旗|联合旗|旗|县|市|区)", titles):
        for start in range(len(word) - 1):
            if regions.find(word[start:]):
                return str(word[start:])
    return None
