"""A filtered list of casework as a page, or as a workbook where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from khotail.accounts.models import Officer
from khotail.desk.casework_lists import PER_PAGE
from khotail.desk.export import Column, export, is_asked
from khotail.desk.paging import KeysFirst
from khotail.desk.regions import chosen_region


def filtered_list(
    request: HttpRequest,
    rows: Callable[[Officer, str], QuerySet],
    filter_class: type[django_filters.FilterSet],
    exported: Sequence[Column],
    name: str,
) -> HttpResponse:
    """`rows` of the officer in the region asked for, narrowed; `name` is the list's, its template's and its file's."""
    region = chosen_region(request.user, request.GET.get("region", ""))
    found = filter_class(request.GET, rows(request.user, region), request=request)
    if is_asked(request):
        return export(request, found.qs, exported, name)
    page = KeysFirst(found.qs, PER_PAGE).get_page(request.GET.get("page"))
    filtered = any(value for key, value in request.GET.items() if key not in ("region", "page"))
    context = {"page": page, "filter": found, "region": region, "filtered": filtered}
    return render(request, f"desk/casework/{name}.html", context)
