"""Texts of the core in the language that whoever reads the page has chosen."""

from __future__ import annotations

from django.utils.translation import get_language

from khotail.texts import Language, Text


def readers_language() -> Language:
    """Chinese unless the page is being made in another language."""
    return "zh" if (get_language() or "zh").startswith("zh") else "en"


def said(text: Text) -> str:
    return text.in_language(readers_language())
