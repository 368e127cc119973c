"""Partners and relocation of the demo: pairings with their years, helpers, pledges, needs, orders, and one site.

Every name says that it is invented.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.partners import helping, needs, pairings, sales
from khotail.partners.models import HelpKind, Pairing, Sale
from khotail.register.models import Household, Region
from khotail.relocation import actions as relocation
from khotail.relocation.models import FacilityCheck
from khotail.site.demo_people import People

#: kind, supporting unit, years since it began
_PAIRINGS = (
    (Pairing.Kind.BEIJING, "北京市演示区", 6),
    (Pairing.Kind.EAST_WEST, "东部演示省演示市", 4),
    (Pairing.Kind.FIXED_POINT, "演示部定点帮扶单位", 5),
)
#: year before this one → money, people, jobs, sales, villages: promised and delivered
_YEARS = (
    (3, (28_000_000, 24, 420, 9_000_000, 2), (28_000_000, 24, 433, 9_650_000, 2)),
    (2, (30_000_000, 26, 450, 10_000_000, 3), (30_000_000, 25, 438, 11_200_000, 3)),
    (1, (30_000_000, 26, 480, 12_000_000, 3), (30_000_000, 26, 391, 12_900_000, 2)),
    (0, (30_000_000, 26, 480, 13_000_000, 3), (21_000_000, 26, 305, 8_400_000, 1)),
)
_FIGURES = ("money_cny", "people_sent", "jobs", "sales_cny", "villages")
#: kind, name, seat
_HELPERS = (
    ("firm", "演示食品公司", "呼和浩特市"), ("firm", "演示能源公司", "北京市"), ("group", "演示志愿者协会", "本旗"),
    ("person", "演示好心人", "本旗"),
)  # fmt: skip
#: kind, public words, quantity, unit, a household's?
_NEEDS = (
    (HelpKind.GOODS, "学生冬衣", 60, "件", False), (HelpKind.MONEY, "过冬取暖补助", 3000, "", True),
    (HelpKind.JOBS, "冬季室内岗位", 12, "", False), (HelpKind.PURCHASES, "滞销土豆", 50_000, "", False),
    (HelpKind.VOLUNTEERS, "周末辅导学生", 6, "", False), (HelpKind.GOODS, "老人护理床", 1, "张", True),
)  # fmt: skip
_PRODUCTS = (
    ("演示牛肉干", "kg", "演示养殖合作社"),
    ("演示杂粮", "袋", "演示种植合作社"),
    ("演示毡制品", "件", "演示车间"),
)
_LACKING = {"clinic": ("poor", "每周只有两天有医生", "演示卫健委"), "heating": ("lacks", "室温不足16度", "演示住建局")}
_UNSEEN = ("elderly", "square")
_MOVED = 12


def add_partners(people: People, banner: str, now: datetime) -> None:
    """Everything of this page, around the cadre's village."""
    officer, village = people["banner-officer"], people["village-cadre"].region_code
    today = timezone.localdate(now)
    paired = _pair(officer, banner, village, today, now)
    _help(officer, village, today, now)
    _sell(officer, village, paired, today, now)
    _relocate(officer, village, today, now)


def _pair(officer: Officer, banner: str, village: str, today: date, now: datetime) -> Pairing:
    name = Region.objects.get(code=banner).name
    made = []
    for kind, unit, years in _PAIRINGS:
        since = date(today.year - years, 1, 1)
        made.append(pairings.pair(kind, unit, name, banner, since, by=officer, now=now, phone="0000-0000000"))
    first = made[0]
    started, until = date(today.year - 3, 1, 1), today + timedelta(days=60)
    agreement = pairings.agree(first, "京蒙协作协议（演示）", started, started, until, by=officer, now=now)
    for back, promised, delivered in _YEARS:
        year = today.year - back
        pairings.promise(agreement, year, dict(zip(_FIGURES, promised, strict=True)), by=officer, now=now)
        pairings.deliver(first, year, dict(zip(_FIGURES, delivered, strict=True)), by=officer, now=now)
    pairings.keep_in_touch(first, today - timedelta(days=20), "visit", "现场看了产业园和车间", by=officer, now=now)
    pairings.follow(made[1], "东部演示省新演示市", date(today.year, 1, 1), "结对关系调整（演示）", by=officer, now=now)
    place = Region.objects.get(code=village).name
    contact = pairings.pair("contact", "演示旗文旅局", place, village, date(today.year - 5, 5, 1), by=officer, now=now)
    pairings.team_left(contact, date(today.year - 1, 12, 31), by=officer, now=now)
    pairings.keep_in_touch(contact, today - timedelta(days=300), "phone", "询问牧草情况", by=officer, now=now)
    return first


