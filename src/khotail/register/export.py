"""The register back in the national system's five workbooks, so that importing them again changes nothing.

Every cell is text, as in the national exports: no formula, no link, no number that a program could shorten. Households that
the national system does not hold (neither lifted out of poverty nor monitored) have their members in a sixth workbook,
laid out as the villages' ledger. ID and phone numbers are in clear, so who exports needs the right to see them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from django.db.models import QuerySet

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.facts.schema import TABLES
from khotail.facts.written import as_written
from khotail.files import TEXT_CELLS
from khotail.register.access import check_place, needs
from khotail.register.known import opened
from khotail.register.models import Household, Person, Region, Statement
from khotail.trail.scope import in_region

#: called with households done and how many there are
Progress = Callable[[int, int], None]

_CHUNK = 2_000
_ROWS_PER_SHEET = 1_000_000
_PLACES = {"banner_name": "县(市、区、旗)", "township_name": "乡(镇)", "village_name": "行政村"}
_APART = ("as_of", "source", "region_code", "township_name", "village_name")
_PERSONS = tuple(name for name in TABLES["persons"].column_names if name not in (*_APART, "household_id"))
_HOUSEHOLDS = tuple(name for name in TABLES["households"].column_names if name not in (*_APART, "household_id"))
_CONSTRUCTION = (
    "group_name", "household_type", "household_phone", "stated_size", "dangerous_house", "house_grade", "house_area_m2",
    "safe_water", "has_electricity", "has_sanitary_toilet", "toilet_usable", "paved_access_road", "road_distance_km",
    "cropland_mu", "forest_mu", "returned_forest_mu", "orchard_mu", "grassland_mu", "water_surface_mu",
)  # fmt: skip
_WORKING = (
    "is_working", "work_county", "work_channel", "employer", "work_industry", "point_to_point", "monthly_pay_cny",
    "travel_subsidy_cny", "work_start_on", "work_end_on", "work_phone", "work_note",
)  # fmt: skip
_PLANNED = ("plans_work", "planned_work_county", "service_need", "work_phone", "work_note")
_VILLAGES = tuple(name for name in TABLES["villages"].column_names if name not in (*_APART,))

Values = dict[str, Any]


def export_register(
    region_code: str, target: Path, *, by: Officer, today: date, progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Write a ZIP file of the workbooks of a region to `target`; returns rows by workbook.

    The caller records the event. Raises NotAllowed, OutsideYourRegion.
    """
    needs(by, May.EXPORT)
    needs(by, May.UNMASK)
    check_place(by, region_code)
    with TemporaryDirectory(dir=target.parent, prefix=".export-") as scratch:
        rows = write_workbooks(region_code, Path(scratch), today, progress)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # workbooks are compressed already
            for file in sorted(Path(scratch).glob("*.xlsx")):
                archive.write(file, file.name)
    return rows


def write_workbooks(
    region_code: str, folder: Path, today: date, progress: Progress = lambda done, total: None
) -> dict[str, int]:
    """Write the workbooks of a region into `folder`; returns rows by workbook."""
    place = _Places()
    books = {
        name: _Book(folder, name, title, today)
        for name, title in (
            ("监测对象信息", "防返贫监测对象信息表"),
            ("乡村建设户信息", "乡村建设信息采集（农户）"),
            ("已外出务工信息", "已外出务工信息表"),
            ("计划外出务工信息", "计划外出务工信息表"),
            ("行政村信息", "行政村基本信息表"),
            ("农户成员台账", "一般农户成员花名册"),
        )
    }
    person_head = [*_PLACES.values(), "行政区划代码", "户编号", *_headers("persons", _PERSONS)]
    books["监测对象信息"].begin([*person_head, *_headers("households", _HOUSEHOLDS)])
    books["农户成员台账"].begin([*person_head, *_headers("households", _HOUSEHOLDS)])
    books["乡村建设户信息"].begin([*_PLACES.values(), "行政区划代码", "户编号", *_headers("households", _CONSTRUCTION)])
    worker_head = [*_PLACES.values(), "户编号", "人编号", "姓名", "证件号码"]
    books["已外出务工信息"].begin([*worker_head, *_headers("work_records", _WORKING)])
    books["计划外出务工信息"].begin([*worker_head, *_headers("work_records", _PLANNED)])
    books["行政村信息"].begin([*_PLACES.values(), "行政区划代码", *_headers("villages", _VILLAGES)])
    for values in _villages(region_code):
        where = place.cells(values["region_code"], values)
        books["行政村信息"].row([*where, values["region_code"], *_cells("villages", _VILLAGES, values)])
    homes = Household.objects.filter(in_region(region_code), ended_on=None).order_by("region_code", "id")
    total, done = homes.count(), 0
    for chunk in _chunks(homes):
        _write_chunk(chunk, books, place)
        done += len(chunk)
        progress(done, total)
    rows = {}
    for book in books.values():
        book.close()
        if book.count or book.name != "农户成员台账":
            rows[book.name] = book.count
        else:
            book.path.unlink()
    return rows


