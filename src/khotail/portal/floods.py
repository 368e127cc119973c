"""What nobody who is not signed in may do too often: raise issues from one network address."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest

from khotail.problems import Problem
from khotail.register.sealed import keyed_digest
from khotail.texts import Text

#: Many phones share one address of their network, so this is far more than one person raises.
MOST_A_DAY = 200
_DAY_SECONDS = 86_400
#: A field that people do not see and programs fill in.
TRAP = "website"


class TooManyFromHere(Problem):
    sentence = Text(
        "这个网络今天提交得太多。请留下电话并登录后再提交，或打电话、到嘎查村委会反映。您写的内容还在下面。",
        "Too much was sent from this network today. Sign in and send it then, phone, or go to the village office. What you "
        "wrote is still below.",
    )
    status = 429


class LooksLikeAProgram(Problem):
    sentence = Text(
        "最后一个看不见的格子应当空着，浏览器可能自动填了它。请再提交一次。",
        "A field that cannot be seen must stay empty; perhaps the browser filled it in. Send it once more.",
    )


def check(request: HttpRequest) -> None:
    """Raises TooManyFromHere, LooksLikeAProgram."""
    if request.POST.get(TRAP):
        raise LooksLikeAProgram
    if request.resident:
        return
    name = f"reported-from:{keyed_digest(get_adapter(request).get_client_ip(request))}"
    cache.add(name, 0, _DAY_SECONDS)
    try:
        count = cache.incr(name)
    except ValueError:  # it ran out between the two
        return
    if count > MOST_A_DAY:
        raise TooManyFromHere
