"""Words of the register's pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from khotail.desk.addresses import address
from khotail.desk.register_forms import in_words
from khotail.facts.schema import TABLES
from khotail.register.queries import Guarantee, Member, Moment

register = template.Library()

_VERBS = {
    "household.added": gettext_lazy("Household added"),
    "household.moved": gettext_lazy("Moved to another village"),
    "household.split": gettext_lazy("Household split"),
    "household.merged": gettext_lazy("Merged into another household"),
    "household.grew": gettext_lazy("Another household merged into this one"),
    "person.joined": gettext_lazy("Somebody joined"),
    "person.left": gettext_lazy("Somebody left"),
    "person.unmasked": gettext_lazy("ID and phone number looked at"),
    "register.corrected": gettext_lazy("Fact corrected"),
}
#: Details of events that say nothing to a reader of the timeline.
_TECHNICAL = {
    "household",
    "statement",
    "new",
    "into",
    "split_from",
    "merged_from",
    "table",
    "columns",
    "after",
    "before",
}


@register.filter
def told(moment: Moment) -> str:
    """What the line is about: the fact table, or what was done."""
    if moment.kind == "event":
        return str(_VERBS.get(moment.what, moment.what))
    table = TABLES[moment.what]
    return in_words(table.zh, table.en)


@register.filter
def pairs(moment: Moment) -> list[tuple[str, Any]]:
    """Label and value of everything that a statement says, or of an event's details."""
    if moment.kind == "event":
        return [(_(name), value) for name, value in moment.values.items() if name not in _TECHNICAL and value]
    table = TABLES[moment.what]
    return [
        (in_words(table.column(name).zh, table.column(name).en), value_word(value))
        for name, value in moment.values.items()
    ]


@register.filter
def value_word(value: Any) -> Any:
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, float) and value.is_integer():
        return f"{int(value):,}"
    return value


@register.filter
def label(guarantee: Guarantee) -> str:
    return in_words(guarantee.zh, guarantee.en)


@register.filter
def condition(member: Member) -> list[str]:
    """Health, labour and school status, as far as they are known."""
    return [str(member.values[name]) for name in ("health", "labour", "school_status") if member.values.get(name)]


@register.simple_tag
def address_of(name: str, *arguments: Any) -> str:
    return address(name, *arguments)
