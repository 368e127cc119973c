"""A multipart body, taken only if all of it arrived.

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
from django.utils.http import parse_header_parameters

from khotail.field.problems import CutShort, NotMultipart, TooLarge
from khotail.visits.problems import TooManyFiles
from khotail.visits.receiving import MOST_FILES

#: The largest file, the XML and the words between them.
MAX_MB = 24
MAX_BYTES = MAX_MB << 20
_READ = 64 << 10
_IN_MEMORY = 1 << 20
#: A boundary has at most 70 characters (RFC 2046); after the closing one there is little.
_TAIL = 400


@dataclass(frozen=True)
class Parts:
    """fields  name → texts, as in `request.POST`
    files   name → uploaded files, as in `request.FILES`
    """

    fields: Any
    files: Any


@contextmanager
def parts_of(request: HttpRequest) -> Iterator[Parts]:
    """The body's parts, whose files are gone afterwards. Raises TooLarge, NotMultipart, CutShort, TooManyFiles."""
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
    except TooManyFilesSent as error:
        raise TooManyFiles(most=MOST_FILES) from error
    except (MultiPartParserError, TooManyFieldsSent, RequestDataTooBig) as error:
        watched.drain()
        raise (NotMultipart if watched.is_whole(length, options["boundary"]) else CutShort) from error
    try:
        if not watched.is_whole(length, options["boundary"]):
            raise CutShort
        yield Parts(fields, files)
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
    while chunk := _read(source, _READ):
        count += len(chunk)
        if count > MAX_BYTES:
            kept.close()
            raise TooLarge(limit_mb=MAX_MB)
        kept.write(chunk)
    kept.seek(0)
    return kept, count


def _read(source: Any, size: int) -> bytes:
    """Raises CutShort where the connection broke; servers tell so in different ways."""
    try:
        found: bytes = source.read(size)
    except OSError as error:
        raise CutShort from error
    return found


class _Watched:
    """A stream that counts what is read from it and remembers the end."""

    def __init__(self, source: Any) -> None:
        self._source, self.count, self.tail = source, 0, b""

    def read(self, size: int) -> bytes:
        data = _read(self._source, size)
        self.count += len(data)
        self.tail = (self.tail + data)[-_TAIL:] if len(data) < _TAIL else data[-_TAIL:]
        return data

    def drain(self) -> None:
        while self.read(_READ):
            pass

    def is_whole(self, length: int, boundary: str) -> bool:
        """Whether all of it came, up to the boundary that closes it."""
        return self.count == length and f"--{boundary}--".encode() in self.tail
