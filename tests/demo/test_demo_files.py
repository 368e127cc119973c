"""The demo as files: the same cells for a seed, dirt in the numbers it says, people who cannot exist."""

import csv
import json
from datetime import date
from pathlib import Path

import fastexcel
import pytest

from khotail.demo import DemoSet, generate
from khotail.demo.people import FAMILY_NAMES, ID_PREFIX, MEN, PHONE_PREFIX, WOMEN, check_digit
from khotail.demo.problems import NoHouseholds, NoVillages
from khotail.facts.regions import Regions

HOUSEHOLDS = 1_500
REGISTERS = (
    "监测对象信息（第1部分）.xlsx", "监测对象信息（第2部分）.xlsx", "乡村建设户信息.xlsx", "一般农户成员.csv",
    "已外出务工信息.xlsx", "计划外出务工信息.xlsx", "行政村信息.xlsx",
)  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSet:
    return generate(tmp_path_factory.mktemp("demo"), households=HOUSEHOLDS)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> DemoSet:
    return generate(tmp_path_factory.mktemp("clean"), households=HOUSEHOLDS, dirty=False)


def cells(path: Path, titles: int) -> list[dict[str, str | None]]:
    if path.suffix == ".csv":
        encoding = "gb18030" if path.name[:2] in ("一般", "农牧", "民政") else "utf-8-sig"
        with path.open(encoding=encoding, newline="") as lines:
            return [{name: cell or None for name, cell in row.items()} for row in csv.DictReader(lines)]
    table = fastexcel.read_excel(path).load_sheet(0, header_row=titles, dtypes="string").to_arrow()
    return [dict(zip(table.schema.names, row, strict=True)) for row in zip(*table.to_pydict().values(), strict=True)]


def monitored(demo: DemoSet) -> list[dict[str, str | None]]:
    return [
        row | {"风险是否已消除": row.get("风险是否已消除", row.get("风险是否已消除0"))}
        for file in demo.files if file.name.startswith("监测对象信息") for row in cells(file, 2)
    ]  # fmt: skip


def test_the_same_seed_writes_the_same_cells(demo: DemoSet, tmp_path: Path) -> None:
    again = generate(tmp_path, households=HOUSEHOLDS)
    assert again.dirt == demo.dirt and again.trouble == demo.trouble and again.rows == demo.rows
    for first, second in zip(demo.files, again.files, strict=True):
        titles = 0 if first.parent.name == "departments" else 2 if first.name.startswith("监测") else 1
        assert cells(first, titles) == cells(second, titles), first.name


def test_another_seed_writes_other_people(demo: DemoSet, tmp_path: Path) -> None:
    other = generate(tmp_path, households=HOUSEHOLDS, seed=7)
    assert cells(other.files[3], 0)[:50] != cells(demo.files[3], 0)[:50]


def test_all_registers_and_all_departments_are_there(demo: DemoSet) -> None:
    assert {file.name for file in demo.files if file.parent.name == "registers"} == set(REGISTERS)
    assert len([file for file in demo.files if file.parent.name == "departments"]) == 13
    assert all(file.exists() for file in demo.files)
    assert all(count > 0 for count in demo.rows.values())


def test_the_construction_export_holds_every_household(demo: DemoSet) -> None:
    rows = cells(demo.folder / "registers/乡村建设户信息.xlsx", 1)
    assert len({row["户编号"] for row in rows}) == demo.households == HOUSEHOLDS


def test_the_register_and_the_ledger_together_hold_every_person_once(clean: DemoSet) -> None:
    register = [row["人编号"] for row in monitored(clean)]
    ledger = [row["人编号"] for row in cells(clean.folder / "registers/一般农户成员.csv", 0)]
    assert len(set(register) | set(ledger)) == len(register) + len(ledger) == clean.persons


def test_only_exited_and_monitored_households_are_in_the_monitored_export(clean: DemoSet) -> None:
    rows = monitored(clean)
    assert all(row["户类型"] == "脱贫户" or row["监测对象类别"] for row in rows)
    assert 0.18 < len({row["户编号"] for row in rows}) / HOUSEHOLDS < 0.32


def test_nobody_could_be_a_real_person(clean: DemoSet) -> None:
    people = monitored(clean) + cells(clean.folder / "registers/一般农户成员.csv", 0)
    regions = Regions.load()
    for row in people:
        assert row["姓名"] and row["姓名"][0] in FAMILY_NAMES and row["姓名"][1:] in (*MEN, *WOMEN)
        assert row["证件号码"] and row["证件号码"].startswith(ID_PREFIX)
        assert (row["家庭成员联系电话"] or PHONE_PREFIX).startswith(PHONE_PREFIX)
    assert not any(regions.exists(f"{ID_PREFIX}{suffix:02d}") for suffix in range(100))


def test_id_numbers_are_unique_and_have_the_right_check_digit(clean: DemoSet) -> None:
    people = monitored(clean) + cells(clean.folder / "registers/一般农户成员.csv", 0)
    numbers = [(row["证件号码"] or "")[:18] for row in people]
    assert len(set(numbers)) == len(numbers)
    assert all(number[17] == check_digit(number[:17]) for number in numbers)


