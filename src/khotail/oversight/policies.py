"""The register of policies: entered, corrected, and put into one of the four classes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.oversight.catalogue import catalogue
from khotail.oversight.models import ClassChange, Policy, PolicyReview
from khotail.oversight.problems import ChangeNotAllowed, NotFound, ParentWrong, PolicyThere, ReviewNeeded
from khotail.oversight.words import MOST_CNY, MOST_HOUSEHOLDS, choice, days, number, place, words
from khotail.rulebook.programmes import TRANSITIONS
from khotail.screening.rulebook import current
from khotail.texts import Text
from khotail.trail.chain import record as record_event

NAMES: dict[str, Text] = {
    "title": Text("政策名称", "title"),
    "number": Text("文号", "document number"),
    "field": Text("领域", "field"),
    "level": Text("发布层级", "issued by"),
    "population": Text("对象人群", "target population"),
    "beneficiaries": Text("受益户数", "households that benefit"),
    "money_cny_year": Text("年资金（元）", "money a year (CNY)"),
    "body": Text("责任部门", "responsible body"),
    "programme": Text("规则库项目", "programme in the rulebook"),
    "place": Text("乡村振兴目录位置", "place in the revitalisation catalogue"),
    "parent_clause": Text("上位条款", "clause of the parent"),
    "note": Text("备注", "note"),
    "reason": Text("理由", "reason"),
}

#: class → classes that it may be changed into. What stands already does not become new again.
ALLOWED: dict[str, tuple[str, ...]] = {
    "": ("adjust", "strengthen", "convert", "new"),
    "adjust": ("strengthen", "convert"),
    "strengthen": ("adjust", "convert"),
    "convert": ("adjust", "strengthen"),
    "new": ("adjust", "strengthen", "convert"),
}
_HEIGHT = {level: height for height, level in enumerate(("township", "banner", "league", "province", "nation"))}


@dataclass(frozen=True)
class Entry:
    """What the register says of a policy."""

    title: str
    field: str
    level: str
    number: str = ""
    parent: Policy | None = None
    parent_clause: str = ""
    issued_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    population: str = ""
    beneficiaries: int | Decimal | str | None = None
    money_cny_year: Decimal | str | None = None
    body: str = ""
    programme: str = ""
    place: str = ""
    note: str = ""


@transaction.atomic
def add_policy(entry: Entry, region_code: str, *, by: Officer, now: datetime) -> Policy:
    """Enter a policy. Raises NotAllowed, UnknownPlace, PolicyThere, ParentWrong and what `checked` raises."""
    if not by.may(May.KEEP_POLICIES):
        raise NotAllowed
    entry = checked(entry)
    policy = Policy(region_code=place(region_code, by), added_by=by, added_at=now, changed_at=now)
    _fill(policy, entry)
    _check_parent(policy, by)
    _saved(policy)
    record_event(by, "policy.added", policy, at=now, title=policy.title)
    return policy


@transaction.atomic
def change_policy(policy: Policy, entry: Entry, *, by: Officer, now: datetime) -> Policy:
    """Correct an entry; what it said before is in the trail. Raises as `add_policy`."""
    policy = held(policy, by, May.KEEP_POLICIES)
    entry = checked(entry)
    before = _said(policy)
    _fill(policy, entry)
    _check_parent(policy, by)
    after = _said(policy)
    changed = {name for name in after if before[name] != after[name]}
    if not changed:
        return policy
    policy.changed_at = now
    _saved(policy)
    record_event(
        by, "policy.changed", policy, at=now,
        before={name: before[name] for name in sorted(changed)}, after={name: after[name] for name in sorted(changed)},
    )  # fmt: skip
    return policy


@transaction.atomic
def put_into_class(policy: Policy, transition: str, reason: str, *, by: Officer, now: datetime) -> Policy:
    """Put a policy into a class; the plan of the class before ends.

    Raises NotAllowed, NotFound, ChangeNotAllowed, ReviewNeeded without a confirmed review (a new policy needs none).
    """
    policy = held(policy, by, May.REVIEW_POLICIES)
    choice(transition, TRANSITIONS, Text("类别", "class"))
    before = policy.transition
    if transition not in ALLOWED[before]:
        raise ChangeNotAllowed(**_change(before, transition))
    confirmed = PolicyReview.objects.filter(policy=policy, state=PolicyReview.State.CONFIRMED)
    if transition != Policy.Transition.NEW and not confirmed.exists():
        raise ReviewNeeded(name_zh=TRANSITIONS[transition].zh, name_en=TRANSITIONS[transition].en)
    said = words(reason, NAMES["reason"])
    policy.transition, policy.changed_at = transition, now
    policy.save(update_fields=["transition", "changed_at"])
    policy.plans.filter(ended_at=None).update(ended_at=now)
    ClassChange.objects.create(policy=policy, before=before, after=transition, reason=said, by=by, at=now)
    record_event(by, "policy.classed", policy, at=now, before=before, after=transition, reason=said)
    return policy


def checked(entry: Entry) -> Entry:
    """The entry with its words trimmed and numbers read.

    Raises WordsMissing, WordsTooLong, UnknownChoice, DatesWrong, NumberWrong.
    """
    days(entry.issued_on, entry.ends_on)
    days(entry.starts_on, entry.ends_on)
    households = number(entry.beneficiaries, NAMES["beneficiaries"], MOST_HOUSEHOLDS, places=0)
    return replace(
        entry,
        title=words(entry.title, NAMES["title"], 200),
        number=words(entry.number, NAMES["number"], 80, required=False),
        field=choice(entry.field, Policy.Field.values, NAMES["field"]),
        level=choice(entry.level, Policy.Level.values, NAMES["level"]),
        parent_clause=words(entry.parent_clause, NAMES["parent_clause"], 120, required=False),
        population=words(entry.population, NAMES["population"], 200, required=False),
        beneficiaries=None if households is None else int(households),
        money_cny_year=number(entry.money_cny_year, NAMES["money_cny_year"], MOST_CNY),
        body=words(entry.body, NAMES["body"], 80, required=False),
        programme=choice(entry.programme, current().programmes, NAMES["programme"], required=False),
        place=choice(entry.place, catalogue(), NAMES["place"], required=False),
        note=words(entry.note, NAMES["note"], required=False),
    )


def held(policy: Policy, by: Officer, right: May) -> Policy:
    """The policy read anew and held until the transaction ends. Raises NotAllowed, NotFound outside the own region."""
    if not by.may(right):
        raise NotAllowed
    found = Policy.objects.in_region(by.region_code).select_for_update().filter(pk=policy.pk).first()
    if found is None:
        raise NotFound
    return found


def _fill(policy: Policy, entry: Entry) -> None:
    for name in Entry.__dataclass_fields__:
        setattr(policy, name, getattr(entry, name))


def _said(policy: Policy) -> dict[str, object]:
    names = [name for name in Entry.__dataclass_fields__ if name != "parent"]
    return {**{name: getattr(policy, name) for name in names}, "parent": policy.parent_id}


def _saved(policy: Policy) -> None:
    try:
        with transaction.atomic():
            policy.save()
    except IntegrityError:
        raise PolicyThere(title=policy.title, number=policy.number or "—") from None


def _check_parent(policy: Policy, by: Officer) -> None:
    above, seen = policy.parent, {policy.pk}
    if above is None:
        return
    if not Policy.objects.visible_to(by).filter(pk=above.pk).exists() or _HEIGHT[above.level] < _HEIGHT[policy.level]:
        raise ParentWrong
    while above is not None:
        if above.pk in seen:
            raise ParentWrong
        seen.add(above.pk)
        above = above.parent


def _change(before: str, after: str) -> dict[str, str]:
    nothing = Text("未分类", "not classified")
    names = {"": nothing, **TRANSITIONS}
    allowed = [TRANSITIONS[each] for each in ALLOWED[before]]
    return {
        "before_zh": names[before].zh, "before_en": names[before].en, "after_zh": names[after].zh,
        "after_en": names[after].en, "allowed_zh": "、".join(each.zh for each in allowed),
        "allowed_en": ", ".join(each.en for each in allowed),
    }  # fmt: skip
