"""Oversight of the demo: invented policies in every class, a clock, owners and vacancies, inspections, and a sudden fall."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS, Officer
from khotail.oversight import continuity, inspections, plans, policies, responsibilities, reviews, transition
from khotail.oversight.models import Policy, Responsibility
from khotail.oversight.policies import Entry
from khotail.oversight.responsibilities import Owner
from khotail.oversight.series import quarter_of
from khotail.register.models import Region
from khotail.site.demo_people import People
from khotail.trail.scope import in_region

_MARKS = ("effect", "cost", "fairness", "cliff", "load")
_NOTES = {
    "effect": "看了两个嘎查的台账和十户", "cost": "与上一年度资金相比", "fairness": "比对了条件相近的户", "cliff": "模拟停止后的人均纯收入",
    "load": "统计了村干部填表时间",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """A policy, the marks of its review in the order of the form (empty: not reviewed), and the class that it came to."""

    title: str
    field: str
    starts: tuple[int, int] | None
    ends: tuple[int, int] | None = None
    programme: str = ""
    place: str = ""
    money: int | None = None
    households: int | None = None
    marks: tuple[int, ...] = ()
    transition: str = ""


TOLD = (
    Told("演示旗农村低保与渐退办法", "income", (2021, 5), None, "subsistence-allowance", "integration-security", 9_600_000, 1450,
         (4, 3, 4, 2, 3), "strengthen"),
    Told("演示旗城乡低保补充规定", "income", (2023, 1), (2027, 12), "subsistence-allowance", "integration-security", 300_000, 60),
    Told("演示旗大病报销倾斜办法", "health", (2020, 1), (2026, 12), "medical-aid", "integration-health", 2_100_000, 320,
         (4, 2, 2, 2, 3), "adjust"),
    Told("演示旗脱贫户务工补贴办法", "employment", (2021, 4), (2026, 12), "travel-subsidy", "industry-employment", 480_000, 700,
         (3, 3, 3, 3, 3), "convert"),
    Told("演示旗脱贫人口小额信贷贴息办法", "finance", (2021, 3), (2025, 12), "micro-credit-interest", "support-finance", 260_000, 190,
         (4, 4, 3, 1, 3), "convert"),
    Told("演示旗乡村公益性岗位管理办法", "employment", (2021, 6), (2026, 12), "public-post", "industry-employment", 1_900_000, 310),
    Told("演示旗牧区道路和机井建设方案", "infrastructure", (2022, 3), (2027, 12), "", "integration-works", 6_500_000, 900,
         (4, 3, 4, 4, 4), "strengthen"),
    Told("演示旗防止返贫监测和帮扶实施方案", "monitoring", (2021, 7), None, "", "support-monitoring", None, None, (), "new"),
    Told("演示旗扶贫月报和督查考核办法", "supervision", (2017, 1), (2026, 6), "", "", None, None, (2, 2, 3, 4, 0), "adjust"),
    Told("演示旗雨露计划资助办法", "education", (2022, 9), None, "yulu-plan", "talent-training", 410_000, 140),
    Told("演示旗搬迁户后续扶持办法（草案）", "relocation", None, None, "relocation-follow-up", "integration-relocation", 800_000, 230),
)  # fmt: skip


def oversee(people: People, banner: str, now: datetime) -> None:
    """Fill the pages of oversight, and count the four not-removes."""
    by_title = {told.title: _policy(told, people, banner, now) for told in TOLD}
    _plan(by_title["演示旗大病报销倾斜办法"], people, now)
    transition.set_clock(
        banner, date(2020, 3, 4), "演示文件：退出贫困旗县公告", by=people["administrator"], now=now - timedelta(days=40)
    )
    _owners(people, banner, now)
    _inspections(people, banner, now)
    continuity.count(now)


def _policy(told: Told, people: People, banner: str, now: datetime) -> Policy:
    keeper, reviewer = people["administrator"], people["banner-reviewer"]
    at = now - timedelta(days=50)
    policy = policies.add_policy(
        Entry(
            told.title, told.field, "banner", number=f"演示〔{told.starts[0] if told.starts else 2026}〕{len(told.title)}号",
            starts_on=told.starts and date(*told.starts, 1), ends_on=told.ends and date(*told.ends, 28),
            population="演示旗农牧户", beneficiaries=told.households, money_cny_year=told.money and str(told.money),
            body="演示旗主管部门", programme=told.programme, place=told.place,
        ),
        banner, by=keeper, now=at,
    )  # fmt: skip
    if told.marks:
        marks = dict(zip(_MARKS, told.marks, strict=True))
        advice = told.transition or "adjust"
        review = reviews.sign_review(policy, marks, _NOTES, advice, by=reviewer, now=now - timedelta(days=45))
        reviews.decide_review(review, True, by=keeper, now=now - timedelta(days=43))
    if told.transition:
        policy = policies.put_into_class(
            policy, told.transition, "按评估结果归类", by=reviewer, now=now - timedelta(days=42)
        )  # fmt: skip
    return policy


def _plan(policy: Policy, people: People, now: datetime) -> None:
    keeper, today = people["banner-officer"], timezone.localdate(now)
    plan = plans.make_plan(
        policy, "两年内由超常规报销比例调整到三重制度衔接的水平，不让一户因此返贫",
        {"level": "三重制度综合保障", "affected": 320, "protection": "监测户保留倾斜到风险消除"},
        today + timedelta(days=300), by=keeper, now=now - timedelta(days=38),
    )  # fmt: skip
    first = plans.add_step(plan, "逐户核对受影响农户", today - timedelta(days=20), "医保局", by=keeper, now=now)
    plans.finish_step(first, today - timedelta(days=22), "核对320户", by=keeper, now=now)
    plans.add_step(plan, "公布新的报销办法", today - timedelta(days=5), "医保局", by=keeper, now=now)
    plans.add_step(plan, "停止旧比例", today + timedelta(days=200), "医保局", by=keeper, now=now)
    plans.report_figure(plan, "120", today - timedelta(days=3), "已转入救助的户", by=keeper, now=now)


def _owners(people: People, banner: str, now: datetime) -> None:
    """The banner, two townships and their villages have owners since last quarter; some left this quarter."""
    keeper, today = people["administrator"], timezone.localdate(now)
    begun = now - timedelta(days=150)
    left = now - timedelta(days=min(20, (today - quarter_of(today)).days))
    village = people["village-cadre"].region_code
    townships = [village[: LEVEL_DIGITS["township"]]]
    others = Region.objects.filter(in_region(banner, "code"), level="township").exclude(code__in=townships)
    townships += list(others.order_by("code").values_list("code", flat=True)[:1])
    _name(banner, "banner", Owner(person="演示旗委书记", post="旗委书记"), keeper, begun)
    made = []
    for township in townships:
        _name(township, "township", Owner(person="演示苏木书记", post="苏木党委书记"), keeper, begun)
        for code in Region.objects.filter(in_region(township, "code"), level="village").values_list("code", flat=True):
            own = (
                Owner(people["village-cadre"])
                if code == village
                else Owner(person="演示嘎查书记", post="嘎查党支部书记")
            )
            _name(code, "village", own, keeper, begun)
            made.append(_name(code, "banner", Owner(person="演示包联干部", post="旗直单位包联"), keeper, begun))
    for gone in made[: max(len(made) * 2 // 3, 1)]:
        responsibilities.end(gone, "包联单位机构改革，尚未重新明确", by=keeper, now=left)
    named = responsibilities.name_owner(
        "task", village, "village", Owner(people["village-cadre"]), task="饮水安全管护", duty="每周巡查机井和管线",
        by=keeper, now=now - timedelta(days=2),
    )  # fmt: skip
    responsibilities.accept(named, by=people["village-cadre"], now=now - timedelta(days=1))


def _name(code: str, level: str, owner: Owner, by: Officer, now: datetime) -> Responsibility:
    named = responsibilities.name_owner(
        "place", code, level, owner, duty="巩固脱贫成果第一责任人", by=by, now=now
    )  # fmt: skip
    return responsibilities.accept(named, by=owner.officer or by, now=now)


def _inspections(people: People, banner: str, now: datetime) -> None:
    keeper, today = people["banner-officer"], timezone.localdate(now)
    village = people["village-cadre"].region_code
    for back in (260, 170, 80):
        day = today - timedelta(days=back)
        made = inspections.plan(
            "监测帮扶政策落实情况", banner, "演示旗联合检查组", day, by=keeper, now=now - timedelta(days=back + 10)
        )
        inspections.close(made, day, "总体落实到位", by=keeper, now=now - timedelta(days=back))
    inspections.plan(
        "公益性岗位在岗情况", village[:9], "演示苏木检查组", today - timedelta(days=6), months=3, by=keeper,
        now=now - timedelta(days=40),
    )  # fmt: skip
    done = inspections.plan(
        "饮水安全回头看",
        village,
        "演示旗水利检查组",
        today - timedelta(days=30),
        by=keeper,
        now=now - timedelta(days=60),
    )
    inspections.close(done, today - timedelta(days=30), "两处问题", by=keeper, now=now - timedelta(days=30))
    inspections.find(
        done, "东边独贵龙冬季管线未保温", "演示嘎查委员会", due_on=today - timedelta(days=3), by=keeper,
        now=now - timedelta(days=30),
    )  # fmt: skip
    mended = inspections.find(done, "机井水质报告未公示", "演示旗水利局", by=keeper, now=now - timedelta(days=30))
    inspections.mend(mended, "已在公示栏张贴", by=people["village-cadre"], now=now - timedelta(days=9))
