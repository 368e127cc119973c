"""The series by which the four not-removes are watched, and how each is counted.

A stock is what there is on the last day of the quarter (today, while it runs); a flow is what was done within it. Each
counting function gives region code → number for every place of an installation, villages summed up to townships and banner.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from khotail.accounts.models import LEVEL_DIGITS
from khotail.casework.deadlines import after_months
from khotail.casework.models import Case
from khotail.entitlements.models import Entitlement
from khotail.funds.models import Account, Entry
from khotail.oversight.models import Inspection, Policy, Responsibility
from khotail.oversight.vacancies import NEEDED, in_place
from khotail.register.models import Region
from khotail.screening.rulebook import current
from khotail.texts import Text
from khotail.visits.models import Submission

Counts = dict[str, Decimal]
_NO_UNIT = Text("", "")
#: (first day, last day of what is counted, region codes) → numbers
Counting = Callable[[date, date, list[str]], Counts]


@dataclass(frozen=True)
class NotRemoved:
    """One of the four: its name, and what it guards against."""

    id: str
    name: Text
    against: Text


@dataclass(frozen=True)
class Series:
    """has_past: earlier quarters can be counted from what is kept; else only the present one can."""

    id: str
    of: str
    name: Text
    how: Text
    count: Counting
    is_flow: bool = False
    has_past: bool = True
    unit: Text = _NO_UNIT


FOUR: tuple[NotRemoved, ...] = (
    NotRemoved("responsibility", Text("摘帽不摘责任", "Responsibility stays"), Text("防止松劲懈怠", "against slackening")),
    NotRemoved("policy", Text("摘帽不摘政策", "Policies stay"), Text("防止急刹车", "against braking hard")),
    NotRemoved("help", Text("摘帽不摘帮扶", "Help stays"), Text("防止一撤了之", "against leaving all at once")),
    NotRemoved("supervision", Text("摘帽不摘监管", "Supervision stays"), Text("防止贫困反弹", "against a return of poverty")),
)  # fmt: skip


def quarter_of(day: date) -> date:
    """The first day of the quarter that a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def last_day(quarter: date) -> date:
    return after_months(quarter, 3) - timedelta(days=1)


