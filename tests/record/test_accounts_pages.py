import re

import pytest
from django.urls import reverse

from khotail.accounts.models import Officer, Token
from khotail.accounts.tokens import make_token, officer_of
from khotail.trail.models import Event
from tests.record.conftest import BANNER, PASSWORD, PEOPLE, VILLAGE

LISTS = ["officers", "officer_new", "officers_import", "officers_preview", "officers_rejects", "officers_example"]


@pytest.mark.parametrize("key", [key for key in PEOPLE if key not in ("administrator", "neighbour")])
def test_people_are_for_administrators(officers, signed_in, key):
    browser = signed_in(key)
    for name in LISTS:
        assert browser.get(reverse(name)).status_code == 403, name
    pk = officers["village_cadre"].pk
    for name in ("officer", "officer_change", "officer_withdraw"):
        assert browser.get(reverse(name, args=[pk])).status_code == 403, name
    for name in ("officer_withdraw", "officer_reset_password", "officer_reset_totp", "officer_restore"):
        assert browser.post(reverse(name, args=[pk])).status_code == 403, name
    assert browser.post(reverse("officers_export")).status_code == 403
    assert not Event.objects.exists()


def test_people_next_door_are_not_found(officers, signed_in):
    browser = signed_in("neighbour")
    pk = officers["village_cadre"].pk
    for name in ("officer", "officer_change", "officer_withdraw"):
        assert browser.get(reverse(name, args=[pk])).status_code == 404
    for name in ("officer_withdraw", "officer_reset_password", "officer_reset_totp", "officer_restore"):
        assert browser.post(reverse(name, args=[pk])).status_code == 404
    page = browser.get(reverse("officers")).content.decode()
    assert "演示neighbour" in page and "演示village_cadre" not in page
    assert "演示village_cadre" not in browser.get("/people/?region=152221&q=演示").content.decode()


def test_everything_asks_for_a_sign_in_first(officers, client):
    for name in [*LISTS, "account", "trail"]:
        assert client.get(reverse(name)).headers["Location"].startswith("/accounts/sign-in/"), name


def test_the_list_takes_few_queries_and_filters(officers, signed_in, django_assert_max_num_queries):
    Officer.objects.bulk_create(
        Officer(username=f"p{n}", full_name=f"演示{n}", role="helper", region_code=VILLAGE, password="!")
        for n in range(120)
    )
    browser = signed_in("administrator")
    browser.get(reverse("officers"))
    with django_assert_max_num_queries(8):
        page = browser.get(reverse("officers") + "?role=helper&page=2")
    assert page.status_code == 200 and page.content.decode().count("<tr>") > 50
    assert browser.get(reverse("officers") + "?role=nonsense&region=abc&page=zz&state=x").status_code == 200


def test_an_administrator_creates_changes_and_withdraws(officers, signed_in):
    browser = signed_in("administrator")
    values = {"full_name": "<b>乌云</b>", "role": "village_cadre", "region_code": VILLAGE, "username": ""}
    page = browser.post(reverse("officer_new"), values)
    made = Officer.objects.get(full_name="<b>乌云</b>")
    assert made.username == "bwuyunb" and "&lt;b&gt;乌云" in page.content.decode()
    password = re.search(r"<code>(\w{4}-\w{4}-\w{4}-\w{4})</code>", page.content.decode()).group(1)
    assert made.check_password(password)
    wrong = browser.post(reverse("officer_new"), values | {"region_code": "152222100200"})
    assert wrong.status_code == 200 and "not within" in wrong.content.decode()
    changed = values | {"full_name": "乌云", "phone": "13800001234"}
    assert browser.post(reverse("officer_change", args=[made.pk]), changed).status_code == 302
    assert "138****1234" in browser.get(reverse("officer", args=[made.pk])).content.decode()
    assert browser.post(reverse("officer_withdraw", args=[made.pk]), {"reason": "退休"}).status_code == 302
    assert browser.post(reverse("officer_withdraw", args=[made.pk])).status_code == 409
    assert browser.post(reverse("officer_restore", args=[made.pk])).status_code == 200
    assert browser.post(reverse("officer_reset_password", args=[made.pk])).status_code == 200
    assert browser.post(reverse("officer_reset_totp", args=[made.pk])).status_code == 409
    own = reverse("officer_withdraw", args=[officers["administrator"].pk])
    assert browser.post(own).status_code == 403


