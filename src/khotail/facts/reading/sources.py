"""Declared sources: which lists are known, by which headers, and which fact columns they fill.

A source is a few lines of YAML (`khotail/facts/sources/*.yaml`); a banner adds its own from a folder of such files.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml

from khotail.facts.problems import BadSource, MissingFile
from khotail.facts.schema import TABLES, Column
from khotail.texts import Text
from khotail.yaml_limits import Refused, check_limits

#: Columns of a list that lead to a fact's subject without being facts of the table themselves.
LINKS = ("household_id", "person_id", "id_number", "name")
#: Columns by which somebody without a sound ID number may still be found.
DESCRIPTIONS = ("birth_date", "sex", "township_name", "village_name")
#: what the workbook of rejected rows adds to a list
_RETURNED = ("行号", "序号", "原因", "Reason")
_NOISE = re.compile(r"[\s:：*'\"“”·、,，。_\-()\[\]{}【】〔〕<>/|]+")
_PLACE = Column("banner_name", "旗县", "banner or county")
_REQUIRED = ("id", "name", "kind", "tables", "needs")
_KNOWN = (*_REQUIRED, "department", "titles", "headers", "ignore", "constants", "same_key", "open_ended")


@dataclass(frozen=True, slots=True)
class Source:
    """One declared list.

    tables     table name → names of the columns that the list may fill
    needs      columns without which a file is not this list
    headers    column → headers it may stand under, the register's own first
    constants  column → value where the list has no such column or cell
    adds_up    whether amounts of one key are added up
    open_ended whether lists of the kind carry any of the columns, so that none but `needs` is missed
    department who sends it; "" for lists that anybody sends
    by_name    whether a list that has names but no numbers of people will do: whoever reads it finds the people
    """

    id: str
    name: Text
    kind: Literal["register", "department"]
    tables: Mapping[str, tuple[str, ...]]
    needs: tuple[str, ...]
    titles: tuple[str, ...]
    headers: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    adds_up: bool = False
    open_ended: bool = False
    department: str = ""
    by_name: bool = False

    @property
    def expected(self) -> tuple[str, ...]:
        """Columns that a complete list has. Those that only lead to a subject or a place may be left out."""
        if self.open_ended:
            return self.needs
        columns = dict.fromkeys(name for columns in self.tables.values() for name in columns)
        may_lack = {*self.constants, *LINKS, "region_code", "group_name"} - set(self.needs)
        return tuple(name for name in columns if name not in may_lack)

    def corrected(self, columns: Mapping[str, str], *, by_name: bool = False) -> Source:
        """This source as a person corrected it: header as the file has it → column, or "" for a header to leave out.

        Raises KeyError for a column that the source does not have.
        """
        given = {normalised(header): name for header, name in columns.items()}
        for name in filter(None, given.values()):
            self.headers[name]
        headers = {
            name: (
                *(header for header, column in columns.items() if column == name),
                *(header for header in written if normalised(header) not in given),
            )
            for name, written in self.headers.items()
        }
        ignored = [header for header in self.ignored if normalised(header) not in given]
        left_out = [header for header, name in columns.items() if not name]
        return replace(self, headers=headers, ignored=(*ignored, *left_out), by_name=by_name)

    def column(self, name: str) -> Column:
        """The schema's column of that name, in the first of the source's tables that has it."""
        if name == "banner_name":
            return _PLACE
        for table in (*self.tables, "persons", "households"):
            if name in _columns(table):
                return _columns(table)[name]
        raise KeyError(name)


def normalised(header: str) -> str:
    """A header as it is compared: half-width, lower case, without spaces and punctuation."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", header)).lower()


@lru_cache(maxsize=64)
def _columns(table: str) -> dict[str, Column]:
    return {column.name: column for column in TABLES[table].columns}


def load_sources(folder: Path | str | None = None) -> tuple[Source, ...]:
    """The packaged sources, and those of `folder`, which go first and replace packaged ones of the same id.

    Raises MissingFile, BadSource.
    """
    own: list[Source] = []
    if folder is not None:
        folder = Path(folder)
        if not folder.exists():
            raise MissingFile(file=folder)
        files = sorted(folder.glob("*.y*ml")) if folder.is_dir() else [folder]
        for file in files:
            own += _parsed(_text_of(file), file.name)
    ids = {source.id for source in own}
    return (*own, *(source for source in _packaged() if source.id not in ids))


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadSource(file=file.name, line=1, detail="编码不是 UTF-8", detail_en="it is not UTF-8") from error


@lru_cache(maxsize=1)
def _packaged() -> tuple[Source, ...]:
    folder = resources.files("khotail.facts") / "sources"
    found: list[Source] = []
    for name in ("national.yaml", "departments.yaml"):
        found += _parsed((folder / name).read_text(encoding="utf-8"), name)
    return tuple(found)


