import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache

from khotail.accounts.models import Officer
from khotail.trail.models import Event
from tests.record.conftest import PASSWORD

SIGN_IN = "/accounts/sign-in/"


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    cache.clear()


def sign_in(client, name="helper", password=PASSWORD, **more):
    return client.post(SIGN_IN, {"login": name, "password": password}, **more)


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_name_and_password_sign_in_and_out(officers, client):
    assert sign_in(client).status_code == 302
    assert client.get("/people/me/").status_code == 200
    assert client.session.get_expire_at_browser_close()
    client.post("/accounts/sign-out/")
    assert client.get("/people/me/").status_code == 302
    assert list(Event.objects.values_list("verb", flat=True)) == ["officer.signed_out", "officer.signed_in"]


def test_a_wrong_name_and_a_wrong_password_read_the_same(officers, client):
    assert "is not right" in sign_in(client, password="wrong").content.decode()
    assert "is not right" in sign_in(client, name="nobody").content.decode()
    assert "is not right" in sign_in(client, name="<script>").content.decode()


def test_five_failures_lock_the_name_and_the_page_tells_how_long(officers, client):
    for _ in range(5):
        sign_in(client, password="wrong")
    assert Event.objects.get(verb="officer.locked_out").subject_id == str(officers["helper"].pk)
    for password in ("wrong", PASSWORD):
        page = sign_in(client, password=password, REMOTE_ADDR="10.0.0.9").content.decode()
        assert "Try again in 15 minutes" in page
    assert client.get("/people/me/").status_code == 302
    assert sign_in(client, name="village_cadre").status_code == 302  # somebody else at the same address
    assert Event.objects.filter(verb="officer.locked_out").count() == 1


def test_fifty_failures_lock_the_address(officers, client):
    for number in range(50):
        sign_in(client, name=f"guess{number}", password="wrong", REMOTE_ADDR="10.0.0.1")
    assert "Try again in" in sign_in(client, REMOTE_ADDR="10.0.0.1").content.decode()
    assert sign_in(client, REMOTE_ADDR="10.0.0.2").status_code == 302


def test_whoever_is_withdrawn_is_told_so(officers, client):
    Officer.objects.filter(username="helper").update(is_active=False)
    assert sign_in(client).headers["Location"] == "/accounts/withdrawn/"
    assert "withdrawn" in client.get("/accounts/withdrawn/").content.decode()


def test_the_authenticator_is_asked_for_and_a_recovery_code_works_once(officers, client):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(officers["helper"], secret)
    codes = RecoveryCodes.activate(officers["helper"]).get_unused_codes()
    assert all(secret not in str(row.data) for row in Authenticator.objects.all())
    assert sign_in(client).headers["Location"].startswith("/accounts/authenticator/code/")
    assert client.get("/people/me/").status_code == 302
    assert client.post("/accounts/authenticator/code/", {"code": "000000"}).status_code == 200
    client.post("/accounts/authenticator/code/", {"code": code_now(secret)})
    assert client.get("/people/me/").status_code == 200
    for expected in (200, 302):
        client.post("/accounts/sign-out/")
        sign_in(client)
        client.post("/accounts/authenticator/code/", {"code": codes[0]})
        assert client.get("/people/me/").status_code == expected


def test_the_authenticator_is_set_up_where_it_is_asked_for(officers, client, settings):
    settings.KHOTAIL_REQUIRE_TOTP = True
    sign_in(client)
    assert client.get("/people/me/").headers["Location"] == "/accounts/authenticator/set-up/"
    confirm = client.get("/accounts/authenticator/set-up/")
    assert confirm.status_code == 302  # the password once more
    client.post(confirm.headers["Location"], {"password": PASSWORD})
    page = client.get("/accounts/authenticator/set-up/")
    secret = page.context["form"].secret
    done = client.post("/accounts/authenticator/set-up/", {"code": code_now(secret)})
    assert done.headers["Location"] == "/accounts/recovery-codes/"
    assert client.get("/accounts/recovery-codes/").content.decode().count("<code>") == 10
    assert client.get("/people/me/").status_code == 200


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "password/reset/", "password/set/", "login/code/", "2fa/webauthn/"]
)
def test_pages_of_allauth_that_are_not_in_use_do_not_exist(officers, client, path):
    assert client.get(f"/accounts/{path}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "sign-out/",
        "password/",
        "authenticator/",
        "confirm/",
        "recovery-codes/new/",
        "authenticator/remove/",
        "withdrawn/",
    ],
)
def test_each_page_around_the_sign_in_wears_our_look(officers, signed_in, path):
    user = officers["helper"]
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    page = signed_in("helper").get(f"/accounts/{path}", follow=True)
    assert page.status_code == 200 and "khotail.css" in page.content.decode()


def test_demo_people_are_listed_in_the_demo_alone(officers, client, settings):
    assert "banner_reviewer" not in client.get(SIGN_IN).content.decode()
    settings.KHOTAIL_DEMO = True
    page = client.get(SIGN_IN).content.decode()
    assert "banner_reviewer" in page and settings.KHOTAIL_DEMO_PASSWORD in page


def test_nobody_is_led_away_after_the_sign_in(officers, client):
    answer = client.post(SIGN_IN + "?next=https://evil.example/", {"login": "helper", "password": PASSWORD})
    assert answer.headers["Location"] == "/"
