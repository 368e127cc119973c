"""Every kind of question, drawn on a phone and answered offline."""

from __future__ import annotations

import re
from typing import Any

from django.utils import timezone

from khotail.visits import forms
from khotail.visits.models import Submission
from tests.browser.conftest import scrolls_sideways, small_targets, violations
from tests.browser.test_visits_offline import OPENED, Device, device, plan, question, wait_until_arrived

__all__ = ["device", "plan"]

EVERYTHING = """| survey |
| | type | name | label::中文 (zh) | label::English (en) | appearance | parameters | hint::English (en) |
| | text | household | 户编号 | Household | | | |
| | note | hello | 您好 | **Hello** | | | |
| | integer | whole | 整数 | Whole | | | a hint |
| | decimal | part | 小数 | Part | | | |
| | date | day | 日期 | Day | | | |
| | time | hour | 时间 | Time | | | |
| | dateTime | moment | 时刻 | Moment | | | |
| | select_one list | unfolded | 选择 | Choose | minimal | | |
| | select_one list | one | 单选 | One | | | |
| | select_multiple list | many | 多选 | Many | | | |
| | rank list | order | 排序 | Order | | | |
| | range | score | 打分 | Score | | start=1 end=5 step=1 | |
| | acknowledge | agreed | 同意 | Agreed | | | |
| | barcode | code | 条码 | Code | | | |
| | audio | voice | 录音 | Voice | | | |
| | image | drawing | 草图 | Drawing | draw | | |
| | geotrace | way | 路线 | Way | | | |
| | geoshape | field | 草场 | Field | | | |
| | begin_repeat | animals | 牲畜 | Animals | | | |
| | text | kind | 种类 | Kind | | | |
| | end_repeat | | | | | | |
| choices |
| | list_name | name | label::中文 (zh) | label::English (en) |
| | list | a | 甲 | Alpha |
| | list | b | 乙 | Beta |
| | list | c | 丙 | Gamma |
| settings |
| | form_id | form_title | version | default_language |
| | everything | Everything | 1 | 中文 (zh) |
"""


def test_every_kind_of_question_is_drawn_within_a_phone_and_reads_well(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    forms.upload(EVERYTHING.encode(), "everything.md", by=officers["banner_officer"], now=timezone.now())
    plan(1)
    page = device.take_along(officers["village_cadre"])
    look(page)
    page.click("summary")
    page.click("button:has-text('Everything')")
    page.wait_for_selector("#finish")
    page.click(".repeat > .button")
    look(page)
    page.click("#bar button[lang]")
    page.wait_for_selector("legend:has-text('多选'), legend:has-text('Many')")
    question(page, "household").locator("input").fill("D0001")
    question(page, "whole").locator("input").fill("12")
    question(page, "moment").locator("input").fill("2026-06-02T10:30")
    question(page, "hour").locator("input").fill("09:15")
    question(page, "unfolded").locator("select").select_option("b")
    question(page, "many").locator("[value=a]").check()
    question(page, "many").locator("[value=c]").check()
    question(page, "order").locator("button").first.click()
    question(page, "agreed").locator("input").check()
    question(page, "kind").locator("input").fill("牛")
    walk(device, "way", 2)
    walk(device, "field", 3)
    page.click("#finish")
    page.wait_for_selector("#send")
    look(page)
    [entry] = page.evaluate(OPENED)
    for part in (
        "<whole>12<",
        "<unfolded>b<",
        "<many>a c<",
        "<order>b a c<",
        "<agreed>OK<",
        "<kind>牛<",
        "2026-06-02T10:30",
    ):
        assert part in entry["xml"], (part, entry["xml"])
    first, second, third = (46.07, 122.05), (46.071, 122.05), (46.071, 122.051)
    assert walked(entry["xml"], "way") == [first, second]
    assert walked(entry["xml"], "field") == [first, second, third, first]
    device.context.set_offline(False)
    wait_until_arrived(page, device)


def walked(xml: str, name: str) -> list[tuple[float, ...]]:
    """The points of a way as they stand in the answer."""
    points = re.search(f"<{name}>(.+?)</{name}>", xml)[1].split(";")
    return [tuple(map(float, point.split()[:2])) for point in points]


def walk(device: Device, name: str, points: int) -> None:
    """Take the points of a way one by one; too few are said to be, and the last can be taken back."""
    for place, (north, east) in enumerate([(46.07, 122.05), (46.071, 122.05), (46.071, 122.051)][:points]):
        device.context.set_geolocation({"latitude": north, "longitude": east, "accuracy": 8})
        question(device.page, name).locator("button").first.click()
        question(device.page, name).locator(f"li:nth-child({place + 1})").wait_for()
        assert question(device.page, name).locator(".errorlist").is_visible() == (place + 1 < points)
    question(device.page, name).locator("button").last.click()
    assert question(device.page, name).locator("li").count() == points - 1
    question(device.page, name).locator("button").first.click()
    question(device.page, name).locator(f"li:nth-child({points})").wait_for()


WITH_LIST = """| survey |
| | type | name | label |
| | select_one_from_file households.csv | household | Household |
| | text | word | Word |
| settings |
| | form_id | form_title | version |
| | chosen | Chosen | 1 |
"""


def test_a_form_that_asks_for_the_households_gets_those_of_the_list_offline(
    device: Device, plan: Any, officers: dict[str, Any]
) -> None:
    forms.upload(WITH_LIST.encode(), "chosen.md", by=officers["banner_officer"], now=timezone.now())
    plan(3)
    page = device.take_along(officers["village_cadre"])
    page.click("summary")
    page.click("button:has-text('Chosen')")
    page.wait_for_selector("#finish")
    assert question(page, "household").locator("input").count() == 3
    question(page, "household").locator("[value=D0002]").check()
    question(page, "word").locator("input").fill("一句话")
    page.click("#finish")
    page.wait_for_selector("#send")
    device.context.set_offline(False)
    wait_until_arrived(page, device)
    assert Submission.objects.get().household.number == "D0002"


def look(page: Any) -> None:
    assert not scrolls_sideways(page)
    assert violations(page) == []
    assert small_targets(page, 24) == []
