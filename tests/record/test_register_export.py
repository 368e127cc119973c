import io
import zipfile
from datetime import date

import openpyxl
import pytest

from khotail.accounts.problems import NotAllowed
from khotail.demo.demo_set import generate
from khotail.facts import read
from khotail.jobs.models import Job
from khotail.jobs.work import run_waiting
from khotail.register.export import export_register, write_workbooks
from khotail.register.jobs import ask_for_export, exported
from khotail.register.known import known, opened
from khotail.register.models import Household, Person
from khotail.register.problems import OutsideYourRegion
from khotail.register.regions import load_regions
from khotail.register.statements import state
from khotail.trail.models import Event
from tests.record.conftest import BANNER, NEIGHBOUR_BANNER, VILLAGE

TABLES = ("villages", "households", "persons", "work_records")
DAY = date(2026, 6, 1)


def take_in(folder, now, source):
    """Read the files of a folder and state what they say."""
    facts = read(*sorted(folder.rglob("*.xlsx")), *sorted(folder.rglob("*.csv")))
    said = {}
    for table in TABLES:
        rows = facts.connection.sql(f"SELECT * FROM {table}").to_arrow_table()
        said[table] = state(
            table, rows, as_of=DAY, source=source, batch_id=None, by=None, now=now, region_code=BANNER
        )  # fmt: skip
    return facts.reading, said


def register_now():
    homes = {
        home.number: (home.region_code, home.head_name, home.household_type, home.monitored_type, home.risk_resolved,
                      home.size, home.income_cny_per_capita, home.phone)
        for home in Household.objects.all()
    }  # fmt: skip
    people = {
        person.number: (person.household.number, person.name, person.id_number, person.sex, person.birth_date,
                        person.relation, person.phone, person.left_on)
        for person in Person.objects.select_related("household")
    }  # fmt: skip
    facts = {
        home.number: {
            table: sorted(
                str(sorted((name, opened(value)) for name, value in row.values.items() if not name.endswith("_name")))
                for row in rows
            )
            for table, rows in known(home).items()
        }
        for home in Household.objects.all()
    }
    return homes, people, facts


def test_the_register_in_the_national_format_comes_in_again_and_changes_nothing(db, tmp_path, now):
    load_regions(BANNER)
    generate(tmp_path / "demo", households=60, dirty=False, form="files")
    take_in(tmp_path / "demo" / "registers", now, "national")
    before = register_now()
    out = tmp_path / "out"
    out.mkdir()
    rows = write_workbooks(BANNER, out, DAY)
    assert rows["乡村建设户信息"] == len(before[0]) == 60
    assert rows["监测对象信息"] + rows["农户成员台账"] == len(before[1])
    reading, said = take_in(out, now, "again")
    assert all(not one.rejected and not one.problem and not one.unknown for one in reading)
    assert said["households"].households_new == said["persons"].persons_new == 0
    assert register_now() == before


def test_cells_are_text_whatever_was_typed(regions, now, tmp_path):
    import pyarrow as pa

    for table, row in (
        ("households", {"household_id": "=1+1", "region_code": VILLAGE, "household_type": "脱贫户"}),
        ("persons", {"household_id": "=1+1", "person_id": "@P", "name": '=HYPERLINK("http://x")', "relation": "户主"}),
    ):
        state(
            table, pa.Table.from_pylist([row]), as_of=DAY, source="x", batch_id=None, by=None, now=now, region_code=BANNER
        )  # fmt: skip
    write_workbooks(BANNER, tmp_path, DAY)
    sheet = openpyxl.load_workbook(tmp_path / "监测对象信息.xlsx").active
    cells = [cell for line in sheet.iter_rows() for cell in line if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"} and any(c.value == "=1+1" for c in cells)
    assert not any(cell.hyperlink for cell in cells)


def test_only_the_region_is_written(household, neighbour_household, officers, tmp_path, now):
    target = tmp_path / "register.zip"
    export_register(BANNER, target, by=officers["banner_officer"], today=DAY)
    with zipfile.ZipFile(target) as archive:
        for name in archive.namelist():
            sheet = openpyxl.load_workbook(io.BytesIO(archive.read(name))).active
            assert "D9001" not in str(list(sheet.values))


@pytest.mark.parametrize("key", ["village_cadre", "leader", "auditor", "helper", "department_officer"])
def test_who_may_not_export_or_see_numbers_gets_nothing(officers, now, key):
    with pytest.raises(NotAllowed):
        ask_for_export(officers[key].region_code, by=officers[key], now=now)
    assert not Job.objects.exists()


def test_another_region_is_refused(officers, now):
    with pytest.raises(OutsideYourRegion):
        ask_for_export(NEIGHBOUR_BANNER, by=officers["banner_officer"], now=now)


def test_the_job_writes_a_sealed_file_that_only_whoever_asked_takes(household, officers, signed_in, now):
    browser = signed_in("banner_officer")
    assert browser.post("/register/export/", {"region": BANNER}).status_code == 302
    run_waiting(now)
    job = Job.objects.get()
    assert job.state == Job.State.DONE and zipfile.is_zipfile(io.BytesIO(exported(job)))
    address = f"/register/export/{job.pk}/"
    assert zipfile.is_zipfile(io.BytesIO(browser.get(address).content))
    assert address in browser.get("/register/export/").content.decode()
    for key, status in (("administrator", 404), ("neighbour", 404), ("leader", 403), ("village_cadre", 403)):
        assert signed_in(key).get(address).status_code == status
    assert {"register.export-asked", "register.exported", "register.export-taken"} <= set(
        Event.objects.values_list("verb", flat=True)
    )