def _help(officer: Officer, village: str, today: date, now: datetime) -> None:
    banner = village[: LEVEL_DIGITS["banner"]]
    firm, energy, group, person = (
        helping.take_in(
            kind, name, banner, by=officer, now=now, seat=seat, phone="13900000000" if kind == "firm" else ""
        )
        for kind, name, seat in _HELPERS
    )
    homes = list(Household.objects.in_region(village).filter(ended_on=None).order_by("number")[:2])
    made = []
    for kind, title, quantity, unit, is_household in _NEEDS:
        number = homes[len(made) % len(homes)].number if is_household else ""
        need = needs.write_down(
            kind, title, Decimal(quantity), unit, village, by=officer, now=now, household_number=number,
            needed_by=today + timedelta(days=40),
        )  # fmt: skip
        made.append(needs.publish(need, title, True, by=officer, now=now))
    coats, heating, _jobs, _potatoes, tutors, bed = made
    soon, late = today + timedelta(days=20), today - timedelta(days=5)
    given = helping.pledge(firm, "goods", "羽绒服", Decimal(80), "件", by=officer, now=now, due_on=late)
    given = helping.match(given, coats, by=officer, now=now)
    helping.receive(given, late, Decimal(20), by=officer, now=now, value_cny=Decimal(3600))
    paid = helping.pledge(person, "money", "取暖补助", Decimal(3000), "", by=officer, now=now, due_on=soon)
    helping.match(paid, heating, by=officer, now=now)
    brought = helping.match(
        helping.pledge(group, "goods", "护理床", Decimal(1), "张", by=officer, now=now), bed, by=officer, now=now
    )
    helping.receive(brought, today, Decimal(1), by=officer, now=now, value_cny=Decimal(1200))
    helping.tell_result(brought, "护理床已送到一户家庭，老人睡得更安稳。", by=officer, now=now)
    helping.pledge(energy, "jobs", "保洁与绿化岗位", Decimal(10), "", by=officer, now=now, due_on=soon)
    helping.offer(tutors, "演示大学生", "13900000001", Decimal(2), now=now, key="demo-offer")


def _sell(officer: Officer, village: str, paired: Pairing, today: date, now: datetime) -> None:
    homes = list(Household.objects.in_region(village).filter(ended_on=None).order_by("number")[:3])
    channels = [each.value for each in Sale.Channel]
    for at, (name, unit, producer) in enumerate(_PRODUCTS):
        product = sales.product(name, unit, village, by=officer, now=now, producer=producer)
        for back in range(4):
            amount = Decimal(12_000 + 3_500 * at + 1_700 * back)
            sale = sales.sell(
                product, today - timedelta(days=120 * back + 9 * at), Decimal(100 + 10 * back), amount,
                channels[(at + back) % len(channels)], by=officer, now=now, buyer="演示食堂" if back % 2 else "演示超市",
                project="演示产业园" if at == 0 else "", pairing=paired if back == 0 else None,
                income_cny=amount / 4, households=6 + at,
            )  # fmt: skip
            if back == 0:
                sales.share(sale, homes[at % len(homes)].number, Decimal(900), by=officer, now=now)


def _relocate(officer: Officer, village: str, today: date, now: datetime) -> None:
    site = relocation.open_site(
        "演示安置区", village, date(2018, 9, 1), by=officer, now=now, planned_households=40, organisation="演示安置区居委会",
        organised_on=date(2019, 3, 1), office_phone="0000-0000001",
    )  # fmt: skip
    for kind in FacilityCheck.Kind:
        if kind in _UNSEEN:
            continue
        state, note, responsible = _LACKING.get(kind, ("works", "", ""))
        relocation.check_facility(
            site, kind, state, today - timedelta(days=30), by=officer, now=now, note=note, responsible=responsible,
            due_on=today - timedelta(days=3) if note else None,
        )  # fmt: skip
    relocation.hold_activity(site, today - timedelta(days=14), "邻里联欢（演示）", 63, by=officer, now=now)
    banner = village[: LEVEL_DIGITS["banner"]]
    others = Region.objects.filter(code__startswith=banner, level="village").exclude(code=village).order_by("code")
    origin = others.values_list("code", flat=True).first() or ""
    homes = Household.objects.in_region(village).filter(ended_on=None).order_by("number")[:_MOVED]
    elsewhere = Household.objects.in_region(origin).filter(ended_on=None).order_by("number")[:3] if origin else []
    for at, household in enumerate([*homes, *elsewhere]):
        relocation.move_in(
            site, household.number, by=officer, now=now, origin_code=origin, accompanying=at % 4 == 3,
            handed_over_on=date(2018, 10, 1), moved_in_on=date(2018, 10, 20) if at % 6 != 5 else None,
            registered_here=at < _MOVED,
        )  # fmt: skip
