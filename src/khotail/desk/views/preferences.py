"""What an officer sets for themselves."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from khotail.accounts import preferences
from khotail.accounts.actions import change_own
from khotail.accounts.models import SavedFilter
from khotail.accounts.notifications import mark_read, sentence_of


class SavedFilterForm(forms.ModelForm):
    class Meta:
        model = SavedFilter
        fields = ("page", "name", "query")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    response = redirect(_back(request))
    if chosen in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86_400, samesite="Lax")
        if request.user.is_authenticated:
            change_own(request.user, now=timezone.now(), language=chosen)
    return response


@require_POST
@login_required
def save_filter(request: HttpRequest) -> HttpResponse:
    form = SavedFilterForm(request.POST)
    if form.is_valid():
        preferences.save_filter(request.user, **form.cleaned_data)
        messages.success(request, _("The filter is saved."))
    else:
        messages.error(request, _("The filter needs a name of at most 60 characters."))
    return redirect(_back(request))


@require_POST
@login_required
def remove_filter(request: HttpRequest, pk: int) -> HttpResponse:
    preferences.remove_filter(request.user, pk)
    return redirect(_back(request))


@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    page = Paginator(request.user.notifications.all(), 50).get_page(request.GET.get("page"))
    for notification in page:
        notification.sentence = sentence_of(notification)
    return render(request, "desk/notifications.html", {"page": page})


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    mark_read(request.user, timezone.now())
    return redirect("notifications")


@require_POST
@login_required
def read_one(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark it read and go to what it is about."""
    notification = get_object_or_404(request.user.notifications, pk=pk)
    mark_read(request.user, timezone.now(), [pk])
    return redirect(_own(request, notification.path))


def _back(request: HttpRequest) -> str:
    return _own(request, request.POST.get("next", ""))


def _own(request: HttpRequest, path: str) -> str:
    """The path if it lies within this site; the start page otherwise."""
    safe = url_has_allowed_host_and_scheme(path, {request.get_host()}, require_https=request.is_secure())
    return path if path and safe else "/"
