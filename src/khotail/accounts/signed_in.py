"""The officer of a request, read once with what every page asks about them."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from khotail.accounts.models import Officer

#: Asked anew at every request: an account or a second factor that is withdrawn is gone at the next click.
_WITH_STANDING = """
SELECT accounts_officer.*,
       EXISTS (
           SELECT 1 FROM mfa_authenticator
           WHERE mfa_authenticator.user_id = accounts_officer.id AND mfa_authenticator.type = 'totp'
       ) AS totp_found,
       (
           SELECT count(*) FROM accounts_notification
           WHERE accounts_notification.officer_id = accounts_officer.id AND accounts_notification.read_at IS NULL
       ) AS unread_found
FROM accounts_officer
WHERE accounts_officer.id = %s
"""


class Backend(AuthenticationBackend):
    """Signs in as allauth does; who is signed in comes with their second factor and unread notifications in one query."""

    def get_user(self, user_id: Any) -> Officer | None:
        found = next(iter(Officer.objects.raw(_WITH_STANDING, [user_id])), None)
        return found if found is not None and self.user_can_authenticate(found) else None


def has_totp(officer: Officer) -> bool:
    known = getattr(officer, "totp_found", None)
    return officer.authenticator_set.filter(type="totp").exists() if known is None else bool(known)


def unread(officer: Officer) -> int:
    """How many of the officer's notifications nobody has read."""
    known = getattr(officer, "unread_found", None)
    return officer.notifications.filter(read_at=None).count() if known is None else known
