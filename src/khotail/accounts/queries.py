"""Who manages whom, and lists of people."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q, QuerySet

from khotail.accounts.models import Officer, Token
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May, Role


def require(officer: Officer, thing: May) -> None:
    """Raises NotAllowed unless the officer's role may do it."""
    if not officer.may(thing):
        raise NotAllowed


def manages(by: Officer, officer: Officer) -> bool:
    """Whether `by` may change the account of `officer`.

    It must lie within the administrator's region. Another administrator of the same region is beside, not below: only
    whoever created them, or somebody above, may touch them. Nobody manages themselves.
    """
    if not by.may(May.MANAGE_PEOPLE) or by.pk == officer.pk or not officer.region_code.startswith(by.region_code):
        return False
    beside = officer.role == Role.ADMINISTRATOR and officer.region_code == by.region_code
    return not beside or officer.created_by_id == by.pk


def people(by: Officer, *, text: str = "", role: str = "", region_code: str = "", state: str = "") -> QuerySet[Officer]:
    """People of the region that `by` manages, in the order of regions. Raises NotAllowed.

    text   part of a name, or the beginning of a sign-in name
    state  "active", "withdrawn" or "" for both
    """
    require(by, May.MANAGE_PEOPLE)
    rows = Officer.objects.visible_to(by)
    if text := text.strip():
        rows = rows.filter(Q(full_name__contains=text) | Q(username__istartswith=text))
    if role:
        rows = rows.filter(role=role)
    if region_code:
        rows = rows.in_region(region_code)
    if state:
        rows = rows.filter(is_active=state == "active")
    totp = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return rows.annotate(has_totp=Exists(totp)).order_by("region_code", "role", "full_name", "id")


def taken_names() -> set[str]:
    """Every sign-in name, in lower case."""
    return {name.lower() for name in Officer.objects.values_list("username", flat=True)}


def tokens_of(officer: Officer) -> QuerySet[Token]:
    """The officer's tokens that were not withdrawn, newest first."""
    return Token.objects.filter(officer=officer, withdrawn_at=None)


def who_work_in(region_code: str, *roles: str) -> QuerySet[Officer]:
    """People who may sign in, of exactly this region, in one of the roles: whom a step of a case is for."""
    return Officer.objects.filter(region_code=region_code, role__in=roles, is_active=True)


def names(officers: Iterable[int]) -> dict[int, str]:
    """id → name, in one query."""
    return dict(Officer.objects.filter(pk__in=set(officers)).values_list("pk", "full_name"))
