"""What can be done with a project, a milestone, a payment, a household's tie and an asset: one row for each."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.desk import project_forms as forms
from khotail.desk.deeds import Deed, ThingForm
from khotail.funds import assets, industry, milestones, payments, projects, receiving, ties
from khotail.funds.models import Account, Asset, Fund, Milestone, Participation, Payment, Project
from khotail.funds.problems import NotFound

_KEEP, _APPROVE, _FUNDS = (May.KEEP_PROJECTS,), (May.APPROVE_PAYMENTS,), (May.KEEP_FUNDS,)
_State = Project.State


def _open(project: Project) -> bool:
    return project.state in Project.OPEN


def _has_money(project: Project) -> bool:
    return project.state != _State.GIVEN_UP and project.accounts.filter(kind=Account.Kind.PROJECT).exists()


def _industry(project: Project) -> bool:
    return project.kind == Project.Kind.INDUSTRY and project.state != _State.GIVEN_UP


def _fund(values: dict[str, Any]) -> Fund:
    found = Fund.objects.filter(pk=int(values["fund"])).first()
    if found is None:
        raise NotFound
    return found


def _pay(project: Project, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    return payments.ask(
        project, _fund(values), values["amount"], values["payee"], values["purpose"], by=by, now=now,
        files=[file] if file else [], key=values["key"],
    )  # fmt: skip


def _examine(project: Project, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    notes = {name: values[f"{name}_note"] for name in industry.FIELDS}
    return industry.examine(project, values["on"], values, notes, by=by, now=now)


def _hand_over(project: Project, values: dict[str, Any], file: Any, by: Officer, now: datetime) -> Any:
    return assets.hand_over(
        project, values["name"], values["kind"], values["value"], values["keeper_kind"], values["keeper"],
        region_code=values["region_code"], on=values["on"], by=by, now=now,
    )  # fmt: skip


PROJECT = (
    Deed("begin", _("Work has begun"), _("The project is under way."), forms.DayForm,
         lambda it, v, file, by, now: projects.begin(it, v["on"], by=by, now=now), _KEEP,
         fits=lambda it: it.state == _State.PLANNED, first=True),
    Deed("milestone", _("Set a milestone"), _("The milestone is set."), forms.MilestoneForm,
         lambda it, v, file, by, now: milestones.add_milestone(it, v["title"], v["department"], v["due_on"], by=by, now=now),
         _KEEP, fits=_open),
    Deed("pay", _("Ask for a payment"), _("Asked. Somebody else approves it."), forms.PaymentForm, _pay, _KEEP,
         fits=_has_money, file=_("Contract or invoice")),
    Deed("examine", _("Write a health card"), _("The health card is written."), forms.ExamineForm, _examine, _KEEP, fits=_industry),
    Deed("year", _("State the figures of a year"), _("The figures are on record."), forms.YearForm,
         lambda it, v, file, by, now: industry.state_year(it, v["year"], v, by=by, now=now), _KEEP, fits=_industry),
    Deed("upgrade", _("Record an upgrade"), _("The upgrade is on record."), forms.UpgradeForm,
         lambda it, v, file, by, now: industry.upgrade(it, v["year"], v["what"], by=by, now=now, before=v["before"], after=v["after"]),
         _KEEP, fits=_industry),
    Deed("asset", _("Hand over an asset"), _("The asset has its keeper."), forms.AssetForm, _hand_over, _KEEP,
         fits=lambda it: it.state == _State.ACCEPTED, first=True),
    Deed("paper", _("Add a paper or picture"), _("The paper is kept."), ThingForm,
         lambda it, v, file, by, now: projects.add_papers(it, [file] if file else [], by=by, now=now), _KEEP, file=_("Paper or picture")),
    Deed("give-back", _("Give money back"), _("The money is back with whoever gave it."), forms.GiveBackForm,
         lambda it, v, file, by, now: receiving.give_back(_fund(v), it, v["amount"], v["reason"], on=v["on"], by=by, now=now),
         _FUNDS, fits=_has_money),
    Deed("accept", _("Accept the completed project"), _("The project is accepted. Hand over what it left behind."), forms.AcceptForm,
         lambda it, v, file, by, now: projects.accept(it, v["on"], v["found"], by=by, now=now, files=[file] if file else []),
         _KEEP, fits=lambda it: it.state == _State.UNDER_WAY, file=_("Certificate or picture")),
    Deed("give-up", _("Give the project up"), _("The project is given up."), forms.GiveUpForm,
         lambda it, v, file, by, now: projects.give_up(it, v["on"], v["reason"], by=by, now=now), _KEEP, fits=_open, grave=True),
)  # fmt: skip


def _to_do(milestone: Milestone) -> bool:
    return milestone.done_on is None


MILESTONE = (
    Deed("finish", _("Finish it"), _("The milestone is done."), forms.FinishForm,
         lambda it, v, file, by, now: milestones.finish(it, v["on"], by=by, now=now, said=v["said"]), _KEEP, fits=_to_do, first=True),
    Deed("put-off", _("Put it off"), _("The milestone has a new due day."), forms.PutOffForm,
         lambda it, v, file, by, now: milestones.put_off(it, v["due_on"], v["reason"], by=by, now=now), _KEEP, fits=_to_do),
)  # fmt: skip


def _asked(payment: Payment) -> bool:
    return payment.state == Payment.State.ASKED


PAYMENT = (
    Deed("approve", _("Approve"), _("The payment is approved and posted."), ThingForm,
         lambda it, v, file, by, now: payments.approve(it, by=by, now=now), _APPROVE, fits=_asked, first=True),
    Deed("refuse", _("Refuse"), _("The payment is refused."), forms.ReasonedForm,
         lambda it, v, file, by, now: payments.refuse(it, v["reason"], by=by, now=now), _APPROVE, fits=_asked),
    Deed("withdraw", _("Take it back"), _("The payment is withdrawn."), ThingForm,
         lambda it, v, file, by, now: payments.withdraw(it, by=by, now=now), _KEEP, fits=_asked),
    Deed("reverse", _("Reverse it"), _("The payment is reversed; the money is back with the project."), forms.ReasonedForm,
         lambda it, v, file, by, now: payments.reverse(it, v["reason"], by=by, now=now), _APPROVE,
         fits=lambda it: it.state == Payment.State.PAID, grave=True),
)  # fmt: skip


def _lasts(tie: Participation) -> bool:
    return tie.until is None


TIE = (
    Deed("earned", _("Record what it brought"), _("It is on record."), forms.EarnedForm,
         lambda it, v, file, by, now: ties.earned(it, v["year"], v["amount"], by=by, now=now), _KEEP, first=True),
    Deed("untie", _("It takes part no longer"), _("The household takes part no longer."), forms.DayForm,
         lambda it, v, file, by, now: ties.untie(it, v["on"], by=by, now=now), _KEEP, fits=_lasts, grave=True),
)  # fmt: skip

ASSET = (
    Deed("look", _("Record what was seen"), _("It is on record."), forms.LookForm,
         lambda it, v, file, by, now: assets.look(
             it, v["on"], v["condition"], v["is_used"], by=by, now=now, keeper=v["keeper"], said=v["said"]),
         _KEEP, fits=lambda it: it.condition != Asset.Condition.GONE, first=True),
)  # fmt: skip
