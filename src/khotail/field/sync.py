"""Filled forms come in, several at once. The app keeps each until it reads here that it has arrived."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from khotail.accounts.problems import NotAllowed
from khotail.accounts.roles import May
from khotail.field.answers import refused, sentence, sign_in_first
from khotail.field.body import parts_of
from khotail.field.problems import AnotherOfficer, NothingSent
from khotail.problems import Problem
from khotail.visits.receiving import Received, Sent, ask_to_take, receive_all

_XML, _FILES = "xml-", "files-"


@csrf_exempt  # looking for the token reads the body, and first it must be known whether all of it came: _taken asks for it
@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """multipart: for each submission n its XML as file `xml-n` and its files as `files-n`, named as the XML names them.

    Answers {"outcomes": {n: {outcome, missing, zh?, en?}}}. outcome is "arrived", "again" (it was here already) or
    "refused"; missing names the files that have not come yet: the submission is whole when there are none. Each
    submission is taken by itself. The header X-Officer says whose visits these are: nobody sends another's. A body that
    was cut off is refused as a whole (400).
    """
    try:
        with parts_of(request) as parts:
            return _taken(request, parts.files)
    except Problem as problem:
        return refused(problem)


@csrf_protect
def _taken(request: HttpRequest, files: MultiValueDict[str, UploadedFile]) -> JsonResponse:
    officer = request.user
    if not officer.is_authenticated:
        return sign_in_first()
    if not officer.may(May.MAKE_VISITS):
        raise NotAllowed
    if request.headers.get("X-Officer", "") != str(officer.pk):
        raise AnotherOfficer
    sent = {name.removeprefix(_XML): file for name, file in files.items() if name.startswith(_XML)}
    if not sent:
        raise NothingSent
    visits = [Sent(xml.read(), _files_of(part, files)) for part, xml in sent.items()]
    stored = receive_all(visits, by=officer, now=timezone.now())
    outcomes = dict(zip(sent, map(_told, stored), strict=True))
    if any(each["outcome"] != "refused" for each in outcomes.values()):
        ask_to_take(timezone.now())
    return JsonResponse({"outcomes": outcomes})


def _told(received: Received | Problem) -> dict[str, Any]:
    if isinstance(received, Problem):
        return {"outcome": "refused", "missing": [], **sentence(received.text)}
    found = received.submission
    there = set(found.files.values_list("name", flat=True)) if found.files_expected else set()
    missing = sorted(set(found.files_expected) - there)
    return {"outcome": "again" if received.again else "arrived", "missing": missing}


def _files_of(part: str, files: MultiValueDict[str, UploadedFile]) -> dict[str, UploadedFile]:
    return {file.name or "": file for file in files.getlist(f"{_FILES}{part}")}
