"""A kept document as an answer: a picture is shown, a recording is played, everything else is taken away as a file."""

from __future__ import annotations

from django.http import HttpResponse

from khotail.register import documents
from khotail.register.models import Document

_ENDINGS = {"jpeg": "jpg", "mpeg": "mp3", "mp4": "m4a"}


def as_answer(document: Document) -> HttpResponse:
    """What it holds, in a form in which no browser runs it. Raises FileDamaged."""
    response = HttpResponse(documents.content(document), content_type=document.content_type)
    ending = document.content_type.rsplit("/", 1)[-1]
    is_picture = document.content_type.startswith("image/") and document.content_type != "image/heic"
    how = "inline" if is_picture or document.content_type.startswith("audio/") else "attachment"
    response["Content-Disposition"] = f'{how}; filename="document-{document.pk}.{_ENDINGS.get(ending, ending)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
