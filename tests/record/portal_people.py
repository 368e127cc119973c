"""A resident in a browser, and what their household has."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from django.test import Client

from khotail.accounts.sms import Memory
from khotail.register.models import Household, Person, Statement
from khotail.register.sealed import phone_digest

PHONE, NEIGHBOURS_PHONE = "13800000001", "13800000009"


def give_phone(household: Household, phone: str) -> Person:
    person = household.members.order_by("id").first()
    person.phone, person.phone_digest = phone, phone_digest(phone)
    person.save()
    return person


def ask(client: Client, capture: Callable, phone: str = PHONE) -> str:
    """Ask for a code on the page; returns the one that was sent, "" if none was."""
    Memory.sent.clear()
    with capture(execute=True):
        client.post("/my/sign-in/", {"step": "ask", "phone": phone})
    return re.search(r"\d{6}", Memory.sent[-1][1])[0] if Memory.sent else ""


def sign_in(capture: Callable, phone: str = PHONE) -> Client:
    client = Client()
    code = ask(client, capture, phone)
    answer = client.post("/my/sign-in/", {"step": "enter", "phone": phone, "code": code})
    assert answer.status_code == 302, answer.content.decode()
    return client


def state(
    household: Household, table: str, values: dict, now: datetime, person: Person | None = None, key: str = ""
) -> None:
    Statement.objects.create(
        table=table, household=household, person=person, region_code=household.region_code, values=values, key=key,
        as_of=now.date(), source="register", recorded_at=now,
        digest=f"{table}{key}{household.pk}{person.pk if person else ''}"[:32],
    )  # fmt: skip