@lru_cache(maxsize=1)
def _other_headers() -> dict[str, list[str]]:
    text = (resources.files("khotail.facts") / "sources" / "headers.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[str]] = yaml.load(text, Loader=_Loader)
    return loaded


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: A source's id begins the names of its batches, which are file names.
_ID = re.compile(r"\w[\w-]{0,60}")
_SHAPES: Mapping[str, type] = {"needs": list, "titles": list, "ignore": list, "headers": dict, "constants": dict}


def _parsed(text: str, file: str) -> list[Source]:
    try:
        check_limits(text)
        document = yaml.compose(text, Loader=_Loader)
        entries = yaml.load(text, Loader=_Loader)
    except Refused as error:
        raise BadSource(
            file=file, line=error.line, detail=f"不接受这样的 YAML（{error}）", detail_en=str(error)
        ) from error
    except (yaml.YAMLError, ValueError) as error:  # a day such as 2021-02-30 is a ValueError
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise BadSource(file=file, line=line, detail="YAML 语法错误", detail_en="this is not valid YAML") from error
    if not isinstance(entries, list):
        entries, lines = [entries], [1]
    else:
        lines = [node.start_mark.line + 1 for node in document.value] if document is not None else []
    return [_source(entry, file, line) for entry, line in zip(entries, lines, strict=True)]


def _source(entry: Any, file: str, line: int) -> Source:
    def bad(zh: str, en: str) -> BadSource:
        return BadSource(file=file, line=line, detail=zh, detail_en=en)

    if not isinstance(entry, dict):
        raise bad("应为一组“键: 值”", "a source is a mapping of keys to values")
    for key in entry:
        if key not in _KNOWN:
            raise bad(f"没有“{key}”这一项{_hint_zh(key, _KNOWN)}", f"there is no entry “{key}”{_hint_en(key, _KNOWN)}")
    for key in _REQUIRED:
        if not entry.get(key):
            raise bad(f"缺少“{key}”", f"“{key}” is missing")
    if not _ID.fullmatch(str(entry["id"])):
        raise bad("id 只能用字母、数字、下划线和连字符", "an id has letters, digits, underscores and hyphens only")
    for key, shape in _SHAPES.items():
        if not isinstance(entry.get(key) or shape(), shape):
            raise bad(f"{key} 应为{'列表' if shape is list else '“列: 值”'}", f"{key} must be a {shape.__name__}")
    if not isinstance(entry["name"], dict) or not {"zh", "en"} <= set(entry["name"]):
        raise bad("name 需要 zh 和 en", "name needs zh and en")
    if entry["kind"] not in ("register", "department"):
        raise bad("kind 只能是 register 或 department", "kind is register or department")
    tables = {}
    if not isinstance(entry["tables"], dict):
        raise bad("tables 应为“表: 列”", "tables maps table names to columns")
    for table, columns in entry["tables"].items():
        if table not in TABLES:
            raise bad(
                f"没有数据表“{table}”{_hint_zh(table, TABLES)}", f"there is no table “{table}”{_hint_en(table, TABLES)}"
            )
        all_columns = [name for name in TABLES[table].column_names if name not in ("as_of", "source")]
        for column in () if columns == "*" else columns:
            if column not in all_columns:
                raise bad(
                    f"数据表 {table} 没有列“{column}”{_hint_zh(column, all_columns)}",
                    f"table {table} has no column “{column}”{_hint_en(column, all_columns)}",
                )
        tables[table] = tuple(all_columns if columns == "*" else columns)
    names = [*dict.fromkeys(["banner_name", *(name for columns in tables.values() for name in columns), *LINKS])]
    also = ("township_name", "village_name", "region_code") if entry["kind"] == "register" else DESCRIPTIONS
    names += [name for name in also if name not in names]
    own = entry.get("headers") or {}
    constants = entry.get("constants") or {}
    for kind, given in (("needs", entry["needs"]), ("headers", own), ("constants", constants)):
        for column in given:
            if column not in names:
                raise bad(
                    f"{kind} 中的列“{column}”不在 tables 中{_hint_zh(column, names)}",
                    f"column “{column}” in {kind} is in none of the tables{_hint_en(column, names)}",
                )
    source = Source(
        id=str(entry["id"]),
        name=Text(str(entry["name"]["zh"]), str(entry["name"]["en"])),
        kind=entry["kind"],
        tables=tables,
        needs=tuple(entry["needs"]),
        titles=tuple(str(title) for title in entry.get("titles") or ()),
        headers={},
        ignored=(*_RETURNED, *(str(header) for header in entry.get("ignore") or ())),
        constants={str(name): str(value) for name, value in constants.items()},
        adds_up=entry.get("same_key") == "add",
        open_ended=str(entry.get("open_ended")).lower() == "true",
        department=str(entry.get("department") or ""),
    )
    headers = {
        name: (source.column(name).zh, *(str(header) for header in own.get(name, ())), *_other_headers().get(name, ()))
        for name in names
    }
    object.__setattr__(source, "headers", headers)
    return source


def _hint_zh(word: str, known: Any) -> str:
    close = difflib.get_close_matches(str(word), list(known), 1)
    return f"，是否为“{close[0]}”" if close else ""


def _hint_en(word: str, known: Any) -> str:
    close = difflib.get_close_matches(str(word), list(known), 1)
    return f"; did you mean “{close[0]}”" if close else ""
