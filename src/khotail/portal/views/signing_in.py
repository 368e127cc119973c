"""Come in by phone and code, or by a cadre's code; say who one is; go out; language and size of letters."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from khotail.accounts.language import said
from khotail.accounts.sms import shown_to
from khotail.facts.masking import masked_name
from khotail.portal import languages, session
from khotail.portal.problems import ChooseAgain, TooYoung
from khotail.portal.views.guard import at_home, own_path
from khotail.problems import Problem
from khotail.register.models import Person
from khotail.residents import codes, people
from khotail.residents.problems import TooSoon

_LEAST_AGE = 14


@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """One page: the phone, then the code that came; or the code of a cadre."""
    if request.method != "POST":
        return redirect("my_home") if request.resident else _page(request)
    step = {"ask": _ask, "enter": _enter, "helped": _enter}.get(request.POST.get("step", ""))
    if step is None:
        return _page(request)
    try:
        return step(request, timezone.now())
    except Problem as problem:
        waits = request.POST["step"] == "enter" or isinstance(problem, TooSoon)
        return _page(request, status=problem.status, sentence=said(problem.text), sent=waits)


@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest) -> HttpResponse:
    """Several share the phone: which of them is it? Names are masked, a stranger with the phone learns none."""
    now = timezone.now()
    found, helped = session.choice(request, now)
    if not found:
        raise ChooseAgain
    if request.method == "POST":
        chosen = next((each for each in found if str(each.pk) == request.POST.get("person")), None)
        if chosen is not None:
            return _enter_as(request, chosen, helped, now)
    shown = [(each.pk, masked_name(each.name), each.relation) for each in found]
    return render(request, "portal/who.html", {"people": shown, "next": request.POST.get("next", request.GET.get("next", "")), "signing_in": True})  # fmt: skip


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    session.leave(request)
    return redirect("my_sign_in")


@require_POST
@at_home
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    people.end_sessions(request.resident, now=timezone.now())
    session.leave(request)
    messages.success(request, _("You are signed out on every phone."))
    return redirect("my_sign_in")


@require_safe
@at_home
def account(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/account.html", {})


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Language and size of letters, kept on this phone and, of somebody who is signed in, for every phone."""
    code, size = request.POST.get("language", ""), request.POST.get("size", "")
    code = code if languages.is_offered(code) else get_language() or settings.LANGUAGE_CODE
    size = size if size in languages.SIZES else languages.SIZES[languages.is_large(request)]
    if request.resident:
        people.prefer(request.resident, language=code, large_type=size == "large")
    answer = redirect(own_path(request, request.POST.get("next", "")))
    languages.keep(answer, code, size)
    return answer


def _ask(request: HttpRequest, now: datetime) -> HttpResponse:
    codes.ask_code(
        request.POST.get("phone", ""), address=_address(request), now=now, language=get_language() or "zh"
    )  # fmt: skip
    return _page(request, sent=True)


def _enter(request: HttpRequest, now: datetime) -> HttpResponse:
    helped = request.POST["step"] == "helped"
    phone = "" if helped else request.POST.get("phone", "")
    found = codes.enter_code(request.POST.get("code", ""), phone=phone, address=_address(request), now=now)
    grown = [each for each in found if _is_grown(each, timezone.localdate(now))]
    if not grown:
        raise TooYoung
    if len(grown) == 1:
        return _enter_as(request, grown[0], helped, now)
    session.offer_choice(request, grown, now=now, helped=helped)
    asked = own_path(request, request.POST.get("next", ""))
    return redirect(f"{reverse('my_who')}?{urlencode({'next': asked})}")


def _enter_as(request: HttpRequest, person: Person, helped: bool, now: datetime) -> HttpResponse:
    resident = session.enter(request, person, now=now, helped=helped, language=get_language() or "zh-hans")
    chosen = request.COOKIES.get(languages.LANGUAGE_COOKIE, "")
    if languages.is_offered(chosen) and chosen != resident.language:
        people.prefer(resident, language=chosen, large_type=resident.large_type)
    return redirect(own_path(request, request.POST.get("next", "")))


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    phone = request.POST.get("phone", "")
    shown = shown_to(_digits(phone)) if more.get("sent") else ""
    context = {
        "phone": phone,
        "next": request.POST.get("next", request.GET.get("next", "")),
        "shown": shown,
        "demo_people": _demo_people(),
        "signing_in": True,
        **more,
    }
    return render(request, "portal/sign_in.html", context, status=status)


def _demo_people() -> list[tuple[str, str]]:
    """The demo's residents: phone and how their household stands. Nobody anywhere else."""
    if not settings.KHOTAIL_DEMO:
        return []
    stories = (
        _("Their household gets help"), _("Their case is being decided"), _("Their household was not taken in"),
    )  # fmt: skip
    return list(zip(settings.KHOTAIL_DEMO_PHONES, stories, strict=False))


def _is_grown(person: Person, today: date) -> bool:
    born = person.birth_date
    return born is None or (today.year - born.year - ((today.month, today.day) < (born.month, born.day))) >= _LEAST_AGE


def _address(request: HttpRequest) -> str:
    return str(get_adapter(request).get_client_ip(request))


def _digits(phone: str) -> str:
    return "".join(letter for letter in phone if letter.isascii() and letter.isdecimal())[-11:]
