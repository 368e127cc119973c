"""Sign-in by allauth, as Khotail wants it: nobody signs up, and a lock-out says how long it lasts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from khotail.accounts import devices
from khotail.accounts.models import Device, Officer
from khotail.trail.chain import record

_LIMIT = {"app": "allauth.account", "action": "login_failed"}


class Adapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("The sign-in name or the password is not right."),
        "incorrect_password": _("The password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: an administrator creates people."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        key = self._get_login_attempts_cache_key(request, **credentials)
        self._login_failed_rl_usage = ratelimit.consume(request, key=key, **_LIMIT)
        if not self._login_failed_rl_usage:
            minutes = math.ceil(_seconds_locked(request, key) / 60)
            sentence = ngettext(
                "Too many failed attempts. Try again in %(minutes)d minute.",
                "Too many failed attempts. Try again in %(minutes)d minutes.",
                minutes,
            )
            raise ValidationError(sentence % {"minutes": minutes}, code="too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Leave an event when this failure was the one that locks an officer's name."""
        key = self._get_login_attempts_cache_key(request, **credentials)
        if ratelimit.consume(request, key=key, dry_run=True, **_LIMIT):
            return
        officer = Officer.objects.filter(username__iexact=credentials.get("username", "")).first()
        if officer is not None:
            record(None, "officer.locked_out", officer, at=timezone.now())

    def login(self, request: HttpRequest, user: Officer) -> None:
        super().login(request, user)
        now = timezone.now()
        devices.begin(request, user, now)
        record(user, "officer.signed_in", user, at=now)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record(request.user, "officer.signed_out", request.user, at=timezone.now())
            Device.objects.filter(session_key=request.session.session_key).delete()
        super().logout(request)

    def set_password(self, user: Officer, password: str) -> None:
        """Store a password that the officer chose; a first password is done with, and every other session ends."""
        user.must_change_password = False
        super().set_password(user, password)
        devices.end_all(user, besides=self.request.session.session_key)
        record(user, "officer.changed_password", user, at=timezone.now())


class MfaAdapter(DefaultMFAAdapter):
    """Keeps the secrets of authenticator apps and the seeds of recovery codes sealed."""

    def get_totp_label(self, user: Officer) -> str:
        return user.username

    def encrypt(self, text: str) -> str:
        return _fernet().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _fernet().decrypt(encrypted_text.encode()).decode()


def _seconds_locked(request: HttpRequest, key: str) -> float:
    """How long until the oldest of the failures that lock this name or address is forgotten."""
    now = time.time()
    longest = 1.0
    for rate in ratelimit.get_rates(**_LIMIT):
        history = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **_LIMIT), [])
        if len(history) >= rate.amount:
            longest = max(longest, history[-1] + rate.duration - now)
    return longest


def _fernet() -> Fernet:
    key = hmac.new(settings.KHOTAIL_DATA_KEY, b"authenticators", hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))
