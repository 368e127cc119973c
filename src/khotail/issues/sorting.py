"""Suggest the class of a message, on this machine alone, with how sure that is.

The suggestion advises; below the rulebook's `issue_sure` a person picks from the first two.
"""

from __future__ import annotations

import threading
from datetime import date
from typing import TYPE_CHECKING

from khotail.issues.models import Issue
from khotail.issues.routing import open_routes
from khotail.screening.rulebook import current

if TYPE_CHECKING:
    from khotail.issues.sorter import Sorter, Suggestion

_MOST_LABELS = 5000
_labels_version = 0
_fitted: tuple[tuple[object, ...], Sorter] | None = None
_fitting = threading.Lock()


def suggest(words: str, region_code: str, on: date) -> list[Suggestion]:
    """The classes open at the place on the day, the surest first; empty words give none."""
    open_ids = {route.id for route in open_routes(on, region_code)}
    found = [one for one in fitted().suggest(words.strip()) if one.route in open_ids] if words.strip() else []
    return found


def forget() -> None:
    """Learn anew at the next message: labels were added."""
    global _labels_version
    _labels_version += 1


def labelled() -> list[tuple[str, str]]:
    """Messages whose class a person chose, the newest first."""
    rows = Issue.objects.filter(route_chosen_by__isnull=False).exclude(route="").order_by("-id")
    return list(rows.values_list("words", "route")[:_MOST_LABELS])


def fitted() -> Sorter:
    """The sorter of this process, fitted anew when the rulebook or the labels changed; the first takes seconds."""
    global _fitted
    from khotail.issues.sorter import Sorter  # what it loads takes seconds: not before it is asked for

    book = current()
    asked = (id(book), _labels_version)
    if _fitted is None or _fitted[0] != asked:
        with _fitting:
            if _fitted is None or _fitted[0] != asked:
                _fitted = asked, Sorter(list(book.routes.values()), labelled())
    return _fitted[1]
