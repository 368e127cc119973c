import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from khotail.accounts.tokens import make_token
from khotail.site.limits import Limits


@pytest.fixture
def limits(settings):
    settings.KHOTAIL_LIMITS = (("/intake/", ("POST",), 3),)
    return Limits(lambda request: HttpResponse())


def ask(limits, rf, method="post", path="/intake/", address="10.0.0.1"):
    request = getattr(rf, method)(path, REMOTE_ADDR=address)
    request.user, request.htmx = AnonymousUser(), True
    answer = limits.process_view(request, None, (), {})
    return answer.status_code if answer else 200


def test_the_fourth_upload_within_a_minute_is_asked_to_wait(limits, rf):
    assert [ask(limits, rf) for _ in range(4)] == [200, 200, 200, 429]


def test_others_and_other_pages_are_not_held_up(limits, rf):
    for _ in range(4):
        ask(limits, rf)
    assert ask(limits, rf, address="10.0.0.2") == 200
    assert ask(limits, rf, method="get") == 200
    assert ask(limits, rf, path="/register/") == 200


def test_the_answer_says_how_long_to_wait(limits, rf):
    for _ in range(3):
        ask(limits, rf)
    request = rf.post("/intake/")
    request.META["REMOTE_ADDR"] = "10.0.0.1"
    request.user, request.htmx = AnonymousUser(), True
    answer = limits.process_view(request, None, (), {})
    assert 0 < int(answer["Retry-After"]) <= 20 and "seconds" in answer.content.decode()


def call(client, secret, address):
    return client.get("/api/jobs/1", headers={"Authorization": f"Bearer {secret}"}, REMOTE_ADDR=address).status_code


@pytest.fixture
def calls(settings, officers):
    settings.KHOTAIL_LIMITS = (("/api/", ("GET",), 3),)
    now = timezone.now()
    return {name: make_token(officers[name], "程序", None, now=now).secret for name in ("banner_officer", "leader")}


def test_made_up_tokens_share_the_bucket_of_their_address(calls):
    client = Client()
    answers = [call(client, f"kht_made-up-{number}", "10.0.0.1") for number in range(5)]
    assert answers == [401, 401, 401, 429, 429]
    assert call(client, "not even one of ours", "10.0.0.1") == 429
    assert call(client, "kht_made-up", "10.0.0.2") == 401


def test_a_known_token_is_counted_for_its_officer_wherever_it_comes_from(calls, django_assert_max_num_queries):
    client = Client()
    for number in range(9):
        call(client, f"kht_made-up-{number}", "10.0.0.1")
    answers = [call(client, calls["banner_officer"], f"10.0.0.{number}") for number in range(1, 5)]
    assert answers == [404, 404, 404, 429]
    with django_assert_max_num_queries(3):  # the token is looked up once, its use noted, the job asked for
        assert call(client, calls["leader"], "10.0.0.1") == 404  # somebody else in the same office
