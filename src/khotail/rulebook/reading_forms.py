"""Visit forms as a book declares them: `forms/NAME.yaml` beside the XLSForm that it names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from khotail.facts.schema import TABLES
from khotail.rulebook.entries import Entry
from khotail.rulebook.forms import PURPOSES, Raised, Taken, VisitForm
from khotail.rulebook.keys import at
from khotail.rulebook.model import CAUSES, Change, Place, Rulebook
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.reading_routes import RouteReader

_FORM_KEYS = frozenset([
    "id", "name", "purpose", "file", "household", "takes", "raises", "region", "since", "until", "source", "confidence",
])  # fmt: skip
_TAKEN_KEYS = frozenset(["question", "table", "column", "values"])
_RAISED_KEYS = frozenset(["question", "answers", "causes", "route", "words"])
_SUFFIXES = (".xlsx", ".md")


class FormReader(RouteReader):
    """Reads the folder `forms` of a book."""

    def take_forms(self, book: Rulebook, folder: Path) -> Iterable[Change]:
        for path in sorted((folder / "forms").glob("*.yaml")):
            place = Place(book.id, f"{folder.name}/{path.relative_to(folder)}", 1)
            for entry in self._entries(self._yaml(folder, path), place, ""):
                change = self._form(book, entry, replace(place, line=entry.line), path.parent)
                if change:
                    yield change

    def _form(self, book: Rulebook, entry: Entry, place: Place, folder: Path) -> Change | None:
        id_ = entry["id"]
        self._check_keys(entry, _FORM_KEYS, place, id_)
        if not self._dated(entry, place, id_):
            return None
        file = folder / str(entry.get("file") or "")
        if not file.is_file() or file.suffix not in _SUFFIXES or file.parent != folder:
            self._flaw(
                at(entry, "file", place), id_,
                f"没有表单文件“{file.name}”（.xlsx 或 .md，放在同一文件夹）。",
                f"There is no form file “{file.name}” (.xlsx or .md, in the same folder).",
            )  # fmt: skip
        form = VisitForm(
            id=id_,
            name=self._text(entry, "name", place, id_),
            purpose=self._catalogued(entry, "purpose", PURPOSES, place, id_),  # type: ignore[arg-type]
            file=file,
            household=self._question(entry, "household", place, id_),
            takes=tuple(self._taken(entry, place, id_)),
            raises=tuple(self._raised(book, entry, place, id_)),
            since=entry["since"],
            until=entry.get("until"),
            region=self._region(entry.get("region"), book.region, at(entry, "region", place), id_),
            source=str(entry.get("source") or ""),
            confidence=entry.get("confidence", "high"),
            place=place,
        )
        known = book.forms.get(id_)
        if known and known.place.book == book.id:
            self._flaw(place, id_, f"表单已在 {known.place} 定义。", f"The form is already defined at {known.place}.")
        book.forms[id_] = form
        return Change("replaces" if known else "adds", "form", id_, form.file.name, place)

    def _taken(self, entry: Entry, place: Place, id_: str) -> Iterable[Taken]:
        for item in self._mappings(entry, "takes", place, id_):
            where = replace(place, line=item.line)
            self._check_keys(item, _TAKEN_KEYS, where, id_)
            table, column = str(item.get("table")), str(item.get("column"))
            if table not in TABLES or table == "villages":
                hint = did_you_mean(table, TABLES)
                self._flaw(
                    where,
                    id_,
                    f"没有数据表“{table}”。{hint.zh}",
                    f"There is no fact table “{table}”. {hint.en}".strip(),
                )
                continue
            if column not in TABLES[table].column_names:
                hint = did_you_mean(column, TABLES[table].column_names)
                self._flaw(
                    where,
                    id_,
                    f"{table} 没有列“{column}”。{hint.zh}",
                    f"{table} has no column “{column}”. {hint.en}".strip(),
                )
                continue
            values = item.get("values")
            yield Taken(
                self._question(item, "question", where, id_), table, column,
                {str(key): value for key, value in values.items()} if isinstance(values, dict) else {},
            )  # fmt: skip

    def _raised(self, book: Rulebook, entry: Entry, place: Place, id_: str) -> Iterable[Raised]:
        for item in self._mappings(entry, "raises", place, id_):
            where = replace(place, line=item.line)
            self._check_keys(item, _RAISED_KEYS, where, id_)
            causes = self._words(item, "causes", CAUSES, where, id_)
            route = str(item.get("route") or "")
            if bool(causes) == bool(route):
                self._flaw(where, id_, "写 causes 或 route 其中一个。", "Give either `causes` or `route`.")
            if route and route not in book.routes:
                hint = did_you_mean(route, book.routes)
                self._flaw(
                    where,
                    id_,
                    f"没有诉求类别“{route}”。{hint.zh}",
                    f"There is no class of issues “{route}”. {hint.en}".strip(),
                )
            written = item.get("answers")
            yield Raised(
                question=self._question(item, "question", where, id_),
                answers=tuple(str(one) for one in written) if isinstance(written, list) else (),
                causes=causes,
                route=route,
                words=str(item.get("words") or ""),
            )

    def _mappings(self, entry: Entry, key: str, place: Place, id_: str) -> list[Entry]:
        written = entry.get(key) or []
        found = [item for item in written if isinstance(item, Entry)] if isinstance(written, list) else []
        if not isinstance(written, list) or len(found) != len(written):
            self._flaw(at(entry, key, place), id_, f"{key} 应是列表。", f"`{key}` must be a list of entries.")
        return found

    def _question(self, entry: Entry, key: str, place: Place, id_: str) -> str:
        """A question by its path in the form, such as /visit/income/wage."""
        path = str(entry.get(key) or "")
        if not path.startswith("/"):
            self._flaw(
                at(entry, key, place), id_,
                f"{key} 应是题目的路径，如 /visit/wage。", f"`{key}` is the path of a question, such as /visit/wage.",
            )  # fmt: skip
        return path
