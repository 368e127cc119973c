"""The desk's navigation: one table, of which each reader sees what the role may."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khotail.accounts.roles import MAY, May
from khotail.desk.addresses import address

#: Items that fit into the bottom bar of a phone; the others are under "More".
_IN_BAR = 4


@dataclass(frozen=True)
class Item:
    url_name: str
    label: Promise
    icon: str
    needs: May | None = None
    unless: May | None = None


ITEMS = (
    Item("home", _("Today"), "home"),
    Item("households", _("Households"), "households", May.SEE_REGISTER),
    Item("leads", _("Leads"), "leads", May.SEE_CASES),
    Item("lead_raise", _("Raise a lead"), "leads", May.RAISE_LEADS, unless=May.SEE_CASES),
    Item("cases", _("Cases"), "cases", May.SEE_CASES),
    Item("issues", _("Issues"), "issues", May.SEE_ISSUES),
    Item("issue_raise", _("Raise an issue"), "issues", May.RAISE_ISSUES, unless=May.SEE_ISSUES),
    Item("visit_rounds", _("Visits"), "visits", May.PLAN_VISITS),
    Item("visits_app", _("Visits"), "visits", May.MAKE_VISITS, unless=May.PLAN_VISITS),
    Item("help_and_policies", _("Help and policies"), "cases", May.SEE_HELP),
    Item("help_and_policies", _("Help and policies"), "cases", May.SEE_FUNDS, unless=May.SEE_HELP),
    Item("corrections", _("Corrections"), "corrections", May.EDIT_REGISTER),
    Item("batches", _("Files"), "intake", May.SEND_FILES),
    Item("audit", _("Data audit"), "audit", May.SEE_AUDIT),
    Item("runs", _("Screening"), "screening", May.SCREEN),
    Item("rulebook", _("Rulebook"), "rulebook", May.CHANGE_RULEBOOK),
    Item("jobs", _("Long work"), "jobs"),
    Item("officers", _("People"), "people", May.MANAGE_PEOPLE),
    Item("trail", _("Audit trail"), "trail", May.SEE_TRAIL),
)


@dataclass(frozen=True)
class Link:
    address: str
    label: Promise
    icon: str
    here: bool


@dataclass(frozen=True)
class Navigation:
    links: tuple[Link, ...]
    here: str = ""  # address of the link that is marked

    @property
    def bar(self) -> tuple[Link, ...]:
        return self.links[:_IN_BAR]

    @property
    def later(self) -> tuple[Link, ...]:
        return self.links[_IN_BAR:]


def navigation(role: str, path: str) -> Navigation:
    """The links of a role, with the one marked that the page at `path` belongs to."""
    found = _of_role(role)
    here = max((target for _item, target in found if _belongs(path, target)), key=len, default="")
    return Navigation(tuple(Link(target, item.label, item.icon, target == here) for item, target in found), here)


@functools.cache
def _of_role(role: str) -> tuple[tuple[Item, str], ...]:
    return tuple(
        (item, target)
        for item in ITEMS
        if (item.needs is None or item.needs in MAY[role])
        and item.unless not in MAY[role]
        and (target := address(item.url_name))
    )


def _belongs(path: str, target: str) -> bool:
    return path == target if target == "/" else path.startswith(target)
