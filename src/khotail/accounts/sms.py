"""Ways to send a short message. `settings.KHOTAIL_SMS_BACKEND` names the one in use."""

from __future__ import annotations

import json
import sys
import urllib.request
from typing import ClassVar, Protocol

from django.conf import settings
from django.core.cache import cache
from django.utils.module_loading import import_string

_SECONDS = 10
_SHOWN_SECONDS = 300


class Backend(Protocol):
    def send(self, phone: str, text: str) -> None:
        """Hand one message over. Raises OSError if the gateway did not take it."""


def send(phone: str, text: str) -> None:
    """Send through the installation's backend."""
    backend: Backend = import_string(settings.KHOTAIL_SMS_BACKEND)()
    backend.send(phone, text)


class Console:
    """Writes the message to the log's stream instead of sending it; the number is hidden."""

    def send(self, phone: str, text: str) -> None:
        print(f"SMS to ***{phone[-2:]}: {text}", file=sys.stderr)


class Shown(Console):
    """The demo's: writes to the log's stream, and keeps the message for the page that waits for the code."""

    def send(self, phone: str, text: str) -> None:
        super().send(phone, text)
        if settings.KHOTAIL_DEMO:
            cache.set(f"sms-shown:{phone}", text, _SHOWN_SECONDS)


def shown_to(phone: str) -> str:
    """The demo's newest message to a phone; "" elsewhere, and when it is old."""
    return str(cache.get(f"sms-shown:{phone}", "")) if settings.KHOTAIL_DEMO else ""


class Memory:
    """Keeps messages in `Memory.sent`, for tests."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, phone: str, text: str) -> None:
        self.sent.append((phone, text))


class Gateway:
    """POSTs JSON to `KHOTAIL_SMS_URL`, with `KHOTAIL_SMS_KEY` as bearer token.

    The gateway's own names for the two fields are set by `KHOTAIL_SMS_FIELDS`, such as "mobile,content". Any answer of
    200 to 299 counts as taken.
    """

    def send(self, phone: str, text: str) -> None:
        url = settings.KHOTAIL_SMS_URL
        if not url.startswith(("https://", "http://")):
            raise OSError("KHOTAIL_SMS_URL is not set")
        phone_field, text_field = settings.KHOTAIL_SMS_FIELDS.split(",")
        request = urllib.request.Request(
            url,
            data=json.dumps({phone_field: phone, text_field: text}, ensure_ascii=False).encode(),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "Authorization": f"Bearer {settings.KHOTAIL_SMS_KEY}",
            },
        )
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            answer.read(1024)
