"""Files that people send for lists and that are none: told by their first bytes, with what to do instead."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from khotail.facts.problems import NotAList
from khotail.texts import Text

LOOK_BYTES = 1024

_EXPORT = Text(
    "请在原系统中用“导出 Excel”重新导出为 .xlsx。", "Export the list again from its system, as .xlsx (“导出 Excel”)."
)
_SAVE_AS = Text(
    "请在原系统中导出为 .xlsx，或用 Excel、WPS 打开后另存为 .xlsx。",
    "Export it from its system as .xlsx, or open it in Excel or WPS and save it as .xlsx.",
)
_UNPACK = Text("请先解压，再导入里面的表格。", "Unpack it and import the lists inside.")
_PICTURE = Text("图片", "a picture")
_PAGE = Text("网页格式", "a web page")
_ARCHIVE = Text("压缩包", "an archive")
_WORD = Text("Word 文档", "a Word document")
_SLIDES = Text("演示文稿", "a presentation")

_STARTS: tuple[tuple[bytes, Text, Text], ...] = (
    (b"%PDF", Text("PDF 文件", "a PDF document"), _EXPORT),
    (b"\xff\xd8\xff", _PICTURE, _EXPORT),
    (b"\x89PNG", _PICTURE, _EXPORT),
    (b"GIF8", _PICTURE, _EXPORT),
    (b"II*\x00", _PICTURE, _EXPORT),
    (b"MM\x00*", _PICTURE, _EXPORT),
    (b"Rar!", _ARCHIVE, _UNPACK),
    (b"7z\xbc\xaf", _ARCHIVE, _UNPACK),
    (b"\x1f\x8b", _ARCHIVE, _UNPACK),
    (b"{\\rtf", _WORD, _EXPORT),
    (b"<html", _PAGE, _SAVE_AS),
    (b"<!doct", _PAGE, _SAVE_AS),
    (b"<table", _PAGE, _SAVE_AS),
    (b"<?xml", Text("XML 文件", "an XML file"), _SAVE_AS),
    (b"<meta", _PAGE, _SAVE_AS),
)
#: A part of a zip that says what the whole is.
_PARTS: tuple[tuple[str, Text, Text], ...] = (
    ("word/document.xml", _WORD, _EXPORT),
    ("ppt/presentation.xml", _SLIDES, _EXPORT),
    ("OFD.xml", Text("OFD 文件", "an OFD document"), _EXPORT),
)
#: The names of streams in older documents of Office, which have the same first bytes as older workbooks.
_STREAMS: tuple[tuple[bytes, Text, Text], ...] = (
    ("WordDocument".encode("utf-16-le"), _WORD, _EXPORT),
    ("PowerPoint Document".encode("utf-16-le"), _SLIDES, _EXPORT),
)
#: What a zip has that is a workbook: Excel's, or that of OpenDocument.
_OF_WORKBOOKS = ("xl/", "content.xml")


def refuse_by_first_bytes(path: Path, start: bytes) -> None:
    """Raise NotAList if the first bytes are those of a document, a picture, a page or an archive."""
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    _refuse(path, ((kind, advice) for first, kind, advice in _STARTS if start.startswith(first.lower())))


def refuse_by_parts(path: Path, parts: Iterable[str]) -> None:
    """Raise NotAList if a zip with these parts is no workbook."""
    names = set(parts)
    _refuse(path, ((kind, advice) for part, kind, advice in _PARTS if part in names))
    if not any(name.startswith(_OF_WORKBOOKS) for name in names):
        _refuse(path, [(_ARCHIVE, _UNPACK)])


def refuse_by_streams(path: Path, content: bytes) -> None:
    """Raise NotAList if a file of the older Office is no workbook."""
    _refuse(path, ((kind, advice) for stream, kind, advice in _STREAMS if stream in content))


def _refuse(path: Path, found: Iterable[tuple[Text, Text]]) -> None:
    for kind, advice in found:
        raise NotAList(file=path.name, kind=kind.zh, kind_en=kind.en, advice=advice.zh, advice_en=advice.en)
