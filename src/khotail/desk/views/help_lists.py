"""A filtered list of help as a page, or as a workbook where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from khotail.accounts.models import Officer
from khotail.accounts.queries import require
from khotail.accounts.roles import May
from khotail.desk.assistance_lists import PER_PAGE
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region


def help_list(
    request: HttpRequest,
    rows: Callable[[Officer, str], QuerySet],
    filter_class: type[django_filters.FilterSet] | None,
    exported: Sequence[Column],
    name: str,
    **more: Any,
) -> HttpResponse:
    """`rows` of the officer in the region asked for, narrowed; `name` is the list's, its template's and its file's."""
    require(request.user, May.SEE_HELP)
    region = chosen_region(request.user, request.GET.get("region", ""))
    listed = rows(request.user, region)
    found = filter_class(request.GET, listed, request=request) if filter_class else None
    narrowed = found.qs if found else listed
    if is_asked(request):
        return export(request, narrowed, exported, name)
    page = KeysFirst(narrowed, PER_PAGE).get_page(request.GET.get("page"))
    filtered = any(value for key, value in request.GET.items() if key not in ("region", "page"))
    context = {"page": page, "filter": found, "region": region, "filtered": filtered, "name": name, **more}
    return render(request, f"desk/assistance/{name}.html", context)
