"""What people do with their own account: language, ways of being told, tokens, sessions."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from khotail.accounts import actions, devices
from khotail.accounts.models import Device, Token
from khotail.accounts.queries import tokens_of
from khotail.accounts.tokens import make_token, withdraw_token
from khotail.desk.account_forms import OwnForm, TokenForm
from khotail.desk.problems import sentence
from khotail.problems import Problem


@login_required
def account(request: HttpRequest) -> HttpResponse:
    me = request.user
    sent = request.POST if request.method == "POST" else None
    form = OwnForm(sent, initial={name: getattr(me, name) for name in OwnForm.Meta.fields})
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_own(me, now=timezone.now(), **form.cleaned_data)
        except Problem as problem:
            form.add_error(None, sentence(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("account")
    return render(request, "desk/accounts/account.html", _shown(request, form=form))


@login_required
@require_POST
@never_cache
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is in this one answer and nowhere else."""
    form = TokenForm(request.POST)
    if form.is_valid():
        day = form.cleaned_data["expires"]
        midnight = datetime.combine(day, time(), timezone.get_default_timezone()) + timedelta(days=1) if day else None
        try:
            made = make_token(request.user, form.cleaned_data["name"], midnight, now=timezone.now())
        except Problem as problem:
            form.add_error(None, sentence(problem))
        else:
            return render(request, "desk/accounts/token.html", {"token": made.token, "secret": made.secret})
    return render(request, "desk/accounts/account.html", _shown(request, token_form=form), status=400)


@login_required
@require_POST
def end_token(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(Token, officer=request.user, pk=pk)
    withdraw_token(token, by=request.user, now=timezone.now())
    messages.success(request, _("The token is withdrawn."))
    return redirect("account")


@login_required
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    me = actions.end_other_sessions(request.user, own_key=request.session.session_key, now=timezone.now())
    update_session_auth_hash(request, me)
    messages.success(request, _("Every other device is signed out."))
    return redirect("sessions")


@login_required
@require_safe
@never_cache
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the reader is signed in."""
    found = [(device, devices.kind_of(device.agent)) for device in devices.devices_of(request.user, timezone.now())]
    shown = {"devices": found, "own_key": request.session.session_key}
    return render(request, "desk/accounts/sessions.html", shown)


@login_required
@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    device = get_object_or_404(Device, officer=request.user, pk=pk)
    devices.end(device, by=request.user, now=timezone.now())
    messages.success(request, _("That device is signed out."))
    return redirect("sessions")


def _shown(request: HttpRequest, **forms: object) -> dict[str, object]:
    me = request.user
    return {
        "form": OwnForm(initial={name: getattr(me, name) for name in OwnForm.Meta.fields}),
        "token_form": TokenForm(),
        "tokens": tokens_of(me),
        "has_totp": me.authenticator_set.filter(type="totp").exists(),
    } | forms
