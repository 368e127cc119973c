"""First steps of an installation: tables, regions, the first administrator."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from khotail.accounts.actions import Created, create_officer
from khotail.accounts.models import Officer
from khotail.accounts.roles import Role
from khotail.facts.regions import check_region
from khotail.register.regions import load_regions
from khotail.site.checks import wrongly_ordered
from khotail.site.problems import AlreadySetUp, DatabaseAway
from khotail.visits.forms import publish_rulebook_forms


def migrate() -> None:
    """Bring the tables up to this version. Raises DatabaseAway, WronglyOrdered."""
    settings.KHOTAIL_HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
    Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise DatabaseAway(what=str(error).splitlines()[0]) from error
    if problem := wrongly_ordered(connection):
        raise problem
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def set_up(banner: str, *, username: str, full_name: str, now: datetime) -> Created | None:
    """Prepare the installation of one banner; may be run again. Gives the first administrator, if there was none.

    Raises khotail.facts.problems.UnknownRegion, AlreadySetUp, DatabaseAway, WronglyOrdered.
    """
    check_region(banner)
    if settings.KHOTAIL_BANNER not in ("", banner):
        raise AlreadySetUp(banner=settings.KHOTAIL_BANNER, asked=banner)
    migrate()
    load_regions(banner)
    remember_banner(banner)
    publish_rulebook_forms(now)
    if Officer.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exists():
        return None
    return create_officer(
        None, username=username, full_name=full_name, role=Role.ADMINISTRATOR, region_code=banner, now=now
    )


def remember_banner(banner: str) -> None:
    """Kept in the home folder; `khotail.site.settings` reads it."""
    (settings.KHOTAIL_HOME / "banner").write_text(banner + "\n")
    settings.KHOTAIL_BANNER = banner
