import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse

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
