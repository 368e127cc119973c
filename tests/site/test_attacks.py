"""What comes from outside, before anybody has signed in, and what an answer or a log leaves behind."""

import io
import logging
import time

import pytest
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db import DataError
from django.test import Client

from khotail.accounts.tokens import make_token
from khotail.site import backups
from khotail.site import settings as ours
from khotail.site.logs import WithoutData
from tests.record.conftest import *  # noqa: F403

_LARGE = str(26 << 20)
ID_NUMBER = "152221198001011234"


@pytest.mark.parametrize("path", ["/accounts/sign-in/", "/intake/new/", "/language/", "/nowhere/", "/api/batches"])
def test_a_large_body_from_somebody_unknown_is_refused_before_it_is_read(client, db, path):
    headers = {"Authorization": "Bearer kht_guessed"} if path.startswith("/api/") else {}
    answer = client.generic(
        "POST", path, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=_LARGE, headers=headers
    )
    assert answer.status_code == 413 and answer["Connection"] == "close"


def test_people_and_programs_that_are_known_may_send_as_much_as_ever(officers, now, signed_in, rf):
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpResponse

    from khotail.site.limits import Limits

    limits = Limits(lambda request: HttpResponse("taken"))
    secret = make_token(officers["banner_officer"], "program", None, now=now).secret
    for user, token, expected in (
        (officers["banner_officer"], "", 200), (AnonymousUser(), secret, 200), (AnonymousUser(), "kht_x", 413),
    ):  # fmt: skip
        request = rf.post("/api/batches", CONTENT_LENGTH=_LARGE, headers={"Authorization": f"Bearer {token}"})
        request.user = user
        assert limits(request).status_code == expected


@pytest.mark.parametrize(
    "path", ["/", "/register/{}/", "/leads/", "/people/", "/trail/", "/people/me/", "/leads/?export=xlsx",
             "/intake/", "/api/households/{}", "/api/me", "/accounts/sign-in/"],
)  # fmt: skip
def test_no_page_and_no_download_stays_on_a_shared_computer(signed_in, household, path):
    answer = signed_in("administrator").get(path.format(household.pk))
    assert answer.status_code in (200, 302) and "no-store" in answer["Cache-Control"]


def test_a_lock_out_is_not_forgotten_because_many_others_try(db):
    call_command("createcachetable", "attacked", verbosity=0)
    cache = DatabaseCache("attacked", ours.CACHES["default"])
    cache.set("a-lock-out", "locked", 900)
    for number in range(400):
        cache.set(f"failure-{number}", [time.time()], 900)
    assert cache.get("a-lock-out") == "locked"


def test_the_session_before_the_sign_in_is_not_the_one_after_it(officers, client):
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    client.post("/accounts/sign-in/", {"login": "helper", "password": PASSWORD})  # noqa: F405
    assert client.cookies["sessionid"].value != planted
    other = Client()
    other.cookies["sessionid"] = planted
    assert other.get("/people/me/").status_code == 302


@pytest.mark.parametrize(
    "path", ["/api/leads", "/api/runs", "/api/households/{}/documents", "/intake/new/", "/people/new/", "/filters/",
             "/language/", "/accounts/sign-out/", "/register/export/", "/register/{}/move/"],
)  # fmt: skip
def test_nothing_is_written_without_the_pages_own_token(officers, household, path):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officers["administrator"])
    assert browser.post(path.format(household.pk), {}).status_code == 403


@pytest.fixture
def log():
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(WithoutData("{levelname} {message}", style="{"))
    logger = logging.getLogger("attacked")
    logger.addHandler(handler)
    yield logger, written
    logger.removeHandler(handler)


def test_the_log_names_the_kind_and_place_of_an_error_and_not_the_row(log):
    logger, written = log
    try:
        raise DataError(f"Failing row contains ({ID_NUMBER}, 张三)") from ValueError(ID_NUMBER)
    except DataError:
        logger.exception("Internal Server Error: %s", "/register/1/")
    told = written.getvalue()
    assert "DataError at " in told and __file__ in told and ID_NUMBER not in told and "张三" not in told


def test_nobody_writes_a_line_of_their_own_into_the_log(log):
    logger, written = log
    logger.warning("Not Found: %s", "/x\n2026-06-03 INFO officer signed in\x1b[31m\u2028")
    assert len(written.getvalue().splitlines()) == 1 and "\x1b" not in written.getvalue()


def test_the_installations_own_log_is_written_so():
    assert ours.LOGGING["formatters"]["line"]["()"] == "khotail.site.logs.WithoutData"


def test_what_a_killed_process_left_in_clear_is_not_backed_up(settings, tmp_path):
    settings.KHOTAIL_HOME = tmp_path / "home"
    for name in ("intake/.came-killed/list.csv", "exports/.export-killed/人口.xlsx", ".tmp/x", "intake/ab/sealed"):
        (settings.KHOTAIL_HOME / name).parent.mkdir(parents=True)
        (settings.KHOTAIL_HOME / name).write_text(ID_NUMBER)
    kept = {str(file.relative_to(settings.KHOTAIL_HOME)) for file in backups._home_files(tmp_path / "backup")}
    assert kept == {"intake/ab/sealed"}
