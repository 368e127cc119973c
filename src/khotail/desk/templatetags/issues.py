"""Words of the issue pages, from the rulebook's class tree."""

from __future__ import annotations

from django import template

from khotail.desk import issue_words

register = template.Library()
register.filter("route_name", issue_words.route_name)
register.filter("field_name", issue_words.field_name)
register.filter("region_level", issue_words.level_of)
