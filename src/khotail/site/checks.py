"""What `khotail manage check` looks over besides Django's own checks. Each finding is a sentence that says what to do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from khotail.site.problems import WronglyOrdered
from khotail.texts import Text


@register(Tags.security, deploy=True)
def mail(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Flaws in the settings of e-mail."""
    return [Warning(_said(flaw), id="khotail.W001") for flaw in settings.KHOTAIL_MAIL.flaws]


@register(Tags.database)
def ordering(app_configs: Any = None, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """A PostgreSQL database that orders text otherwise than by code point. Asked for by `--database default`."""
    wrong = [wrongly_ordered(connections[alias]) for alias in databases or ()]
    return [Error(_said(each.text), id="khotail.E001") for each in wrong if each is not None]


def wrongly_ordered(connection: BaseDatabaseWrapper) -> WronglyOrdered | None:
    """The problem with a PostgreSQL database whose collation is not C; None if there is none, and for SQLite.

    A region is a range of codes, from 1522 to 1522: (`khotail.trail.scope`). Under the collation of a language the colon
    comes before the digits, and nobody sees anything. It is tried out, since its name alone does not tell: libc, ICU and
    PostgreSQL's own have different ones.
    """
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT '1522:' > '15229' AND 'B' < 'a' AND '1 2' < '12', datname, datcollate
            FROM pg_database
            WHERE datname = current_database()
            """
        )
        by_code_point, name, collation = cursor.fetchone()
    return None if by_code_point else WronglyOrdered(name=name, collation=collation)


def _said(text: Text) -> str:
    return text.en if os.environ.get("KHOTAIL_LANG", "").lower().startswith("en") else text.zh
