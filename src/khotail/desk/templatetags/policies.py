"""Words of the policy pages."""

from __future__ import annotations

import copy
from typing import Any

from django import forms, template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from khotail.desk import policy_words
from khotail.desk.regions import path_of
from khotail.oversight.models import Policy, Responsibility

register = template.Library()
register.filter("programme_name", policy_words.programme_name)
register.filter("place_name", policy_words.place_name)
register.filter("class_name", policy_words.class_name)


@register.simple_tag
def standing(policy: Policy) -> SafeString:
    """Whether it is in force today, as a chip."""
    found = policy.standing(timezone.localdate())
    words = {"draft": _("Draft"), "coming": _("Not yet in force"), "ended": _("Ended"), "in_force": _("In force")}
    return format_html('<span class="chip{}">{}</span>', " chip-done" if found == "in_force" else "", words[found])


@register.simple_tag(takes_context=True)
def subject_of(context: template.Context, responsibility: Responsibility) -> str:
    """What somebody answers for: a place, a household by its head, or a task and its place."""
    own = getattr(context.get("user"), "region_code", "") or ""
    place = path_of(responsibility.region_code, below=own)
    if responsibility.household is not None:
        name = responsibility.household.head_name or responsibility.household.number
        return f"{name} · {place}"
    return f"{responsibility.task} · {place}" if responsibility.task else place


@register.inclusion_tag("desk/oversight/fields_again.html")
def fields_again(form: forms.Form, number: Any) -> dict[str, Any]:
    """The fields of a form that stands on the page several times, with ids of their own."""
    again = copy.copy(form)
    again.auto_id = f"id_%s_{number}"
    again._bound_fields_cache = {}
    return {"form": again}
