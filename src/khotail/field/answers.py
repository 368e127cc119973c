"""Answers to the app: JSON with a sentence in both languages, for the officer to read once they are back."""

from __future__ import annotations

from django.http import JsonResponse

from khotail.problems import Problem
from khotail.texts import Text

_SIGN_IN = Text("请登录。已填写的走访都保存在本机。", "Sign in. All visits that you filled in are kept on this device.")


def refused(problem: Problem) -> JsonResponse:
    return JsonResponse(sentence(problem.text), status=problem.status)


def sign_in_first() -> JsonResponse:
    return JsonResponse(sentence(_SIGN_IN), status=401)


def sentence(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
