"""Tags and filters of the portal's pages."""

from __future__ import annotations

import datetime
import functools
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from khotail.accounts.language import readers_language
from khotail.portal import languages, mongolian
from khotail.register.models import Region

register = template.Library()

_WEEKDAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """A picture beside words that say the same."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("portal/icons.svg"), name
    )


@register.filter
def spoken(text: Any) -> str:
    """A `Text` in the reader's language; anything else as it is."""
    return "" if text is None else str(getattr(text, readers_language(), text))


@register.filter
def day(value: Any) -> str:
    """A day with its weekday. In Mongolian by the CLDR's medium pattern, whose figures are sure."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value).date()
    return f"{_figures(value)} {_WEEKDAYS[value.weekday()]}"


@register.filter
def money(amount: Any) -> str:
    """Yuan, with the pence only where there are some."""
    if amount in (None, ""):
        return "—"
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    places = 0 if number == number.to_integral_value() else 2
    return gettext("%(amount)s yuan") % {"amount": formats.number_format(number, places, force_grouping=True)}


@register.simple_tag
def place(code: str) -> str:
    """The name of a region; its code where nobody knows it."""
    return Region.objects.filter(pk=code).values_list("name", flat=True).first() or code


@register.simple_tag(takes_context=True)
def look(context: template.Context) -> dict[str, Any]:
    """How the page is to be shown: language tag, direction of writing, size, what can be chosen, share translated."""
    request = context["request"]
    code = get_language() or "zh-hans"
    is_vertical = code == mongolian.CODE
    said, of = mongolian.share() if is_vertical else (0, 0)
    return {
        "code": code,
        "tag": languages.tag_of(code),
        "vertical": is_vertical,
        "large": languages.is_large(request),
        "languages": languages.offered(),
        "said": said,
        "of": of,
    }


def _figures(value: datetime.date) -> str:
    code = get_language() or ""
    if code == mongolian.CODE:
        return f"{value:%Y.%m.%d}"
    if code.startswith("en"):
        return f"{value.day} {value:%b} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"
