"""What administrators do with people's accounts, and people with their own. Each leaves an event in the trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from khotail.accounts.devices import end_all
from khotail.accounts.models import LEVEL_OF_DIGITS, Officer
from khotail.accounts.passwords import digest_of_first, first_password
from khotail.accounts.problems import (
    AlreadyWithdrawn,
    BadValue,
    NameTaken,
    NoDepartment,
    NoTotp,
    NotWithdrawn,
    NotYourPerson,
    OutsideYourRegion,
    UnknownPlace,
    UnknownRole,
    WrongLevel,
    YourOwnAccount,
)
from khotail.accounts.queries import manages, require
from khotail.accounts.roles import LEVEL_NAMES, LEVELS, ROLE_NAMES, May, Role
from khotail.facts.regions import Regions
from khotail.trail.chain import record

#: Where an officer's own details are told of, these are masked.
_MASKED = ("phone", "email")
_CHANGEABLE = ("full_name", "role", "region_code", "department", "phone", "email")
_OWN = ("language", "phone", "email", "by_email", "by_sms")


class Created(NamedTuple):
    """A person and their first password, which is kept nowhere else in clear."""

    officer: Officer
    first_password: str


@transaction.atomic
def create_officer(
    by: Officer | None,
    *,
    username: str,
    full_name: str,
    role: str,
    region_code: str,
    now: datetime,
    department: str = "",
    phone: str = "",
    email: str = "",
    language: str = "zh-hans",
) -> Created:
    """Create somebody within the administrator's region.

    by  None for the first administrator of an installation, created from the command line
    Raises NotAllowed, OutsideYourRegion, UnknownPlace, UnknownRole, WrongLevel, NoDepartment, BadValue, NameTaken.
    """
    password = first_password()
    officer = Officer(
        username=username.strip().lower(), full_name=full_name.strip(), role=role, region_code=region_code,
        department=department.strip(), phone=phone.strip(), email=email.strip(), language=language,
        must_change_password=True, created_by=by, password=digest_of_first(password),
    )  # fmt: skip
    if by is not None:
        require(by, May.MANAGE_PEOPLE)
        _check_region_is_within(by, region_code)
    check(officer)
    if Officer.objects.filter(username__iexact=officer.username).exists():
        raise NameTaken(username=officer.username)
    try:
        with transaction.atomic():
            officer.save(force_insert=True)
    except IntegrityError as error:  # somebody else took the name at the same moment
        raise NameTaken(username=officer.username) from error
    record(by, "officer.created", officer, at=now, role=role, department=officer.department)
    return Created(officer, password)


@transaction.atomic
def change_officer(officer: Officer, *, by: Officer, now: datetime, **changes: str) -> Officer:
    """Change name, role, region, department, phone or e-mail. What stays the same leaves no event.

    Raises NotYourPerson, YourOwnAccount, OutsideYourRegion and what `create_officer` raises for bad values.
    """
    officer = _locked(officer, by)
    before = {name: getattr(officer, name) for name in _CHANGEABLE}
    for name in _CHANGEABLE:
        setattr(officer, name, changes.get(name, before[name]).strip())
    changed = [name for name in _CHANGEABLE if getattr(officer, name) != before[name]]
    if not changed:
        return officer
    _check_region_is_within(by, officer.region_code)
    check(officer)
    return _save_changed(officer, before, changed, by=by, verb="officer.changed", now=now)


@transaction.atomic
def withdraw_officer(officer: Officer, *, by: Officer, now: datetime, reason: str = "") -> Officer:
    """End somebody's access: sessions and tokens at once. What they did stays. Raises also AlreadyWithdrawn."""
    officer = _locked(officer, by)
    if not officer.is_active:
        raise AlreadyWithdrawn(name=officer.full_name)
    officer.is_active = False
    officer.sessions_ended += 1
    officer.save(update_fields=("is_active", "sessions_ended"))
    end_all(officer)
    tokens = officer.tokens.filter(withdrawn_at=None).update(withdrawn_at=now)
    record(by, "officer.withdrawn", officer, at=now, reason=reason.strip(), tokens_withdrawn=tokens)
    return officer


@transaction.atomic
def restore_officer(officer: Officer, *, by: Officer, now: datetime) -> Created:
    """Let somebody sign in again, with a new first password; old sessions and tokens stay ended. Raises NotWithdrawn."""
    officer = _locked(officer, by)
    if officer.is_active:
        raise NotWithdrawn(name=officer.full_name)
    officer.is_active = True
    password = _give_first_password(officer, "is_active")
    record(by, "officer.restored", officer, at=now)
    return Created(officer, password)