def _write_chunk(homes: Sequence[Household], books: dict[str, _Book], place: _Places) -> None:
    stated = _stated({home.pk for home in homes})
    people: dict[int, list[Person]] = {home.pk: [] for home in homes}
    gone = (Person.Leaving.SPLIT, Person.Leaving.MERGED)
    rows = Person.objects.filter(household_id__in=list(people)).exclude(leaving__in=gone).order_by("id")
    for person in rows:
        people[person.household_id].append(person)
    for home in homes:
        own = {"household_type": home.household_type or None, **stated.get(("households", home.pk, None, ""), {})}
        where = [*place.cells(home.region_code, own), home.region_code]
        books["乡村建设户信息"].row([*where, home.number, *_cells("households", _CONSTRUCTION, own)])
        national = home.monitored_type or home.household_type == "脱贫户"
        book = books["监测对象信息" if national else "农户成员台账"]
        household_cells = _cells("households", _HOUSEHOLDS, own)
        for person in people[home.pk]:
            said = stated.get(("persons", home.pk, person.pk, ""), {})
            known = {"name": person.name, **said, "person_id": person.number}
            book.row([*where, home.number, *_cells("persons", _PERSONS, known), *household_cells])
            worker = [*where[:3], home.number, person.number, person.name, person.id_number]
            for record in stated.get(("work_records", home.pk, person.pk, "all"), {}).values():
                if record.get("record_kind") == "计划外出务工":
                    books["计划外出务工信息"].row([*worker, *_cells("work_records", _PLANNED, record)])
                else:
                    books["已外出务工信息"].row([*worker, *_cells("work_records", _WORKING, record)])


def _stated(ids: set[int]) -> dict[tuple[str, int, int | None, str], Values]:
    """(table, household, person, "") → the newest of each column; work records as key → values under "all"."""
    found: dict[tuple[str, int, int | None, str], Values] = {}
    rows = Statement.objects.filter(household_id__in=list(ids), table__in=("households", "persons", "work_records"))
    order = rows.order_by("as_of", "recorded_at", "id").values_list(
        "table", "household_id", "person_id", "key", "values"
    )
    for table, household_id, person_id, key, values in order.iterator(chunk_size=5_000):
        clear = {name: opened(value) for name, value in values.items()}
        if table == "work_records":
            found.setdefault((table, household_id, person_id, "all"), {})[key] = clear
        else:
            found.setdefault((table, household_id, person_id, ""), {}).update(clear)
    return found


def _villages(region_code: str) -> Iterator[Values]:
    merged: dict[str, Values] = {}
    rows = Statement.objects.filter(in_region(region_code), table="villages", household=None)
    for code, values in rows.order_by("as_of", "recorded_at", "id").values_list("region_code", "values"):
        merged.setdefault(code, {}).update(values, region_code=code)
    yield from (merged[code] for code in sorted(merged))


def _chunks(rows: QuerySet[Household]) -> Iterator[list[Household]]:
    chunk = []
    for row in rows.iterator(chunk_size=_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


class _Places:
    """Banner, township and village of a code, as the lists wrote them, else by their official names."""

    def __init__(self) -> None:
        self.names = dict(Region.objects.values_list("code", "name"))

    def cells(self, code: str, stated: Values) -> list[str]:
        return [
            self.names.get(code[:6], ""),
            stated.get("township_name") or self.names.get(code[:9], ""),
            stated.get("village_name") or self.names.get(code, ""),
        ]


class _Book:
    """One workbook, written a row at a time; a sheet that is full goes on in the next."""

    def __init__(self, folder: Path, name: str, title: str, today: date) -> None:
        self.name, self.title, self.today = name, title, today
        self.path = folder / f"{name}.xlsx"
        self.count = 0
        options = {"constant_memory": True, "tmpdir": str(folder), **TEXT_CELLS}
        self.book = xlsxwriter.Workbook(str(self.path), options)

    def begin(self, header: list[str]) -> None:
        self.header = header
        number = self.count // _ROWS_PER_SHEET + 1
        self.sheet = self.book.add_worksheet(self.name if number == 1 else f"{self.name}{number}")
        self.sheet.write_string(0, 0, self.title)
        self.sheet.write_string(1, 0, f"导出时间：{self.today:%Y-%m-%d}")
        for place, name in enumerate(header):
            self.sheet.write_string(2, place, name)

    def row(self, cells: list[str]) -> None:
        if self.count and self.count % _ROWS_PER_SHEET == 0:
            self.begin(self.header)
        at = self.count % _ROWS_PER_SHEET + 3
        for place, cell in enumerate(cells):
            if cell:
                self.sheet.write_string(at, place, cell[:32_767])
        self.count += 1

    def close(self) -> None:
        self.book.close()


def _headers(table: str, names: Sequence[str]) -> list[str]:
    return [TABLES[table].column(name).zh for name in names]


def _cells(table: str, names: Sequence[str], values: Values) -> list[str]:
    return [as_written(values.get(name)) for name in names]
