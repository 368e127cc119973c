"""The XML documents of OpenRosa."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from khotail.texts import Text

_LIST = "http://openrosa.org/xforms/xformsList"
_MANIFEST = "http://openrosa.org/xforms/xformsManifest"
_RESPONSE = "http://openrosa.org/http/response"
#: XML has no way to write these at all.
_UNWRITABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF])


def form_list(forms: Iterable[dict[str, str]]) -> bytes:
    """forms  element → text, in the order of the standard"""
    root = Element("xforms", xmlns=_LIST)
    for form in forms:
        _filled(SubElement(root, "xform"), form)
    return _written(root)


def manifest(files: Iterable[dict[str, str]]) -> bytes:
    root = Element("manifest", xmlns=_MANIFEST)
    for file in files:
        _filled(SubElement(root, "mediaFile"), file)
    return _written(root)


def response(text: Text, nature: str) -> bytes:
    """The envelope, with the sentence in both languages: clients show it as it is."""
    root = Element("OpenRosaResponse", xmlns=_RESPONSE)
    message = SubElement(root, "message", nature=nature)
    message.text = f"{text.zh} {text.en}".translate(_UNWRITABLE)
    return _written(root)


def md5(content: bytes) -> str:
    """As the standard has it; it tells versions apart and protects nothing."""
    return f"md5:{hashlib.md5(content, usedforsecurity=False).hexdigest()}"


def _filled(element: Element, values: dict[str, str]) -> None:
    for name, text in values.items():
        SubElement(element, name).text = text.translate(_UNWRITABLE)


def _written(root: Element) -> bytes:
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
