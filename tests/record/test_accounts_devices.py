"""Where somebody is signed in: listed with words for the device, ended one by one or all, and with the account."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from khotail.accounts import actions
from khotail.accounts.devices import kind_of
from khotail.accounts.models import Device
from khotail.trail.models import Event
from tests.record.conftest import PASSWORD

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"
WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/122.0 Mobile Safari/537.36 MicroMessenger/8.0.49"
PAGE = "/people/me/sessions/"


def browser(name: str = "helper", agent: str = WINDOWS, address: str = "10.0.0.1") -> Client:
    """Signed in through the form."""
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR=address)
    assert client.post(reverse("account_login"), {"login": name, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        (WINDOWS, ("Chrome", "Windows")),
        (WINDOWS + " Edg/126.0", ("Edge", "Windows")),
        (WECHAT, ("微信 WeChat", "Android")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", ("Safari", "iPhone")),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) Chrome/114.0 Mobile Safari/537.36", ("Chrome", "HarmonyOS")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", ("Firefox", "Linux")),
        ("", ("", "")),
        ("<script>", ("", "")),
    ],
)
def test_a_user_agent_is_told_in_words(agent, kind):
    assert kind_of(agent) == kind


def test_each_sign_in_is_listed_with_its_device_address_and_time(officers):
    desk, _ = browser(), browser(agent=WECHAT, address="10.0.0.7")
    browser("village_cadre", agent="<script>alert(1)</script>")
    page = desk.get(PAGE).content.decode()
    assert "Chrome · Windows" in page and "微信 WeChat · Android" in page and "10.0.0.7" in page
    assert page.count("last seen") == 2 and page.count("This one") == 1 and "<script>alert" not in page


def test_one_session_is_ended_and_the_others_stay(officers):
    desk, phone, other = browser(), browser(agent=WECHAT), browser("village_cadre")
    device = Device.objects.get(agent=WECHAT)
    assert other.post(reverse("session_end", args=[device.pk])).status_code == 404
    assert is_in(phone)
    assert desk.post(reverse("session_end", args=[device.pk])).status_code == 302
    assert not is_in(phone) and is_in(desk) and is_in(other)
    assert desk.post(reverse("session_end", args=[device.pk])).status_code == 404
    assert Event.objects.filter(verb="officer.session_ended", subject_id=str(officers["helper"].pk)).count() == 1


def test_all_others_are_ended_and_this_one_stays_listed(officers):
    desk, phone = browser(), browser(agent=WECHAT)
    assert desk.post(reverse("sessions_end")).status_code == 302
    assert is_in(desk) and not is_in(phone)
    assert [device.agent for device in Device.objects.all()] == [WINDOWS]
    assert "This one" in desk.get(PAGE).content.decode()  # its session has another key by now


def test_a_change_of_password_ends_every_other_session(officers):
    desk, phone = browser(), browser(agent=WECHAT)
    changed = {"oldpassword": PASSWORD, "password1": "another-long-1", "password2": "another-long-1"}
    assert desk.post(reverse("account_change_password"), changed).status_code == 302
    assert is_in(desk) and not is_in(phone)
    assert Device.objects.get().session_key == desk.session.session_key and Session.objects.count() == 1


@pytest.mark.parametrize("action", [actions.withdraw_officer, actions.reset_password])
def test_withdrawal_and_a_new_first_password_end_all_of_them(officers, action):
    desk, phone = browser(), browser(agent=WECHAT)
    action(officers["helper"], by=officers["administrator"], now=timezone.now())
    assert not is_in(desk) and not is_in(phone) and not Device.objects.exists()
    assert not Session.objects.filter(session_key__in=[desk.session.session_key, phone.session.session_key]).exists()


def test_signing_out_and_an_expired_session_leave_nothing_in_the_list(officers):
    desk, phone = browser(), browser(agent=WECHAT)
    phone.post(reverse("account_logout"))
    assert Device.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    again = browser(agent=WECHAT)
    assert Device.objects.count() == 1 and again.get(PAGE).content.decode().count("last seen") == 1
    assert not is_in(desk)


def test_a_page_costs_no_query_more_and_last_seen_follows(officers, django_assert_num_queries):
    client = browser()
    Device.objects.update(seen_at=timezone.now() - timedelta(hours=2))
    with django_assert_num_queries(3):  # session, officer, the page itself
        client.get(PAGE)
    session = client.session
    session["device_at"] -= 3600
    session.save()
    client.get(PAGE)
    assert timezone.now() - Device.objects.get().seen_at < timedelta(minutes=1)
