"""The multipart body of a submission, taken only if all of it arrived.

A parser of multipart takes what it gets, and a photo that was cut off looks like a smaller photo. So the bytes are counted
and the closing boundary is looked for, before anything is stored.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.http import parse_header_parameters

from khotail.field.openrosa.problems import CutShort, NotMultipart, OneXmlPart, TooLarge
from khotail.visits.problems import TooManyFiles
from khotail.visits.receiving import MOST_FILES

#: The largest file, the XML and the words between them.
MAX_MB = 24
MAX_BYTES = MAX_MB << 20
XML_PART = "xml_submission_file"
_READ = 64 << 10
_IN_MEMORY = 1 << 20
#: A boundary has at most 70 characters (RFC 2046); after the closing one there is little.
_TAIL = 400


@dataclass(frozen=True)
class Body:
    """xml   of the record
    files  name of the part → uploaded file
    """

    xml: bytes
    files: dict[str, Any]


@contextmanager
def received(request: HttpRequest) -> Iterator[Body]:
    """The body's parts, whose files are gone afterwards. Raises TooLarge, NotMultipart, CutShort, OneXmlPart, TooManyFiles."""
    kind, options = parse_header_parameters(request.META.get("CONTENT_TYPE", ""))
    if kind != "multipart/form-data" or not options.get("boundary"):
        raise NotMultipart
    length = stated_length(request)
    source, length = (request, length) if length is not None else _unchunked(request)
    watched = _Watched(source)
    meta = {"CONTENT_TYPE": request.META["CONTENT_TYPE"], "CONTENT_LENGTH": length}
    try:
        fields, files = MultiPartParser(meta, watched, request.upload_handlers, "utf-8").parse()
        watched.drain()
    except UnreadablePostError as error:
        raise CutShort from error
    except TooManyFilesSent as error:
        raise TooManyFiles(most=MOST_FILES) from error
    except (MultiPartParserError, TooManyFieldsSent, RequestDataTooBig) as error:
        watched.drain()
        raise (NotMultipart if watched.is_whole(length, options["boundary"]) else CutShort) from error
    try:
        if not watched.is_whole(length, options["boundary"]):
            raise CutShort
        yield _parts(fields, files)
    finally:
        for file in [each for _, found in files.lists() for each in found]:
            file.close()


def stated_length(request: HttpRequest) -> int | None:
    """Bytes that the body is said to have; None if it comes in chunks. Raises TooLarge, before anything is read."""
    stated = str(request.META.get("CONTENT_LENGTH") or "")
    if not (stated.isascii() and stated.isdecimal()):
        return None if "chunked" in request.headers.get("Transfer-Encoding", "").lower() else 0
    if len(stated) > 12 or int(stated) > MAX_BYTES:
        raise TooLarge(limit_mb=MAX_MB)
    return int(stated)


def _unchunked(request: HttpRequest) -> tuple[IO[bytes], int]:
    """A body of no stated size, read to its end: at most as much as any other may have."""
    kept = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (the caller reads it)
    source, count = request.META["wsgi.input"], 0
    while chunk := source.read(_READ):
        count += len(chunk)
        if count > MAX_BYTES:
            kept.close()
            raise TooLarge(limit_mb=MAX_MB)
        kept.write(chunk)
    kept.seek(0)
    return kept, count


class _Watched:
    """A stream that counts what is read from it and remembers the end."""

    def __init__(self, source: Any) -> None:
        self._source, self.count, self.tail = source, 0, b""

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self._source.read(size)
        except OSError as error:
            raise UnreadablePostError(*error.args) from error
        self.count += len(data)
        self.tail = (self.tail + data)[-_TAIL:] if len(data) < _TAIL else data[-_TAIL:]
        return data

    def drain(self) -> None:
        while self.read(_READ):
            pass

    def is_whole(self, length: int, boundary: str) -> bool:
        """Whether all of it came, up to the boundary that closes it."""
        return self.count == length and f"--{boundary}--".encode() in self.tail


def _parts(fields: Any, files: Any) -> Body:
    xmls = [file.read() for file in files.getlist(XML_PART)] + [text.encode() for text in fields.getlist(XML_PART)]
    if len(xmls) != 1:
        raise OneXmlPart
    return Body(xmls[0], {name: file for name, file in files.items() if name != XML_PART})