def test_open_work_is_listed_before_somebody_is_withdrawn(officers, household, signed_in):
    household.helper = officers["helper"]
    household.save()
    page = signed_in("administrator").get(reverse("officer_withdraw", args=[officers["helper"].pk]))
    assert household.number in page.content.decode()


def test_people_keep_their_own_account(officers, signed_in):
    browser = signed_in("helper")
    values = {"language": "en", "phone": "13800001234", "email": "", "by_sms": "on"}
    assert browser.post(reverse("account"), values).status_code == 302
    officers["helper"].refresh_from_db()
    assert officers["helper"].by_sms and officers["helper"].phone == "13800001234"
    assert "***34" in str(Event.objects.get(verb="officer.changed_own").details)
    refused = browser.post(reverse("account"), values | {"by_email": "on", "language": "xx", "role": "administrator"})
    assert refused.status_code == 200
    officers["helper"].refresh_from_db()
    assert officers["helper"].role == "helper"


def test_the_reader_is_spoken_to_in_their_own_language(officers, signed_in):
    browser = signed_in("helper")
    assert 'lang="en"' in browser.get(reverse("account")).content.decode()
    browser.post(reverse("account"), {"language": "zh-hans"})
    assert 'lang="zh-hans"' in browser.get(reverse("account")).content.decode()


def test_a_token_is_shown_once_and_works_until_it_is_withdrawn(officers, signed_in, now):
    browser = signed_in("banner_officer")
    page = browser.post(reverse("token_new"), {"name": "报表程序"}).content.decode()
    secret = re.search(r"kht_[\w-]+", page).group()
    token = Token.objects.get()
    assert secret not in browser.get(reverse("account")).content.decode() and secret not in token.digest
    assert officer_of(secret, now) == officers["banner_officer"]
    assert signed_in("neighbour").post(reverse("token_withdraw", args=[token.pk])).status_code == 404
    assert browser.post(reverse("token_withdraw", args=[token.pk])).status_code == 302
    assert officer_of(secret, now) is None
    assert browser.post(reverse("token_withdraw", args=[token.pk])).status_code == 409
    assert list(Event.objects.values_list("verb", flat=True)) == ["token.withdrawn", "token.made"]
    assert browser.post(reverse("token_new"), {"name": "x", "expires": "1900-01-01"}).status_code == 400
    assert browser.post(reverse("token_new"), {"name": ""}).status_code == 400


def test_a_token_ends_with_its_day_and_with_its_officer(officers, now):
    from datetime import timedelta

    officer = officers["banner_officer"]
    secret = make_token(officer, "one day", now + timedelta(days=1), now=now).secret
    assert officer_of(secret, now) == officer
    assert officer_of(secret, now + timedelta(days=1)) is None
    assert officer_of("kht_nonsense", now) is None and officer_of("", now) is None
    Officer.objects.filter(pk=officer.pk).update(must_change_password=True)
    assert officer_of(secret, now) is None
    Officer.objects.filter(pk=officer.pk).update(must_change_password=False, is_active=False)
    assert officer_of(secret, now) is None


def test_other_devices_are_signed_out_and_this_one_stays(officers, signed_in):
    phone, desk = signed_in("helper"), signed_in("helper")
    assert desk.post(reverse("sessions_end")).status_code == 302
    assert desk.get(reverse("account")).status_code == 200
    assert phone.get(reverse("account")).status_code == 302


def test_first_passwords_open_nothing_but_the_change_of_password(officers, client):
    Officer.objects.filter(username="helper").update(must_change_password=True)
    client.post("/accounts/sign-in/", {"login": "helper", "password": PASSWORD})
    assert client.get("/people/me/").headers["Location"] == "/accounts/password/"
    new = "quite-another-password-2"
    changed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post("/accounts/password/", changed).status_code == 302
    assert client.get("/people/me/").status_code == 200
    assert Event.objects.filter(verb="officer.changed_password").count() == 1


def test_regions_of_everybody_shown_lie_within_the_banner(officers, signed_in):
    page = signed_in("administrator").get(reverse("officers"))
    assert all(person.region_code.startswith(BANNER) for person in page.context["page"])
