"""Help of the demo: templates, plans of the helped households, help at once with papers to follow, jobs, a class, a check."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.assistance import emergencies, planning, training
from khotail.assistance.effects import ask_for_effect, compute
from khotail.assistance.employing import end_job, enter_job
from khotail.assistance.models import EffectStudy, Plan, PlanTemplate
from khotail.assistance.templates import write_template
from khotail.casework.models import Case
from khotail.register.models import Household, Person
from khotail.site.demo_people import People

_BANNER_LINES = (
    {
        "category": "健康帮扶",
        "kind": "大病救治",
        "causes": ["illness"],
        "months": 12,
        "note": "先参保，再报销，后救助（演示）",
    },
    {"category": "产业帮扶", "kind": "庭院经济", "months": 12, "amount_cny": "3000"},
    {"category": "综合保障", "kind": "临时救助", "amount_cny": "2000"},
)
_VILLAGE_LINES = (
    {"category": "公益岗位帮扶", "kind": "护草员", "months": 12, "amount_cny": "9600"},
    {"category": "社会帮扶", "kind": "邻里互助"},
)
_JOBS = (
    ("演示乳业公司", "banner", "village", "3200", 200, None),
    ("演示京蒙协作电子厂", "away", "beijing", "4800", 150, "dismissed"),
    ("嘎查护草员岗位", "village", "public_post", "800", 120, None),
    ("演示东部建筑公司", "away", "east_west", "5200", 400, "over"),
)


def give_help(people: People, banner: str, now: datetime) -> None:
    """Everything, around the cadre's village; whatever a small demo has no household for is left out."""
    cadre, office = people["village-cadre"], people["banner-officer"]
    write_template("因病户（演示）", banner, _BANNER_LINES, by=office, now=now - timedelta(days=40))
    mine = write_template(
        "有劳力户（演示）",
        cadre.region_code,
        _VILLAGE_LINES,
        household="with_labour",
        by=cadre,
        now=now - timedelta(days=30),
    )
    _plans(mine, cadre, now)
    homes = list(
        Household.objects.in_region(cadre.region_code).filter(ended_on=None, size__gte=2).order_by("number")[10:22]
    )
    _at_once(homes[:3], cadre, now)
    seated = _jobs(homes, cadre, now)
    _class(seated, cadre, now)
    study = ask_for_effect(category="产业帮扶", region_code=banner, by=office, now=now)
    compute(EffectStudy.objects.get(pk=study.pk), now)


def _plans(template: PlanTemplate, cadre: Officer, now: datetime) -> list[Plan]:
    """One plan agreed and running, one being written."""
    made: list[Plan] = []
    rows = (
        Case.objects.visible_to(cadre)
        .filter(household__ended_on=None, state__in=("helped", "deciding"))
        .order_by("-state", "id")
    )
    for case in rows[:3]:
        plan = planning.start_plan(
            case,
            template=None if made else template,
            aim="一年内收入稳定，不再欠新账（演示）",
            by=cadre,
            now=now - timedelta(days=6),
        )
        made.append(plan)
    for plan in made[:1]:
        line = plan.lines.order_by("id").first()
        if line is not None:
            planning.begin_line(line, by=cadre, now=now - timedelta(days=5))
        planning.agree(
            plan, agreed_with=plan.household.head_name or "户主", gaps_reason="待下次走访补充（演示）", by=cadre,
            now=now - timedelta(days=5),
        )  # fmt: skip
    return made


def _at_once(homes: list[Household], cadre: Officer, now: datetime) -> None:
    """Overdue, due soon, and closed without papers."""
    told = (
        ("fodder", "disaster", "1500", "雪天送去草料一车（演示）", 24),
        ("cash", "accident", "2000", "车祸住院，先垫付（演示）", 3),
        ("food", "illness", "300", "米面油（演示）", 10),
    )
    for household, (kind, cause, amount, words, days) in zip(homes, told, strict=False):
        at = now - timedelta(days=days)
        given = emergencies.give_at_once(household, kind, cause, amount_cny=amount, words=words, by=cadre, now=at)
        if kind == "food":
            emergencies.excuse(given, "物资由红十字会统一登记（演示）", by=cadre, now=now - timedelta(days=8))


def _jobs(homes: list[Household], cadre: Officer, now: datetime) -> list[Person]:
    """One job each; one was lost, and its lead waits."""
    today, seated = timezone.localdate(now), []
    workers = [person for household in homes[3:] if (person := _worker(household, today))]
    for person, (employer, place, found, pay, days, ending) in zip(workers, _JOBS, strict=False):
        seated.append(person)
        starts_on = today - timedelta(days=days)
        job = enter_job(
            person, employer, place=place, found=found, starts_on=starts_on, monthly_pay_cny=pay,
            agreed_until=starts_on + timedelta(days=365), by=cadre, now=now,
        )  # fmt: skip
        if ending:
            on = min(today - timedelta(days=4), starts_on + timedelta(days=365))
            end_job(job, on=on, ending=ending, by=cadre, now=now)
    return seated


def _class(seated: list[Person], cadre: Officer, now: datetime) -> None:
    today = timezone.localdate(now)
    opened = training.open_training(
        "肉牛养殖班（演示）", "养殖", cadre.region_code, hours=48, starts_on=today - timedelta(days=90),
        ends_on=today - timedelta(days=75), provider="演示旗农牧技术推广中心", seats=30, by=cadre, now=now - timedelta(days=95),
    )  # fmt: skip
    seats = [training.enrol(opened, person, by=cadre, now=now - timedelta(days=92)) for person in seated]
    rows = [
        {
            "trainee": seat.pk,
            "hours": 48 if at else 20,
            "result": "certified" if at else "left",
            "certificate": f"演示{at}" if at else "",
        }
        for at, seat in enumerate(seats)
    ]
    training.write_attendance(opened, rows, by=cadre, now=now)


def _worker(household: Household, today: date) -> Person | None:
    """A grown member who lives there."""
    rows = household.members.filter(left_on=None, birth_date__lte=date(today.year - 18, 1, 1))
    return rows.filter(birth_date__gte=date(today.year - 60, 1, 1)).order_by("id").first()
