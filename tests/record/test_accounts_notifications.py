import json
import logging
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from django.core import mail

from khotail.accounts import sms
from khotail.accounts.catalogue import KINDS
from khotail.accounts.models import Notification, Officer
from khotail.accounts.notifications import mark_read, notify, send_digests, sentence_of
from khotail.texts import Text

STEP = {"household": "D0001", "step": Text("村级评议", "Village review"), "due": "2026-06-10"}


@pytest.fixture
def reachable(officers):
    sms.Memory.sent.clear()
    Officer.objects.filter(username="village_cadre").update(
        by_email=True, email="cadre@example.org", by_sms=True, phone="13800001234", language="en"
    )
    Officer.objects.filter(username="helper").update(by_email=False, email="helper@example.org")
    return {key: Officer.objects.get(username=key) for key in ("village_cadre", "helper")}


@pytest.mark.parametrize("kind", KINDS)
def test_every_sentence_names_the_same_things_in_both_languages(kind):
    import string

    names = [{name for _, name, _, _ in string.Formatter().parse(text) if name}
             for text in (KINDS[kind].sentence.zh, KINDS[kind].sentence.en)]  # fmt: skip
    assert names[0] == names[1]


def test_what_is_urgent_is_sent_once_the_action_is_committed(reachable, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        notify(reachable.values(), "step-late", "/cases/1/", now, **STEP)
        assert not mail.outbox
    assert [one.to for one in mail.outbox] == [["cadre@example.org"]]  # the helper did not ask for it
    assert "“Village review” for household D0001" in mail.outbox[0].subject
    assert sms.Memory.sent[0][0] == "13800001234"
    assert Notification.objects.filter(sent_at=None).count() == 1
    assert sentence_of(Notification.objects.first()).zh.startswith("已经超期：户 D0001 的“村级评议”")


def test_leads_wait_for_one_digest_a_day(reachable, now, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(30):
            notify(reachable["village_cadre"], "lead-new", "/leads/", now, household=f"D{number}", due="2026-06-10")
    assert not mail.outbox
    assert send_digests(now + timedelta(hours=20)) == 1
    assert len(mail.outbox) == 1 and "30 new messages" in mail.outbox[0].subject
    assert "and 10 more" in mail.outbox[0].body
    assert send_digests(now + timedelta(hours=21)) == 0 and len(mail.outbox) == 1


def test_news_that_was_read_or_is_old_is_not_sent(reachable, now):
    notify(reachable["village_cadre"], "leads-new", "/leads/", now, count=3)
    assert mark_read(reachable["helper"], now) == 0
    assert mark_read(reachable["village_cadre"], now) == 1
    assert send_digests(now) == 0
    notify(reachable["village_cadre"], "leads-new", "/leads/", now - timedelta(days=30), count=3)
    assert send_digests(now) == 0


def test_a_gateway_that_is_down_breaks_nothing_and_the_digest_tries_again(
    reachable, now, settings, caplog, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND, settings.KHOTAIL_SMS_BACKEND = "nowhere.Backend", "khotail.accounts.sms.Gateway"
    settings.KHOTAIL_SMS_URL = "http://127.0.0.1:9/"
    with caplog.at_level(logging.WARNING), django_capture_on_commit_callbacks(execute=True):
        notify(reachable["village_cadre"], "step-late", "/cases/1/", now, **STEP)
    assert "13800001234" not in caplog.text and "cadre@" not in caplog.text and "URLError" in caplog.text
    assert send_digests(now) == 0
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_digests(now) == 1


def test_people_withdrawn_are_told_nothing_and_nobody_is_told_twice(reachable, now):
    reachable["helper"].is_active = False
    rows = notify([*reachable.values(), *reachable.values()], "leads-new", "/leads/", now, count=1)
    assert [row.officer for row in rows] == [reachable["village_cadre"]]


def test_an_unknown_kind_or_a_missing_value_is_a_mistake_of_ours(reachable, now):
    with pytest.raises(KeyError):
        notify(reachable["helper"], "no-such-kind", "/", now)
    with pytest.raises(KeyError):
        notify(reachable["helper"], "lead-new", "/", now, household="D0001")
    assert sentence_of(Notification(kind="of-a-later-version", values={})).en == "of-a-later-version"


def test_the_gateway_gets_json_with_its_own_field_names(settings):
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(200 if len(received) == 1 else 500)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.KHOTAIL_SMS_URL = f"http://127.0.0.1:{server.server_port}/send"
    settings.KHOTAIL_SMS_KEY, settings.KHOTAIL_SMS_FIELDS = "key", "mobile,content"
    sms.Gateway().send("13800001234", "您有 3 条新消息")
    assert received == [("Bearer key", {"mobile": "13800001234", "content": "您有 3 条新消息"})]
    with pytest.raises(OSError):
        sms.Gateway().send("13800001234", "again")
    server.shutdown()