def test_dirt_is_there_in_the_numbers_that_are_said(demo: DemoSet) -> None:
    rows, ledger = monitored(demo), cells(demo.folder / "registers/一般农户成员.csv", 0)
    numbers = [row["证件号码"] or "" for row in rows + ledger]
    said = demo.dirt
    assert sum("E+" in number for number in numbers) == said["id_destroyed"] > 0
    assert sum(number.strip().endswith("x") for number in numbers) == said["id_lower_case_x"] > 0
    assert sum(len(number) == 15 for number in numbers) == said["id_15_digits"] > 0
    assert sum(any("０" <= letter <= "９" for letter in number) for number in numbers) == said["id_full_width"] > 0
    assert len(rows) - len({(row["户编号"], row["人编号"]) for row in rows}) == said["duplicate_rows"] > 0
    births = [row["出生日期"] or "" for row in rows]
    assert sum("年" in birth for birth in births) == said["date_in_words"] > 0
    assert sum(len(birth) == 5 for birth in births) == said["date_excel_serial"] > 0
    people_twice = [row for row in ledger if (row["人编号"] or "").endswith("99")]
    assert len(people_twice) == said["person_in_two_households"] > 0
    wrong = [
        n
        for n in numbers
        if len(n) == 18 and n.isascii() and n[:17].isdecimal() and check_digit(n[:17]) != n[17].upper()
    ]
    assert len(wrong) == said["id_wrong_check_digit"] > 0


def test_households_without_a_head_and_with_two_are_as_many_as_said(demo: DemoSet) -> None:
    heads: dict[str | None, set[str | None]] = {}
    for row in monitored(demo):
        here = heads.setdefault(row["户编号"], set())
        if row["与户主关系"] == "户主":
            here.add(row["人编号"])
    assert sum(len(people) == 0 for people in heads.values()) == demo.dirt["missing_heads"] > 0
    assert sum(len(people) == 2 for people in heads.values()) == demo.dirt["two_heads"] > 0


def test_one_export_is_cut_in_half_in_the_middle_of_a_household(demo: DemoSet) -> None:
    first, second = (cells(file, 2) for file in demo.files[:2])
    assert first[-1]["户编号"] == second[0]["户编号"]


def test_a_clean_demo_has_no_dirt_but_the_same_share_of_trouble(clean: DemoSet) -> None:
    assert clean.dirt == {} and clean.audit_errors == {}
    assert 0.04 < clean.trouble["warned"] / HOUSEHOLDS < 0.11


def test_the_banner_as_a_whole_has_every_kind_of_trouble(demo: DemoSet) -> None:
    kinds = {"illness", "disability", "job loss", "income fall", "house", "water", "drought", "snow", "business"}
    assert kinds <= demo.trouble.keys()


def test_monitored_records_keep_the_rules_of_the_register(clean: DemoSet) -> None:
    for row in monitored(clean):
        if not row["监测对象类别"]:
            continue
        assert row["致贫/返贫风险1"] and row["识别监测时间"] and len(row["识别监测时间"]) == 6
        if row["风险是否已消除"] == "是":
            assert row["消除监测时间"] and row["信息采集人"] and row["整户无劳动能力兜底保障户"] == "否"
            assert int(row["消除监测时间"]) >= int(row["识别监测时间"]) + 6
        if row["致贫/返贫风险1"] == "因病":
            assert "大病救治" in (row["健康帮扶"] or "") and float(row["合规自付支出"] or 0) > 0


def test_herds_add_up_from_year_to_year(demo: DemoSet) -> None:
    last: dict[tuple[str | None, str | None], int] = {}
    for row in cells(demo.folder / "departments/农牧牲畜存栏.csv", 0):
        count = {name: int(cell or 0) for name, cell in row.items() if name not in ("户主姓名", "户主身份证号", "畜种")}
        gone = count["出售"] + count["自食"] + count["死亡"]
        assert count["年末存栏"] == count["年初存栏"] + count["繁殖成活"] + count["购入"] - gone
        herd = (row["户主身份证号"], row["畜种"])
        assert last.get(herd, count["年初存栏"]) == count["年初存栏"]
        last[herd] = count["年末存栏"]


def test_expected_json_says_what_the_demo_set_says(demo: DemoSet) -> None:
    expected = json.loads((demo.folder / "expected.json").read_text("utf-8"))
    assert expected["dirt"] == demo.dirt and expected["trouble"] == demo.trouble
    assert expected["as_of"] == "2026-10-31" and len(expected["files"]) == len(demo.files)


def test_another_banner_and_day_work_too(tmp_path: Path) -> None:
    made = generate(tmp_path, banner="152527", households=200, as_of=date(2025, 3, 15))
    assert made.households == 200
    years = {row["收入年度"] for row in cells(tmp_path / "departments/农户收入台账.csv", 0)}
    assert years == {"2020", "2021", "2022", "2023", "2024"}


def test_a_banner_without_villages_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoVillages):
        generate(tmp_path, banner="999999")
    with pytest.raises(NoHouseholds):
        generate(tmp_path, households=0)
