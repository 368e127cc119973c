"""Pages of long lists."""

from __future__ import annotations

import functools
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.core.paginator import Page, Paginator

from khotail.desk.remembered import peeked, remember

#: Lists longer than this are counted and put in order at most once a minute; shorter ones at every visit.
LONG = 500


class KeysFirst(Paginator):
    """Sorts keys alone, then reads the rows of one page by their keys.

    A list sorted whole is sorted with all its columns and joined tables; of twenty thousand rows fifty are shown. Of a
    long list count and order may be a minute old. The rows are always read now, through the same filter: what no longer
    belongs is left out, and what somebody may not see is not in the query by which the list is known.
    """

    _first: list[Any] | None = None  # keys of the first page, once they were read to count

    @functools.cached_property
    def count(self) -> int:
        found = peeked(self._key("count"))
        if found is None:
            found = self._counted()
            self._keep("count", found, found)
        return found

    def page(self, number: int | str) -> Page[Any]:
        number = self.validate_number(number)
        keys = self._keys(number)
        rows = {row.pk: row for row in self.object_list.filter(pk__in=keys).order_by()}
        return self._get_page([rows[key] for key in keys if key in rows], number, self)

    def _counted(self) -> int:
        """A list that ends on its first page is counted by reading that page."""
        first = self._read(0, self.per_page + 1)
        self._first = first[: self.per_page]
        return len(first) if len(first) <= self.per_page else self.object_list.count()

    def _keys(self, number: int) -> list[Any]:
        keys = peeked(self._key(number))
        if keys is None:
            keys = self._first if number == 1 else None
            if keys is None:
                keys = self._read((number - 1) * self.per_page, self.per_page)
            self._keep(number, keys, self.count)
        return keys

    def _read(self, bottom: int, number: int) -> list[Any]:
        return list(self.object_list.values_list("pk", flat=True)[bottom : bottom + number])

    def _keep(self, what: object, value: object, count: int) -> None:
        if count > LONG:
            remember(self._key(what), value)

    @functools.cached_property
    def _query(self) -> tuple[Any, ...]:
        try:
            sql, parameters = self.object_list.values_list("pk").query.sql_with_params()
        except EmptyResultSet:
            return ()
        return sql, *map(str, parameters)

    def _key(self, what: object) -> tuple[Any, ...]:
        return "list", what, self.per_page, *self._query