def previous(quarter: date, back: int = 1) -> date:
    month = quarter.year * 12 + quarter.month - 1 - 3 * back
    return date(month // 12, month % 12 + 1, 1)


def _owners(_first: date, last: date, codes: list[str]) -> Counts:
    rows = Responsibility.objects.filter(in_place(last), subject=Responsibility.Subject.PLACE)
    needed = {(code, level) for code, own in _levels(codes).items() for level in NEEDED.get(own, ())}
    held = needed & set(rows.values_list("region_code", "level"))
    return _up((code, 1) for code, _level in held)


def _programmes(_first: date, last: date, codes: list[str]) -> Counts:
    programmes = current().programmes.values()
    return {code: Decimal(sum(each.holds_on(last, code) for each in programmes)) for code in codes}


def _policies(_first: date, last: date, codes: list[str]) -> Counts:
    there = Policy.objects.filter(Q(ends_on=None) | Q(ends_on__gte=last), starts_on__lte=last)
    at: dict[str, int] = dict(there.order_by().values_list("region_code").annotate(n=Count("id")))
    return {code: Decimal(sum(at.get(each, 0) for each in _with_above(code))) for code in codes}


def _receivers(_first: date, last: date, _codes: list[str]) -> Counts:
    rows = Entitlement.objects.filter(Q(ended_on=None) | Q(ended_on__gt=last), received=True, since__lte=last)
    return _up(rows.order_by().values_list("region_code").annotate(n=Count("household", distinct=True)))


def _helpers(_first: date, _last: date, _codes: list[str]) -> Counts:
    rows = Case.objects.exclude(state__in=Case.CLOSED).filter(helper__is_active=True)
    people: dict[str, set[int]] = defaultdict(set)
    for code, helper in rows.order_by().values_list("region_code", "helper_id").distinct():
        for each in _with_above(code):
            people[each].add(helper)
    return {code: Decimal(len(found)) for code, found in people.items()}


def _visits(first: date, last: date, _codes: list[str]) -> Counts:
    rows = Submission.objects.filter(received_at__gte=_start(first), received_at__lt=_start(last + timedelta(days=1)))
    rows = rows.exclude(household=None).order_by()
    return _up(rows.values_list("region_code").annotate(n=Count("id")))


def _money(_first: date, last: date, _codes: list[str]) -> Counts:
    """Of twelve months, since money comes once or twice a year. What went back is taken off."""
    rows = Entry.objects.filter(on__gt=after_months(last, -12), on__lte=last)
    project, held = Account.Kind.PROJECT, Account.Kind.HELD
    into = rows.filter(debit__kind=project, credit__kind=held).order_by().values_list("debit__region_code")
    back = rows.filter(debit__kind=held, credit__kind=project).order_by().values_list("credit__region_code")
    fen = [
        *into.annotate(sum=Sum("amount_fen")),
        *((code, -sum_) for code, sum_ in back.annotate(sum=Sum("amount_fen"))),
    ]
    return {code: sum_ / 100 for code, sum_ in _up(fen).items()}


def _inspections(first: date, last: date, _codes: list[str]) -> Counts:
    rows = Inspection.objects.filter(state=Inspection.State.DONE, done_on__gte=first, done_on__lte=last)
    return _up(rows.order_by().values_list("region_code").annotate(n=Count("id")))


def _inspected_share(first: date, last: date, _codes: list[str]) -> Counts:
    """Per cent; a place for which nothing was due has none."""
    due = Inspection.objects.filter(due_on__gte=first, due_on__lte=last).exclude(state=Inspection.State.DROPPED)
    made = due.filter(state=Inspection.State.DONE, done_on__lte=last)
    planned = _up(due.order_by().values_list("region_code").annotate(n=Count("id")))
    done = _up(made.order_by().values_list("region_code").annotate(n=Count("id")))
    return {code: round(100 * done.get(code, Decimal()) / all_, 1) for code, all_ in planned.items()}


SERIES: dict[str, Series] = {
    each.id: each
    for each in (
        Series(
            "owners", "responsibility", Text("到位的责任人", "Owners in place"),
            Text(
                "旗县、苏木乡镇、嘎查村本级各一人，嘎查村另有包联的旗县级和苏木乡镇级各一人；季末已任命、未离任且账号未停用的计入。",
                "One at each banner, township and village, and for each village one more at its township and at its banner: "
                "those named and still in office on the last day, whose account is not withdrawn.",
            ), _owners,
        ),
        Series(
            "programmes", "policy", Text("有效的帮扶项目", "Programmes in force"),
            Text("规则库中季末在该地有效的项目数。", "Programmes of the rulebook in force there on the last day."), _programmes,
        ),
        Series(
            "policies", "policy", Text("有效的政策文件", "Policies in force"),
            Text(
                "政策登记册中季末在该地有效的政策数，含上级政策；草案和已到期的不计。",
                "Policies of the register in force there on the last day, those from above too; drafts and ended ones are not.",
            ), _policies,
        ),
        Series(
            "receivers", "policy", Text("享受项目的户数", "Households that receive a programme"),
            Text(
                "待遇核算中季末至少享受一个项目的户数，一户只计一次；核算运行之前的季度没有数。",
                "Households seen to receive at least one programme on the last day, each counted once; there are no numbers "
                "for quarters before the programmes were first run.",
            ), _receivers, unit=Text("户", "households"),
        ),
        Series(
            "helpers", "help", Text("有在办案件的帮扶人", "Helpers with an open case"),
            Text(
                "计数当天至少是一个在办案件帮扶责任人的人数，一人只计一次；以往季度不能补算，从开始计数的季度起有数。",
                "People who on the day of counting are helper of at least one open case, each counted once. Past quarters "
                "cannot be counted later: the series begins when counting began.",
            ), _helpers, has_past=False, unit=Text("人", "people"),
        ),
        Series(
            "visits", "help", Text("入户走访次数", "Visits to households"),
            Text("本季收到的入户走访记录数，按户所在嘎查村计。", "Records of visits to households received within the quarter."),
            _visits, is_flow=True,
        ),
        Series(
            "money", "help", Text("12个月内安排到项目的资金", "Money allocated to projects in 12 months"),
            Text(
                "资金账中截至季末12个月内安排到项目的金额，减去收回的；按项目所在地计，只在一级统筹、未落到项目的不计。",
                "What the ledger shows as allocated to projects in the twelve months up to the last day, less what was given "
                "back, by the project's place; money that no project has yet is not counted.",
            ), _money, unit=Text("元", "CNY"),
        ),
        Series(
            "inspections", "supervision", Text("完成的检查", "Inspections done"),
            Text("本季完成的检查次数。", "Inspections done within the quarter."), _inspections, is_flow=True,
        ),
        Series(
            "inspected", "supervision", Text("检查计划完成率", "Share of due inspections done"),
            Text(
                "本季到期的检查（取消的除外；本季未完时算到计数当天）中已完成的百分比；没有计划的地方没有数。",
                "Of the inspections due within the quarter (up to the day of counting while it runs), but those dropped, the per cent done; where none was due there "
                "is no number.",
            ), _inspected_share, is_flow=True, unit=Text("%", "per cent"),
        ),
    )
}  # fmt: skip


def places() -> list[str]:
    """Every banner, township and village of the installation."""
    rows = Region.objects.filter(level__in=("banner", "township", "village"))
    return list(rows.order_by("code").values_list("code", flat=True))


def _levels(codes: list[str]) -> dict[str, str]:
    of_digits = {digits: level for level, digits in LEVEL_DIGITS.items()}
    return {code: of_digits[len(code)] for code in codes}


def _up(counted: Iterable[tuple[str, int]]) -> Counts:
    """Numbers of places, with each place above given the sum of what lies in it."""
    found: Counts = defaultdict(Decimal)
    for code, number in counted:
        for each in _with_above(code):
            found[each] += number
    return dict(found)


def _with_above(code: str) -> list[str]:
    return [code[:digits] for digits in LEVEL_DIGITS.values() if digits <= len(code)]


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
