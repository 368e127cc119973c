"""The sign-in page; in the demo it lists the people whom one may sign in as."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.forms import Form
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer


class SignIn(LoginView):
    def get_form(self, form_class: type[Form] | None = None) -> Form:
        form = super().get_form(form_class)
        form.fields["login"].label = _("Sign-in name")
        for field in form.fields.values():
            field.widget.attrs.pop("placeholder", None)  # the label says it, and stays
        return form

    def get_context_data(self, **values: Any) -> dict[str, Any]:
        return super().get_context_data(**values) | demo_people()


def demo_people() -> dict[str, Any]:
    """One person per role and level of region, with the password that all of them have; nothing outside the demo."""
    if not settings.KHOTAIL_DEMO:
        return {}
    found: dict[tuple[str, int], Officer] = {}
    for officer in Officer.objects.filter(is_active=True, must_change_password=False).order_by("id")[:500]:
        found.setdefault((officer.role, len(officer.region_code)), officer)
    people = sorted(found.values(), key=lambda officer: (len(officer.region_code), officer.role))
    return {"demo_people": people, "demo_password": settings.KHOTAIL_DEMO_PASSWORD}


sign_in = SignIn.as_view()
