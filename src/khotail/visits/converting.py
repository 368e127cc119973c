"""From an XLSForm to the XForm that devices fill in, by pyxform; and what we need to know of it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from khotail.facts.schema import TABLES
from khotail.visits.answers import local_name
from khotail.visits.attachments import check_files
from khotail.visits.problems import FormTooLarge, FormWrong, NoHouseholdQuestion, TakesWrong

MAX_MB = 5
_MAX_UNPACKED_MB = 60
_XFORMS = "{http://www.w3.org/2002/xforms}"
_LONGEST_DETAIL = 400
#: The attribute by which an uploaded form says where an answer goes: column `instance::takes` of its survey sheet.
_TAKES = "takes"


@dataclass(frozen=True)
class Converted:
    """A form as devices get it.

    household  path of the question that holds the household's number
    files      paths of questions that are answered by a file
    takes      question → (table, column), for forms that say so themselves
    """

    form_id: str
    version: str
    title: str
    xform: str
    household: str
    files: list[str]
    takes: list[dict[str, Any]]
    warnings: list[str] = field(default_factory=list)


def converted(content: bytes, file_type: str) -> Converted:
    """Convert an XLSForm.

    file_type  ".xlsx" or ".md"
    Raises FormTooLarge, FormWrong (with the converter's own words: which row, which column), NoHouseholdQuestion, FileNotThere,
    TakesWrong.
    """
    if len(content) > MAX_MB * 1024 * 1024:
        raise FormTooLarge(limit_mb=MAX_MB)
    if file_type == ".xlsx":
        _check_workbook(content)
    from pyxform.errors import PyXFormError  # takes most of a second to load, and few processes ever convert a form
    from pyxform.xls2xform import convert

    warnings: list[str] = []
    try:
        source: Any = io.BytesIO(content) if file_type == ".xlsx" else content.decode("utf-8")
        xform = convert(source, warnings=warnings, file_type=file_type).xform
    except (
        PyXFormError,
        UnicodeDecodeError,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise FormWrong(detail=str(error).strip()[:_LONGEST_DETAIL] or type(error).__name__) from error
    return _described(xform, warnings)


def parsed(xml: bytes | str) -> Element:
    """XML without entities, document types or anything fetched from elsewhere. Raises FormWrong."""
    try:
        root: Element = ElementTree.fromstring(xml, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError) as error:
        raise FormWrong(detail=str(error)[:_LONGEST_DETAIL] or type(error).__name__) from error
    return root


def _check_workbook(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile as error:
        raise FormWrong(detail="not an .xlsx workbook") from error
    if unpacked > _MAX_UNPACKED_MB * 1024 * 1024:
        raise FormTooLarge(limit_mb=MAX_MB)


def _described(xform: str, warnings: list[str]) -> Converted:
    root = parsed(xform)
    instance = root.find(f".//{_XFORMS}model/{_XFORMS}instance")
    assert instance is not None and len(instance)
    main = instance[0]
    title = root.find(".//{http://www.w3.org/1999/xhtml}title")
    paths = dict(_paths(main, f"/{local_name(main)}"))
    household = next((path for path in paths if path.endswith("/household")), "")
    if not household:
        raise NoHouseholdQuestion
    check_files(root)
    binds = root.findall(f".//{_XFORMS}bind")
    return Converted(
        form_id=main.get("id", ""),
        version=main.get("version", ""),
        title=(title.text or "") if title is not None else "",
        xform=xform,
        household=household,
        files=[bind.get("nodeset", "") for bind in binds if bind.get("type") == "binary"],
        takes=[_taken(path, paths[path].get(_TAKES, "")) for path in paths if paths[path].get(_TAKES)],
        warnings=warnings,
    )


def _taken(path: str, takes: str) -> dict[str, Any]:
    table, _, column = takes.partition(".")
    if table not in TABLES or table == "villages" or column not in TABLES[table].column_names:
        raise TakesWrong(row=path, takes=takes[:60])
    values = {"yes": True, "no": False} if TABLES[table].column(column).sql_type == "BOOLEAN" else {}
    return {"question": path, "table": table, "column": column, "values": values}


def _paths(element: Element, path: str) -> Any:
    yield path, element
    for child in element:
        yield from _paths(child, f"{path}/{local_name(child)}")
