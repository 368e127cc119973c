"""Texts of the core in the language that whoever reads the page has chosen."""

from __future__ import annotations

from django.utils.translation import get_language

from khotail.texts import Language, Text


def readers_language() -> Language:
    """English where the page is made in it. Chinese elsewhere: a page in Mongolian falls back to it."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def said(text: Text) -> str:
    return text.in_language(readers_language())
