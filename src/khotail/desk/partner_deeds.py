"""What can be done with a pairing, a helper, a pledge, a need and an order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk import partner_forms as forms
from khotail.desk.deeds import Deed, ThingForm
from khotail.partners import helping, needs, pairings, sales
from khotail.partners.models import Need, Pairing, Pledge, Sale, SocialHelper
from khotail.partners.problems import NotFound

_KEEP = (May.KEEP_PARTNERS,)
_State = Pledge.State


def _runs(pairing: Pairing) -> bool:
    return pairing.successor_id is None and (pairing.until is None or pairing.until >= timezone.localdate())


def _promise(pairing: Pairing, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    return pairings.promise(values["agreement"], values["year"], values, by=by, now=now)


def _deliver(pairing: Pairing, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    return pairings.deliver(pairing, values["year"], values, by=by, now=now, note=values["note"])


PAIRING = (
    Deed("contact", _("Record a contact"), _("The contact is recorded."), forms.TouchForm,
         lambda it, v, file, by, now: pairings.keep_in_touch(it, v["on"], v["way"], v["words"], by=by, now=now), _KEEP),
    Deed("year", _("Record what a year brought"), _("The year is recorded."), forms.DeliverForm, _deliver, _KEEP),
    Deed("agreement", _("Add an agreement"), _("The agreement is recorded. Say what it promises for each year."),
         forms.AgreeForm, lambda it, v, file, by, now: pairings.agree(it, **v, by=by, now=now, file=file), _KEEP,
         file=_("The signed paper")),
    Deed("promise", _("Say what an agreement promises"), _("The promise is recorded."), forms.PromiseForm, _promise, _KEEP,
         fits=lambda it: it.agreements.exists()),
    Deed("team-left", _("The village team withdrew"), _("The team withdrew; the contact stays."), forms.DayForm,
         lambda it, v, file, by, now: pairings.team_left(it, v["on"], by=by, now=now), _KEEP,
         fits=lambda it: _runs(it) and it.team_left_on is None and it.kind in (Pairing.Kind.CONTACT, Pairing.Kind.FIXED_POINT)),
    Deed("follow", _("Another unit takes over"), _("The new pairing is recorded; the old one names it."), forms.FollowForm,
         lambda it, v, file, by, now: pairings.follow(it, **v, by=by, now=now), _KEEP, fits=_runs),
    Deed("end", _("End the pairing"), _("The pairing ends."), forms.EndForm,
         lambda it, v, file, by, now: pairings.end(it, v["on"], v["reason"], by=by, now=now), _KEEP, fits=_runs, grave=True),
)  # fmt: skip


def _helps(helper: SocialHelper) -> bool:
    return helper.ended_on is None


HELPER = (
    Deed("pledge", _("Add a pledge"), _("The pledge is recorded."), forms.PledgeForm,
         lambda it, v, file, by, now: helping.pledge(it, **v, by=by, now=now), _KEEP, fits=_helps),
    Deed("let-go", _("They no longer help"), _("They are no longer among the helpers."), forms.DayForm,
         lambda it, v, file, by, now: helping.let_go(it, v["on"], by=by, now=now), _KEEP, fits=_helps, grave=True),
)  # fmt: skip


def _match(made: Pledge, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    need = Need.objects.visible_to(by).filter(pk=values["need"]).first()
    if need is None:
        raise NotFound
    return helping.match(made, need, by=by, now=now)


PLEDGE = (
    Deed("take-up", _("Take the offer up"), _("The offer is taken up."), forms.TakeUpForm,
         lambda it, v, file, by, now: helping.take_up(it, v["kind"], v["due_on"], by=by, now=now, name=v["name"]), _KEEP,
         fits=lambda it: it.state == _State.OFFERED, first=True),
    Deed("match", _("Match it to a need"), _("The pledge is matched."), forms.MatchForm, _match, _KEEP,
         fits=lambda it: it.state == _State.PROMISED and it.need_id is None, first=True),
    Deed("receive", _("Something arrived"), _("It is recorded as arrived."), forms.ReceiveForm,
         lambda it, v, file, by, now: helping.receive(it, **v, by=by, now=now, file=file), _KEEP,
         fits=lambda it: it.state in Pledge.WAITING, file=_("Receipt or photo")),
    Deed("result", _("Tell the helper what came of it"), _("The helper can read it by the receipt."), forms.ResultForm,
         lambda it, v, file, by, now: helping.tell_result(it, v["result"], by=by, now=now), _KEEP,
         fits=lambda it: it.state in (_State.DELIVERED, _State.TOLD), first=True),
    Deed("unmatch", _("Free it of its need"), _("The pledge is free again."), ThingForm,
         lambda it, v, file, by, now: helping.unmatch(it, by=by, now=now), _KEEP,
         fits=lambda it: it.state == _State.PROMISED and it.need_id is not None),
    Deed("settle", _("It is not taken up, or fell through"), _("It is settled."), forms.SettleForm,
         lambda it, v, file, by, now: helping.settle(it, v["reason"], by=by, now=now), _KEEP,
         fits=lambda it: it.state in (_State.OFFERED, *Pledge.WAITING), grave=True),
)  # fmt: skip


def _match_pledge(need: Need, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    made = Pledge.objects.visible_to(by).filter(pk=values["pledge"]).first()
    if made is None:
        raise NotFound
    return helping.match(made, need, by=by, now=now)


def _open(need: Need) -> bool:
    return need.state in (Need.State.DRAFT, Need.State.PUBLISHED)


NEED = (
    Deed("publish", _("Publish it"), _("Everybody can read it now."), forms.PublishForm,
         lambda it, v, file, by, now: needs.publish(it, v["title"], v["has_read"], by=by, now=now), _KEEP,
         fits=lambda it: it.state in (Need.State.DRAFT, Need.State.WITHDRAWN), first=True),
    Deed("match", _("Match a pledge"), _("The pledge is matched."), forms.MatchPledgeForm, _match_pledge, _KEEP, fits=_open,
         first=True),
    Deed("take-down", _("Take it down"), _("It is no longer public."), forms.ReasonForm,
         lambda it, v, file, by, now: needs.take_down(it, v["reason"], by=by, now=now), _KEEP, fits=_open, grave=True),
)  # fmt: skip


def _stands(sale: Sale) -> bool:
    return sale.cancelled_at is None


SALE = (
    Deed("share", _("Say what a household earned"), _("The household's share is recorded."), forms.ShareForm,
         lambda it, v, file, by, now: sales.share(it, v["household_number"], v["income_cny"], by=by, now=now), _KEEP,
         fits=_stands),
    Deed("cancel", _("Cancel the order"), _("The order counts no longer."), forms.ReasonForm,
         lambda it, v, file, by, now: sales.cancel(it, v["reason"], by=by, now=now), _KEEP, fits=_stands, grave=True),
)  # fmt: skip
