"""The language of the command line: Chinese unless `KHOTAIL_LANG` or `--lang` says otherwise."""

from __future__ import annotations

import os
import re
import sys

from khotail.texts import Language, Text


def _chosen() -> Language:
    """Read before the commands are declared, since their help is a text too."""
    arguments = sys.argv[1:]
    for position, argument in enumerate(arguments):
        value = argument.partition("=")[2] if argument.startswith("--lang=") else ""
        if argument == "--lang" and position + 1 < len(arguments):
            value = arguments[position + 1]
        if value in ("zh", "en"):
            return "en" if value == "en" else "zh"
    return "en" if os.environ.get("KHOTAIL_LANG", "").lower().startswith("en") else "zh"


LANGUAGE: Language = _chosen()
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def say(zh: str, en: str) -> str:
    """The text in the chosen language."""
    return zh if LANGUAGE == "zh" else en


def printable(text: str) -> str:
    """Text from files and arguments, with what would steer a terminal made visible."""
    return _CONTROL.sub("�", text)


def word(text: Text) -> str:
    """The text in the chosen language."""
    return printable(text.in_language(LANGUAGE))
