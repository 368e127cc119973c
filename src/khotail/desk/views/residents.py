"""A person of the register and the portal: help them in with a code, block them, let them in again."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.register.models import Person
from khotail.residents.codes import give_code
from khotail.residents.models import Resident
from khotail.residents.people import block


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def portal(request: HttpRequest, pk: int) -> HttpResponse:
    """The code is shown once, on the answer to the button; it is nowhere kept in clear."""
    officer, now, code = request.user, timezone.now(), ""
    require(officer, May.EDIT_REGISTER)
    person = get_object_or_404(Person.objects.visible_to(officer).select_related("household"), pk=pk)
    resident = Resident.objects.filter(person=person).first()
    wish = request.POST.get("do", "")
    if wish == "code":
        code = give_code(person, by=officer, now=now)
    elif wish in ("block", "unblock") and resident:
        block(resident, by=officer, now=now, blocked=wish == "block")
        messages.success(request, _("They can no longer sign in.") if wish == "block" else _("They can sign in again."))
        return redirect("person_portal", pk)
    context = {"person": person, "household": person.household, "resident": resident, "code": code}
    return render(request, "desk/register/portal.html", context)
