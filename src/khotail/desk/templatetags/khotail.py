"""Tags and filters of the desk's pages."""

from __future__ import annotations

import datetime
import functools
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.db.models import Model
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, ngettext

from khotail.accounts.language import readers_language
from khotail.casework.deadlines import working_days_left
from khotail.desk import regions
from khotail.desk.addresses import address
from khotail.facts import identity
from khotail.facts.masking import masked_phone
from khotail.report.names import unit_name

register = template.Library()

#: A deadline this near is shown as near.
SOON_WORKING_DAYS = 2


@register.filter
def spoken(text: Any) -> str:
    """A `Text` (or a mapping with zh and en) in the reader's language; anything else as it is."""
    if text is None:
        return ""
    language = readers_language()
    if isinstance(text, dict):
        return str(text.get(language) or text.get("zh") or "")
    return str(getattr(text, language, text))


@register.filter
def unit(name: str) -> str:
    """The unit of a parameter or column in the reader's language."""
    return str(spoken(unit_name(name)))


@register.simple_tag
def colon() -> str:
    """What stands between a label and its value: full width after Chinese."""
    return "：" if readers_language() == "zh" else ": "


@register.simple_tag
def region(code: str) -> str:
    """The name of a region."""
    return regions.name_of(code or "")


@register.simple_tag(takes_context=True)
def region_path(context: template.Context, code: str) -> str:
    """Names from below the reader's own region down to this one."""
    officer = context.get("user")
    return regions.path_of(code or "", below=getattr(officer, "region_code", "") or "")


@register.inclusion_tag("desk/parts/regions.html", takes_context=True)
def region_trail(context: template.Context, code: str, url_name: str = "") -> dict[str, Any]:
    """Breadcrumbs from the reader's own region down to this one, each a link to the same list for that region."""
    own = getattr(context.get("user"), "region_code", "") or ""
    code = code or own
    codes = [each for each in regions.ancestors(code) if len(each) >= len(own)]
    base = (address(url_name) if url_name else "") or getattr(context.get("request"), "path", "")
    return {
        "regions": [{"code": each, "name": regions.name_of(each), "here": each == code} for each in codes],
        "base": base,
    }


@register.filter
def money(amount: Any) -> str:
    """Yuan: 12,345 元, 12,345.50 元."""
    if amount in (None, ""):
        return "—"
    try:
        number = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    places = 0 if number == number.to_integral_value() else 2
    # In threes, as banks write it in Chinese too.
    return gettext("%(amount)s CNY") % {"amount": f"{number:,.{places}f}"}


#: Beyond this a count says nothing more to a reader, and a date typed wrongly must not hang a page.
_FARTHEST_DAYS = 800


def _left(due_on: datetime.date, today: datetime.date | None) -> int:
    """Working days left, negative once late: a deadline that has passed is late by one day at least."""
    today = today or timezone.localdate()
    farthest = datetime.timedelta(days=_FARTHEST_DAYS)
    left = working_days_left(today, min(max(due_on, today - farthest), today + farthest))
    return min(left, -1) if due_on < today else max(left, 1) if due_on > today else 0


@register.filter
def days_left(due_on: datetime.date | None, today: datetime.date | None = None) -> str:
    """How long until a deadline, in working days."""
    if due_on is None:
        return ""
    left = _left(due_on, today)
    if left > 0:
        return ngettext("%(days)d working day left", "%(days)d working days left", left) % {"days": left}
    if left == 0:
        return gettext("Due today")
    return ngettext("%(days)d working day late", "%(days)d working days late", -left) % {"days": -left}


@register.filter
def due_class(due_on: datetime.date | None, today: datetime.date | None = None) -> str:
    """`late`, `soon` or nothing: the chip's class for a deadline."""
    if due_on is None:
        return ""
    left = _left(due_on, today)
    return "late" if left < 0 else "soon" if left <= SOON_WORKING_DAYS else ""


@register.simple_tag
def due(due_on: datetime.date | None) -> str:
    """A deadline as a chip; nothing without one."""
    return _due_chip(due_on, timezone.localdate(), get_language()) if due_on else ""


@functools.lru_cache(maxsize=1000)
def _due_chip(due_on: datetime.date, today: datetime.date, _language: str | None) -> SafeString:
    kind = due_class(due_on, today)
    return format_html('<span class="chip{}">{}</span>', f" chip-{kind}" if kind else "", days_left(due_on, today))


@register.filter
def chosen(row: Any, field: str) -> Any:
    """The words of a field that has choices. Unlike `get_…_display` it does not put the choices in order each time."""
    value = getattr(row, field)
    return _choices(row.__class__, field).get(value, value)  # of what a lazy object stands for


@functools.cache
def _choices(model: type[Model], field: str) -> dict[Any, Any]:
    return dict(model._meta.get_field(field).flatchoices)


@register.filter
def masked(number: Any) -> str:
    """An ID or bank number without its middle; of a phone number the first three and last four digits."""
    text = str(number or "")
    if len(text) == 11 and text.isdecimal():
        return masked_phone(text)
    return identity.masked(text)


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's own query string with these changes; None or "" takes a parameter out."""
    values = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            values.pop(name, None)
        else:
            values[name] = value
    return f"?{values.urlencode()}"


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"/></svg>', static("desk/icons.svg"), name)


@register.filter
def widget_kind(field: BoundField) -> str:
    """How a form field is laid out: check, choices, file or line."""
    kind = getattr(field.field.widget, "input_type", "")
    if field.use_fieldset:
        return "choices"
    return {"checkbox": "check", "file": "file"}.get(kind, "line")


@register.filter
def share_of(number: Any, largest: Any) -> int:
    """Whole per cent of `largest`, for a bar."""
    return round(100 * float(number) / float(largest)) if largest else 0


@register.filter
def elided(page: Any) -> list[Any]:
    """Page numbers around the current one, with … where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))


@register.inclusion_tag("desk/parts/saved_filters.html", takes_context=True)
def saved_filters(context: template.Context, page: str) -> dict[str, Any]:
    """The reader's saved filters of a list page, and a form that saves what is filtered now."""
    request = context["request"]
    values = request.GET.copy()
    values.pop("page", None)
    return {
        "page": page,
        "filters": list(request.user.saved_filters.filter(page=page)),
        "now": values.urlencode(),
        "path": request.path,
        "request": request,
        "csrf_token": context.get("csrf_token"),
    }
