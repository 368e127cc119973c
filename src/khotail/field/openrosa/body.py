"""The multipart body of a submission: its XML and the files that came with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from khotail.field.body import Parts, parts_of
from khotail.field.openrosa.problems import OneXmlPart

XML_PART = "xml_submission_file"


@dataclass(frozen=True)
class Body:
    """xml   of the record
    files  name of the part → uploaded file
    """

    xml: bytes
    files: dict[str, Any]


@contextmanager
def received(request: HttpRequest) -> Iterator[Body]:
    """The record, whose files are gone afterwards. Raises OneXmlPart, and what `parts_of` raises."""
    with parts_of(request) as parts:
        yield _body(parts)


def _body(parts: Parts) -> Body:
    fields, files = parts.fields, parts.files
    xmls = [file.read() for file in files.getlist(XML_PART)] + [text.encode() for text in fields.getlist(XML_PART)]
    if len(xmls) != 1:
        raise OneXmlPart
    return Body(xmls[0], {name: file for name, file in files.items() if name != XML_PART})
