"""Words of the fund and project pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from khotail.desk.regions import name_of
from khotail.desk.templatetags.khotail import spoken
from khotail.funds.models import Account
from khotail.rulebook.routes import FIELDS

register = template.Library()


@register.filter
def department_name(department: str) -> str:
    return spoken(FIELDS.get(department, department))


@register.filter
def holder(account: Account) -> str:
    """Who has, gave or got the money of an account."""
    if account.kind == Account.Kind.ORIGIN:
        return _("the source")
    if account.project is None:
        return name_of(account.region_code)
    if account.kind == Account.Kind.PAID:
        return _("paid for %(project)s") % {"project": account.project.name}
    return account.project.name


@register.filter
def per_cent(share: Any) -> str:
    """A share from 0 to 1, to a tenth of a per cent."""
    return "—" if share is None else f"{100 * float(share):.1f} %"


@register.filter
def score_class(score: int) -> str:
    return "chip-high" if score <= 1 else "chip-medium" if score <= 2 else "chip-done" if score >= 4 else ""


@register.filter
def part(amounts: Any, name: str) -> Any:
    """One of several amounts by its name: of a level, of a kind of project."""
    return amounts[name]