@transaction.atomic
def reset_password(officer: Officer, *, by: Officer, now: datetime) -> Created:
    """A new first password, shown once; sessions and tokens end, so that whoever used the old one is out."""
    officer = _locked(officer, by)
    if not officer.is_active:
        raise AlreadyWithdrawn(name=officer.full_name)
    password = _give_first_password(officer)
    tokens = officer.tokens.filter(withdrawn_at=None).update(withdrawn_at=now)
    record(by, "officer.password_reset", officer, at=now, tokens_withdrawn=tokens)
    return Created(officer, password)


@transaction.atomic
def reset_totp(officer: Officer, *, by: Officer, now: datetime) -> Officer:
    """Remove the authenticator app and the recovery codes of somebody who lost them; sessions end. Raises NoTotp."""
    officer = _locked(officer, by)
    removed, _ = officer.authenticator_set.all().delete()
    if not removed:
        raise NoTotp(name=officer.full_name)
    officer.sessions_ended += 1
    officer.save(update_fields=("sessions_ended",))
    end_all(officer)
    record(by, "officer.totp_reset", officer, at=now)
    return officer


@transaction.atomic
def change_own(officer: Officer, *, now: datetime, **changes: Any) -> Officer:
    """Change one's own language, phone, e-mail and ways of being notified. Raises BadValue."""
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    before = {name: getattr(officer, name) for name in _OWN}
    for name in _OWN:
        setattr(officer, name, changes.get(name, before[name]))
    changed = [name for name in _OWN if getattr(officer, name) != before[name]]
    if not changed:
        return officer
    check(officer)
    return _save_changed(officer, before, changed, by=officer, verb="officer.changed_own", now=now)


@transaction.atomic
def end_other_sessions(officer: Officer, *, own_key: str | None, now: datetime) -> Officer:
    """End every session of the officer but the one with this key, which is renewed by `update_session_auth_hash`."""
    Officer.objects.filter(pk=officer.pk).update(sessions_ended=F("sessions_ended") + 1)
    officer.refresh_from_db(fields=("sessions_ended",))
    end_all(officer, besides=own_key)
    record(officer, "officer.sessions_ended", officer, at=now)
    return officer


def check(officer: Officer) -> None:
    """Raises UnknownRole, UnknownPlace, WrongLevel, NoDepartment or BadValue if the officer's details do not fit."""
    if officer.role not in Role.values:
        raise UnknownRole(role=officer.role)
    if not officer.region_code or not Regions.load().exists(officer.region_code):
        raise UnknownPlace(region=officer.region_code or "“”")
    levels = LEVELS.get(officer.role)
    if levels and LEVEL_OF_DIGITS[len(officer.region_code)] not in levels:
        region = f"{officer.region_code} {Regions.load().name(officer.region_code)}"
        named = [LEVEL_NAMES[level] for level in levels]
        raise WrongLevel(
            role_zh=ROLE_NAMES[officer.role].zh, role_en=ROLE_NAMES[officer.role].en, region=region,
            levels_zh="、".join(one.zh for one in named), levels_en=", ".join(one.en for one in named),
        )  # fmt: skip
    if officer.role == Role.DEPARTMENT_OFFICER and not officer.department:
        raise NoDepartment
    try:
        officer.clean_fields(exclude=("password", "created_by"))
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise BadValue(field=Officer._meta.get_field(name).verbose_name, why=" ".join(messages)) from error


def _locked(officer: Officer, by: Officer) -> Officer:
    """The officer's row as it is now, held until the action ends. Raises NotAllowed, YourOwnAccount, NotYourPerson."""
    require(by, May.MANAGE_PEOPLE)
    if officer.pk == by.pk:
        raise YourOwnAccount
    officer = Officer.objects.select_for_update().get(pk=officer.pk)
    if not manages(by, officer):
        raise NotYourPerson(name=officer.full_name)
    return officer


def _check_region_is_within(by: Officer, region_code: str) -> None:
    if not region_code.startswith(by.region_code):
        raise OutsideYourRegion(region=region_code, own=by.region_code)


def _give_first_password(officer: Officer, *also: str) -> str:
    password = first_password()
    officer.password = digest_of_first(password)
    officer.must_change_password = True
    officer.sessions_ended += 1
    officer.save(update_fields=("password", "must_change_password", "sessions_ended", *also))
    end_all(officer)
    return password


def _save_changed(
    officer: Officer, before: dict[str, Any], changed: list[str], *, by: Officer, verb: str, now: datetime
) -> Officer:
    officer.save(update_fields=changed)
    record(
        by, verb, officer, at=now, before=_shown({name: before[name] for name in changed}),
        after=_shown({name: getattr(officer, name) for name in changed}),
    )  # fmt: skip
    return officer


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    return {name: f"***{value[-2:]}" if name in _MASKED and value else value for name, value in values.items()}
