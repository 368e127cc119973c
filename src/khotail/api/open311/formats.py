"""Answers in the two formats of GeoReport v2. Lists are bare arrays in JSON and wrapped in XML; XML has no namespace."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from django.http import HttpResponse

_TYPES = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
#: What XML 1.0 cannot hold at all.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def answered(many: str, one: str, rows: Iterable[Mapping[str, Any]], form: str, status: int = 200) -> HttpResponse:
    """A list: <many><one>…</one></many>, or a bare array."""
    found = list(rows)
    if form == "json":
        return _response(json.dumps(found, ensure_ascii=False), form, status)
    root = Element(many)
    for row in found:
        _fill(SubElement(root, one), row)
    return _xml(root, status)


def answered_one(name: str, content: Mapping[str, Any], form: str, inner: Mapping[str, str]) -> HttpResponse:
    """One thing with lists in it; `inner` says what an element of a list is called in XML: attributes → attribute."""
    if form == "json":
        return _response(json.dumps(content, ensure_ascii=False), form, 200)
    root = Element(name)
    _fill(root, content, inner)
    return _xml(root, 200)


def refused(form: str, status: int, *descriptions: str) -> HttpResponse:
    """Errors as the standard has them: code and description, one or several."""
    rows = [{"code": str(status), "description": text} for text in descriptions]
    return answered("errors", "error", rows, form, status)


def _fill(element: Element, row: Mapping[str, Any], inner: Mapping[str, str] | None = None) -> None:
    for name, value in row.items():
        child = SubElement(element, name)
        if isinstance(value, list):
            for item in value:
                sub = SubElement(child, (inner or {}).get(name, name.removesuffix("s")))
                if isinstance(item, Mapping):
                    _fill(sub, item, inner)
                else:
                    sub.text = _said(item)
        else:
            child.text = _said(value)


def _said(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("", str(value))


def _xml(root: Element, status: int) -> HttpResponse:
    return _response(tostring(root, encoding="utf-8", xml_declaration=True), "xml", status)


def _response(body: str | bytes, form: str, status: int) -> HttpResponse:
    return HttpResponse(body, content_type=_TYPES[form], status=status)
