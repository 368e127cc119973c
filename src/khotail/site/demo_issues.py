"""Issues of the demo: bodies at every level, and what people raised, each brought as far as its story goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.issues import answering, bodies, handling, publishing
from khotail.issues.checks import draw_checks
from khotail.issues.models import Body, Issue
from khotail.issues.raising import raise_issue
from khotail.issues.receipts import Raiser
from khotail.register.models import Household, Region
from khotail.rulebook.routes import FIELDS
from khotail.site.demo_people import People

#: level → fields of work that a body of the demo answers for; every field has one at the banner
_BELOW = {
    "township": ("government", "civil_affairs", "environment", "justice", "public_security"),
    "village": ("committee",),
}


@dataclass(frozen=True, slots=True)
class Story:
    """What was said, its class ("" lets the suggestion decide), how far it has come, days ago, and what is shown of it."""

    words: str
    route: str
    until: str
    days_ago: int
    shown: str = ""


STORIES: Sequence[Story] = (
    Story("东边独贵龙的自来水停了两天了", "water-cut", "accepted", 4, "东边独贵龙停水两天"),
    Story("村口的水管冻裂，水流了一路", "water-pipe", "confirmed", 40, "村口水管冻裂漏水"),
    Story("井水发黄，喝了肚子不舒服", "water-quality", "resolved", 18, "机井水质发黄"),
    Story("学校旁边的电线杆歪得厉害", "power-line", "accepted", 12, "学校旁电线杆倾斜"),
    Story("夏营地手机没有信号", "signal", "not_resolved", 60, "夏营地没有手机信号"),
    Story("去苏木的路被水冲了一个大坑", "road-broken", "reopened", 25, "通苏木公路冲毁一处"),
    Story("村部门前垃圾堆了好些天没人收", "rubbish", "confirmed", 33, "村部门前垃圾未清运"),
    Story("广场的路灯坏了三盏", "street-light", "sent", 2, "广场三盏路灯不亮"),
    Story("邻居把网围栏往我家草场挪了", "grass-border", "accepted", 15),
    Story("禁牧区里晚上有人放羊", "grass-overgrazing", "transferred", 8, "禁牧区夜间放牧"),
    Story("今年的草原补奖还没有到卡上", "grass-award", "sent", 3, "草原补奖未到账"),
    Story("狼咬死了四只羊，能不能补偿", "wolves", "paused", 20, "狼伤牲畜求补偿"),
    Story("集体草场租给谁了，账没有公布", "disclosure", "resolved", 16, "集体草场出租账目未公布"),
    Story("丈夫住院花了很多钱，借了亲戚的", "medical-cost", "sent", 5),
    Story("打工的钱老板一直没给", "wages", "accepted", 22, "拖欠务工工资"),
    Story("办个证明跑了三趟", "attitude", "sent", 6),
    Story("希望嘎查修一个球场", "suggestion", "sent", 1, "建议修建球场"),
    Story("这事不知道该找谁，老人没人管还总有人来吵", "", "sorting", 1),
    Story("村口的水管又漏了", "water-pipe", "sent", 1, "村口水管再次漏水"),
)
_SATISFIED = 4


def raise_issues(people: People, banner: str, now: datetime) -> int:
    """Bodies and issues of the cadre's village; returns how many issues there are."""
    village = people["village-cadre"].region_code
    made = _bodies(people, banner, village, now - timedelta(days=90))
    households = list(Household.objects.in_region(village).filter(ended_on=None).order_by("number")[: len(STORIES)])
    for number, story in enumerate(STORIES):
        _tell(story, households[number % len(households)], people, made, now)
    draw_checks(now)
    return len(STORIES)


def _bodies(people: People, banner: str, village: str, now: datetime) -> dict[tuple[str, str], Body]:
    """Bodies by level and field; people of the demo work for the general ones."""
    administrator = people["administrator"]
    names = dict(
        Region.objects.filter(code__in=[village[:n] for n in LEVEL_DIGITS.values()]).values_list("code", "name")
    )
    found: dict[tuple[str, str], Body] = {}
    fields = {"banner": [field for field in FIELDS if field not in ("committee", "supervision")], **_BELOW}
    for level, wanted in fields.items():
        code = village[: LEVEL_DIGITS[level]] if level != "banner" else banner
        for field in wanted:
            name = f"{names.get(code, '')}{FIELDS[field].zh}"
            found[level, field] = bodies.add_body(name, field, code, by=administrator, now=now)
    workers = {"banner": "banner-officer", "township": "township-officer", "village": "village-cadre"}
    for (level, _field), body in found.items():
        bodies.set_people(body, [people[workers[level]]], by=administrator, now=now)
    return found


def _tell(story: Story, household: Household, people: People, made: dict[tuple[str, str], Body], now: datetime) -> None:
    at = now - timedelta(days=story.days_ago)
    cadre = people["village-cadre"]
    issue = raise_issue(
        story.words, region_code=household.region_code, now=at, channel=Issue.Channel.PHONE, by=cadre,
        household=household, route=story.route,
    )  # fmt: skip
    if story.shown and issue.route and not issue.quiet:
        publishing.publish(issue, story.shown, by=cadre, now=at)
    issue.refresh_from_db()
    if story.until in ("sorting", "sent") or issue.body is None:
        return
    worker: Officer = issue.body.people.get()
    if story.until == "transferred":
        handling.transfer(issue, made["township", "government"], "先由苏木核查地界", by=worker, now=at)
        return
    handling.accept(issue, by=worker, now=at + timedelta(days=1), public_words="已安排人员查看")
    if story.until == "accepted":
        return
    if story.until == "paused":
        handling.pause(issue, "等待林草局现场认定", by=worker, now=at + timedelta(days=3))
        return
    if story.until == "not_resolved":
        handling.close_unresolved(issue, "该处暂不具备建站条件，已列入明年计划", by=worker, now=at + timedelta(days=10))
        return
    handling.resolve(
        issue, "现场已处理，照片在纸质档案", by=worker, now=at + timedelta(days=2), public_words="已修复，请确认"
    )
    raiser = Raiser(officer=cadre)
    if story.until == "confirmed":
        answering.confirm(issue, _SATISFIED, raiser=raiser, now=at + timedelta(days=4))
    elif story.until == "reopened":
        answering.reopen(issue, "修过的地方又塌了", raiser=raiser, now=at + timedelta(days=6))
