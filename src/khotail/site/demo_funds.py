"""Money of the demo: invented funds of two years, projects at every stage, what they left behind and what is weak in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS
from khotail.funds import assets, industry, milestones, payments, projects, receiving, ties
from khotail.funds.models import Fund, Project
from khotail.register.models import Household, Region
from khotail.site.demo_people import People
from khotail.trail.scope import in_region

#: source, years before this one, number of the document, what it is for, ten thousand yuan
FUNDS = (
    ("central", 1, "演示财农〔{year}〕3号", "巩固拓展脱贫攻坚成果和乡村振兴任务", 1850),
    ("region", 1, "演示内财农〔{year}〕11号", "巩固拓展脱贫攻坚成果和乡村振兴任务", 640),
    ("east_west", 1, "演示京蒙〔{year}〕2号", "京蒙协作帮扶", 300),
    ("central", 0, "演示财农〔{year}〕5号", "巩固拓展脱贫攻坚成果和乡村振兴任务", 1920),
    ("central", 0, "演示财农〔{year}〕5号", "以工代赈任务", 260),
    ("region", 0, "演示内财农〔{year}〕9号", "巩固拓展脱贫攻坚成果和乡村振兴任务", 700),
    ("league", 0, "演示兴财农〔{year}〕4号", "产业发展", 180),
    ("banner", 0, "演示旗财农〔{year}〕1号", "配套资金", 120),
    ("east_west", 0, "演示京蒙〔{year}〕1号", "京蒙协作帮扶", 320),
)


@dataclass(frozen=True, slots=True)
class Story:
    """A project, how far it has come, which fund pays, ten thousand yuan allocated and paid, milestones, scores, asset."""

    name: str
    kind: str
    department: str
    until: str  # planned, under_way, accepted, given_up
    fund: int
    allocated: int
    paid: int
    years_ago: int = 0
    level: str = "banner"
    steps: tuple[tuple[str, str, int, bool], ...] = ()  # what, department, days from now, done
    scores: tuple[int, int, int, int] | None = None
    notes: tuple[str, str, str, str] = ("", "", "", "")
    tie: str = ""
    promised: int = 0
    asset: tuple[str, str, str, str, int] | None = None  # name, kind, keeper's kind, keeper, days idle
    upgrade: str = ""
    figures: tuple[tuple[int, int, int, int], ...] = field(default=())  # output in ten thousand, jobs, households, gain


STORIES = (
    Story("演示肉羊育肥基地", "industry", "agriculture", "accepted", 0, 620, 605, 1, "township",
          (("土地手续", "land", -500, True), ("供水接通", "water", -420, True), ("棚圈完工", "agriculture", -330, True)),
          (3, 4, 2, 2), ("", "", "没有稳定的订单，靠贩子收购", "只有一名兽医，兼三个嘎查"), "share", 1800,
          ("育肥棚圈六栋", "operating", "collective", "演示嘎查股份经济合作社", 0), "改造为标准化棚圈，配套饲草料库",
          ((210, 6, 40, 900), (340, 11, 78, 1700))),
    Story("演示奶食品加工车间", "industry", "agriculture", "accepted", 2, 300, 300, 1, "village",
          (("设备安装", "agriculture", -300, True),), (4, 3, 1, 3), ("", "", "没有食品生产许可，进不了商超", ""), "wage", 9600,
          ("奶食品加工车间", "operating", "cooperative", "演示奶业合作社", 140), "", ((60, 4, 9, 3100), (52, 3, 7, 2600))),
    Story("演示通嘎查砂石路", "infrastructure", "transport", "accepted", 1, 410, 398, 1, "banner",
          (("占地协调", "land", -460, True), ("路面完工", "transport", -310, True)), None, ("", "", "", ""), "", 0,
          ("砂石路 12 公里", "public", "collective", "演示嘎查委员会", 0)),
    Story("演示庭院经济到户奖补", "industry", "revitalisation", "under_way", 3, 260, 120, 0, "banner",
          (("核实到户清单", "revitalisation", -40, True), ("第二批验收", "agriculture", -6, False)), None, ("", "", "", ""), "own", 1500),
    Story("演示饲草料基地节水改造", "industry", "agriculture", "under_way", 5, 480, 190, 0, "township",
          (("打井许可", "water", -70, True), ("架设变压器", "energy", -9, False), ("滴灌完工", "agriculture", 60, False)),
          (2, 2, 3, 3), ("滴灌没有人会管", "变压器容量不够", "", ""), "rent", 1100),
    Story("演示人畜饮水管网延伸", "infrastructure", "water", "under_way", 3, 350, 140, 0, "banner",
          (("初步设计", "water", -90, True), ("管沟开挖", "water", 12, False))),
    Story("演示以工代赈护坡", "public_works", "revitalisation", "under_way", 4, 240, 90, 0, "township",
          (("劳务名单公示", "human_resources", -30, True), ("完工", "revitalisation", 45, False)), None, ("", "", "", ""), "wage", 6000),
    Story("演示帮扶车间稳岗补助", "employment", "human_resources", "planned", 8, 80, 0, 0, "banner",
          (("企业申报", "human_resources", 20, False),)),
    Story("演示设施农业大棚", "industry", "agriculture", "given_up", 7, 0, 0, 0, "village"),
)  # fmt: skip
_TEN_THOUSAND = 10_000
_PAYEES = ("演示建筑有限公司", "演示农牧机械公司", "演示水利工程队")


def spend(people: People, banner: str, now: datetime) -> int:
    """Funds, projects and assets of the banner; returns how many projects there are."""
    funds = [_receive(people, banner, now, *told) for told in FUNDS]
    village = people["village-cadre"].region_code
    villages = list(
        Region.objects.filter(in_region(banner, "code"), level="village").values_list("code", flat=True)[:3]
    )
    for story in STORIES:
        _tell(story, funds[story.fund], people, banner, [village, *(each for each in villages if each != village)], now)
    return len(STORIES)


def _receive(
    people: People, banner: str, now: datetime, source: str, ago: int, document: str, task: str, amount: int
) -> Fund:
    year = timezone.localdate(now).year - ago
    on = min(date(year, 3, 1), timezone.localdate(now))
    entry = receiving.receive(
        source, year, document.format(year=year), Decimal(amount * _TEN_THOUSAND), on=on, by=people["banner-officer"], now=now,
        task=task, region_code=banner,
    )  # fmt: skip
    return entry.debit.fund


def _tell(story: Story, fund: Fund, people: People, banner: str, villages: list[str], now: datetime) -> None:
    today, by = timezone.localdate(now), people["banner-officer"]
    year = today.year - story.years_ago
    start = min(date(year, 4, 1), today)
    code = villages[0][: LEVEL_DIGITS[story.level]] if story.level != "banner" else banner
    values = {
        "name": story.name, "kind": story.kind, "year": year, "region_code": code, "department": story.department,
        "aims": "", "planned_cny": Decimal(max(story.allocated, 50) * _TEN_THOUSAND), "starts_on": start,
        "ends_on": date(year, 11, 30),
    }  # fmt: skip
    inside = [each for each in villages if each.startswith(code)]
    project = projects.add_project(values, inside, by=by, now=now)
    for what, department, days, _ in story.steps:
        milestones.add_milestone(project, what, department, today + timedelta(days=days), by=by, now=now)
    if story.until == "given_up":
        projects.give_up(project, today, "选址在禁止建设的草原上", by=by, now=now)
        return
    if story.allocated:
        _allocate(story, fund, project, banner, people, start, now)
    if story.until != "planned":
        projects.begin(project, start, by=by, now=now)
    for milestone, (*_, days, is_done) in zip(project.milestones.order_by("id"), story.steps, strict=True):
        if is_done:
            milestones.finish(milestone, today + timedelta(days=days - 3), by=by, now=now)
    _pay(story, fund, project, people, now)
    _households(story, project, villages[0], people, start, now)
    _industry(story, project, people, year, now)
    if story.until == "accepted":
        _accept(story, project, villages[0], people, date(year, 12, 5), now)


def _allocate(story: Story, fund: Fund, project: Project, banner: str, people: People, on: date, now: datetime) -> None:
    """Down the level of whoever carries it out, then to the project."""
    by, amount, township = people["banner-officer"], Decimal(story.allocated * _TEN_THOUSAND), project.region_code[:9]
    holder = banner
    if len(township) == LEVEL_DIGITS["township"]:
        receiving.allocate(
            fund, amount, holder=banner, region_code=township, on=on, by=by, now=now, document=story.name[:20]
        )
        holder = township
    receiving.allocate(fund, amount, holder=holder, project=project, on=on, by=by, now=now)


def _pay(story: Story, fund: Fund, project: Project, people: People, now: datetime) -> None:
    """Two payments that are approved, and of what is under way one that waits."""
    by, approver = people["banner-officer"], people["banner-reviewer"]
    parts = [(story.paid * 6 // 10, "第一期工程款"), (story.paid - story.paid * 6 // 10, "第二期工程款")]
    for number, (amount, what) in enumerate(parts if story.paid else ()):
        asked = payments.ask(
            project, fund, Decimal(amount * _TEN_THOUSAND), _PAYEES[(project.pk + number) % 3], what, by=by, now=now - timedelta(days=9)
        )  # fmt: skip
        payments.approve(asked, by=approver, now=now - timedelta(days=7))
    if story.until == "under_way":
        payments.ask(
            project, fund, Decimal(30 * _TEN_THOUSAND), _PAYEES[project.pk % 3], "第三期进度款", by=by, now=now
        )


def _households(story: Story, project: Project, village: str, people: People, since: date, now: datetime) -> None:
    if not story.tie:
        return
    by = people["banner-officer"]
    rows = Household.objects.in_region(village).filter(ended_on=None).order_by("number")[project.pk % 5 :: 6][:12]
    for number, household in enumerate(rows):
        tie, _ = ties.tie(project, household.number, story.tie, since, by=by, now=now, promised=Decimal(story.promised))
        if story.until == "accepted" and number % 3:
            ties.earned(tie, since.year, Decimal(story.promised * (7 + number % 4) // 10), by=by, now=now)


def _industry(story: Story, project: Project, people: People, year: int, now: datetime) -> None:
    by = people["banner-officer"]
    if story.scores:
        names = list(industry.FIELDS)
        scores, notes = dict(zip(names, story.scores, strict=True)), dict(zip(names, story.notes, strict=True))
        industry.examine(project, timezone.localdate(now) - timedelta(days=20), scores, notes, by=by, now=now)
    for number, (output, jobs, households, gain) in enumerate(story.figures):
        figures = {
            "output_cny": output * _TEN_THOUSAND,
            "jobs": jobs,
            "households": households,
            "household_income_cny": gain,
        }
        industry.state_year(project, year + number, figures, by=by, now=now)
    if story.upgrade:
        industry.upgrade(project, year + 1, story.upgrade, by=by, now=now, before="散养棚圈", after="标准化棚圈")


def _accept(story: Story, project: Project, village: str, people: People, on: date, now: datetime) -> None:
    by, today = people["banner-officer"], timezone.localdate(now)
    projects.accept(project, on, "工程量与设计一致，资料齐全，验收合格。", by=by, now=now)
    if story.asset:
        name, kind, keeper_kind, keeper, idle = story.asset
        asset = assets.hand_over(
            project, name, kind, Decimal(story.paid * _TEN_THOUSAND * 9 // 10), keeper_kind, keeper, region_code=village, on=on, by=by, now=now
        )  # fmt: skip
        if idle:
            seen = max(on, today - timedelta(days=idle))
            assets.look(asset, seen, "good", False, by=by, now=now, said="订单不足，停产")
