"""Assets: handed over after the acceptance, looked at, kept by somebody, idle or used."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from khotail.accounts.models import Officer
from khotail.funds.allowed import check_keeps, past_day, words
from khotail.funds.amounts import checked
from khotail.funds.models import Asset, AssetCheck, Project
from khotail.funds.problems import AssetGone, NotAccepted, NotFound, PlacesMissing
from khotail.screening.rulebook import setting
from khotail.texts import Text
from khotail.trail.chain import record as record_event

_NAME, _KEEPER = Text("资产名称", "name"), Text("管护责任人", "keeper")


@transaction.atomic
def hand_over(
    project: Project,
    name: str,
    kind: str,
    value: Decimal,
    keeper_kind: str,
    keeper: str,
    *,
    region_code: str,
    on: date,
    by: Officer,
    now: datetime,
) -> Asset:
    """Enter what a project left behind and who keeps it. Raises NotAllowed, NotFound, NotYourDepartment, NotAccepted,
    AmountWrong, DayWrong, WordsMissing, PlacesMissing."""
    check_keeps(by, project)
    project.refresh_from_db()
    if project.state != Project.State.ACCEPTED:
        raise NotAccepted
    if kind not in Asset.Kind.values or keeper_kind not in Asset.Keeper.values:
        raise NotFound
    if not project.places.filter(region_code=region_code).exists():
        raise PlacesMissing
    asset = Asset.objects.create(
        project=project, name=words(name, 120, _NAME), kind=kind, region_code=region_code, value_cny=checked(value),
        keeper_kind=keeper_kind, keeper=words(keeper, 80, _KEEPER), handed_over_on=past_day(on, now), checked_on=on,
        entered_by=by, entered_at=now,
    )  # fmt: skip
    record_event(by, "asset.handed_over", asset, at=now, project=project.pk, kind=kind, value=str(asset.value_cny))
    return asset


@transaction.atomic
def look(
    asset: Asset,
    on: date,
    condition: str,
    is_used: bool,
    *,
    by: Officer,
    now: datetime,
    keeper: str = "",
    said: str = "",
) -> AssetCheck:
    """Somebody went to see: condition, use, and a new keeper if it has one.

    Raises NotAllowed, NotFound, NotYourDepartment, DayWrong, AssetGone.
    """
    check_keeps(by, asset.project)
    asset = Asset.objects.select_for_update(of=("self",)).get(pk=asset.pk)
    if asset.condition == Asset.Condition.GONE:
        raise AssetGone
    if condition not in Asset.Condition.values:
        raise NotFound
    on = past_day(on, now)
    before = {"condition": asset.condition, "idle_since": asset.idle_since, "keeper": asset.keeper}
    check = AssetCheck.objects.create(
        asset=asset, on=on, condition=condition, is_used=is_used, keeper=words(keeper, 80) or asset.keeper,
        words=words(said, 300), by=by, at=now,
    )  # fmt: skip
    if on >= asset.checked_on:
        gone = condition == Asset.Condition.GONE
        asset.condition, asset.keeper, asset.checked_on = condition, check.keeper, on
        asset.idle_since = None if is_used or gone else asset.idle_since or on
        asset.save()
    record_event(
        by, "asset.looked_at", asset, at=now, on=on, before=before,
        after={"condition": asset.condition, "idle_since": asset.idle_since, "keeper": asset.keeper},
    )  # fmt: skip
    return check


def idle_too_long(officer: Officer, now: datetime) -> QuerySet[Asset]:
    """Assets of the officer's region that nobody has used for longer than the rulebook's `asset_idle_days`."""
    today = timezone.localdate(now)
    days = int(setting("asset_idle_days", today, officer.region_code))
    return Asset.objects.visible_to(officer).filter(idle_since__lte=today - timedelta(days=days))


def not_looked_at(officer: Officer, now: datetime) -> QuerySet[Asset]:
    """Those that nobody went to see for longer than `asset_check_days`."""
    today = timezone.localdate(now)
    days = int(setting("asset_check_days", today, officer.region_code))
    old = Q(checked_on__lt=today - timedelta(days=days))
    return Asset.objects.visible_to(officer).filter(old).exclude(condition=Asset.Condition.GONE)
