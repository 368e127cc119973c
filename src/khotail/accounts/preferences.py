"""Saved filters of list pages.

Nothing here concerns a household or a case, so nothing here goes into the audit trail.
"""

from __future__ import annotations

from khotail.accounts.models import Officer, SavedFilter


def save_filter(officer: Officer, page: str, name: str, query: str) -> SavedFilter:
    """Keep a list's query string under a name; the same name again replaces it."""
    saved, _new = SavedFilter.objects.update_or_create(
        officer=officer, page=page, name=name.strip(), defaults={"query": query}
    )
    return saved


def remove_filter(officer: Officer, pk: int) -> None:
    officer.saved_filters.filter(pk=pk).delete()
