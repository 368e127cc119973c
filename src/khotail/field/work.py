"""What an officer takes along: the forms that are offered to them, and the households that they are to visit."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.views.decorators.http import require_safe

from khotail.accounts.models import Officer
from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.facts.masking import masked_name
from khotail.field.answers import refused, sign_in_first
from khotail.register.models import Region
from khotail.visits.forms import forms_for
from khotail.visits.models import Assignment, Form
from khotail.visits.rounds import assignments_of

#: A helper has twenty households and a village some hundreds; a phone is not to carry a banner about.
MOST = 2000


@require_safe
def work(request: HttpRequest) -> JsonResponse:
    """{officer, token, forms, assignments}; ?have= names digests of forms that the device has already, by commas.

    Nothing in it is more than the officer may see; people are named by their first character alone. Answers 401 with a
    sentence when nobody is signed in and 403 when they make no visits.
    """
    officer = request.user
    if not officer.is_authenticated:
        return sign_in_first()
    if not officer.may(May.MAKE_VISITS):
        return refused(NotAllowed())
    have = set(request.GET.get("have", "").split(","))
    forms = {form.form_id: form for form in forms_for(officer.region_code)}
    return JsonResponse(
        {
            "officer": {"id": officer.pk, "name": officer.full_name, "language": officer.language},
            "token": get_token(request),
            "forms": [_form(form, have) for form in forms.values()],
            "assignments": _assignments(officer, forms),
        }
    )


def _form(form: Form, have: set[str]) -> dict[str, Any]:
    digest = hashlib.sha256(form.xform.encode()).hexdigest()[:32]
    about = {
        "form": form.form_id,
        "version": form.version,
        "digest": digest,
        "title": {"zh": form.title_zh, "en": form.title_en},
        "household": form.takes["household"],
    }
    return about if digest in have else about | {"xform": form.xform}


def _assignments(officer: Officer, forms: dict[str, Form]) -> list[dict[str, Any]]:
    rows = list(assignments_of(officer).filter(round__form_id__in=forms)[:MOST])
    villages = dict(Region.objects.filter(code__in={row.region_code for row in rows}).values_list("code", "name"))
    return [_assignment(row, forms[row.round.form_id], villages.get(row.region_code, "")) for row in rows]


def _assignment(row: Assignment, form: Form, village: str) -> dict[str, Any]:
    return {
        "id": row.pk,
        "form": form.form_id,
        "number": row.household.number,
        "head": masked_name(row.household.head_name),
        "village": village,
        "round": row.round.title,
        "due": row.due_on.isoformat(),
        "prefill": {form.takes["household"]: row.household.number},
    }
