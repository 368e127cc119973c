"""What single keys of an entry say: sentences, expressions, names, regions, one word of several."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from khotail.rulebook.entries import Entry, error_line, read_yaml
from khotail.rulebook.expressions import Expression, parse
from khotail.rulebook.model import Place
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.problems import Flaw
from khotail.texts import Text

#: Indicators and parameters become names in SQL, and stand in sentences as `{name}`.
_SQL_NAME = re.compile(r"[a-z_][a-z0-9_]*")
_REGION = re.compile(r"[0-9]{0,12}")


class KeyReader:
    """Reads keys, and collects flaws instead of stopping at the first."""

    def __init__(self) -> None:
        self.flaws: list[Flaw] = []

    def _expression(
        self, entry: Entry, key: str, place: Place, id_: str, *, aggregate: bool = False
    ) -> Expression | None:
        place = at(entry, key, place)
        sql = entry.get(key)
        if sql is None or sql == "":
            self._flaw(place, id_, f"缺少 {key}。", f"`{key}` is missing.")
            return None
        parsed = parse(str(sql), aggregate=aggregate)
        if isinstance(parsed, Expression):
            return parsed
        self._flaw(place, id_, parsed.text.zh, parsed.text.en)
        return None

    def _text(self, entry: Entry, key: str, place: Place, id_: str) -> Text:
        value = entry.get(key)
        place = at(entry, key, place)
        if not isinstance(value, Entry) or not value.get("zh") or not value.get("en"):
            self._flaw(place, id_, f"{key} 要有中文（zh）和英文（en）。", f"`{key}` needs both `zh` and `en`.")
            return Text("", "")
        return Text(str(value["zh"]).strip(), str(value["en"]).strip())

    def _check_keys(self, entry: Entry, known: Iterable[str], place: Place, id_: str) -> None:
        for key in entry:
            if key not in known:
                self._flaw(
                    at(entry, key, place),
                    id_,
                    f"不认识“{key}”。{did_you_mean(key, known).zh}",
                    f"“{key}” is not known here. {did_you_mean(key, known).en}",
                )

    def _is_sql_name(self, id_: str, place: Place) -> bool:
        if _SQL_NAME.fullmatch(id_):
            return True
        self._flaw(
            place,
            id_,
            "名称只能用小写字母、数字和下划线，以字母开头。",
            "The name may have small letters, digits and underscores only, a letter first.",
        )
        return False

    def _region(self, written: Any, default: str, place: Place, id_: str) -> str:
        region = default if written is None else str(written)
        if not _REGION.fullmatch(region):
            self._flaw(place, id_, f"区划代码“{region[:60]}”不是数字。", f"The region “{region[:60]}” is not a number.")
            return default
        return region

    def _one_of(self, place: Place, id_: str, key: str, value: Any, known: Iterable[str]) -> None:
        choices = ", ".join(known)
        self._flaw(
            place, id_, f"{key} 是“{value}”，应为：{choices}。", f"`{key}` is “{value}”; it must be one of: {choices}."
        )

    def _yaml(self, folder: Path, path: Path) -> Any:
        try:
            return read_yaml(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, ValueError) as error:  # a day such as 2021-02-30 is a ValueError
            line = error_line(error) if isinstance(error, yaml.YAMLError) else 1
            detail = getattr(error, "problem", None) or str(error)
            place = Place(folder.name, f"{folder.name}/{path.relative_to(folder)}", line)
            self._flaw(place, "", f"不是有效的 YAML：{detail}。", f"This is not valid YAML: {detail}.")
            return None

    def _flaw(self, place: Place, entry: str, zh: str, en: str) -> None:
        self.flaws.append(Flaw(place, entry, Text(zh, en)))


def at(entry: Entry, key: str, place: Place) -> Place:
    """Where a key of the entry stands; the entry's own place where it has no such key."""
    return replace(place, line=entry.lines.get(key, place.line))
