"""Words of the pages of help."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.translation import gettext as _

from khotail.assistance.models import EffectStudy
from khotail.desk import assistance_lists
from khotail.desk.templatetags.casework import cause_names, measure_name

register = template.Library()


@register.filter
def need_names(ids: list[str]) -> str:
    """What is lacking, by the rulebook's names."""
    return assistance_lists.need_names(ids)


@register.filter
def cause_name(cause: str) -> str:
    return cause_names([cause])


@register.filter
def measure_names(categories: Iterable[str]) -> str:
    return " / ".join(measure_name(category) for category in categories)


@register.filter
def per_cent(share: float | None) -> str:
    return "—" if share is None else f"{round(100 * share)} %"


@register.filter
def verdict(study: EffectStudy) -> str:
    """What a check came to, in a word or two."""
    words = {
        "too_early": _("Too early to say"),
        "too_few": _("Too few to say"),
        "one": _("One household"),
        "more": _("Better than without"),
        "less": _("Worse than without"),
        "no_sign": _("No difference to be seen"),
    }
    return words.get(study.result.get("verdict", ""), _("Not worked out yet"))


@register.filter
def feature_name(name: str) -> str:
    names = {
        "income": _("Income per person before (CNY)"),
        "members": _("Members"),
        "able": _("Members able to work"),
    }
    return names.get(name, name)
