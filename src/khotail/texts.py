"""Text in the two languages that every person-facing sentence of the core has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or name in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en

    def filled(self, **values: object) -> Text:
        """The same text with its `{placeholders}` filled in."""
        return Text(self.zh.format(**values), self.en.format(**values))


def typed(words: str) -> str:
    """What somebody typed, without space around it and without NUL, which PostgreSQL cannot keep."""
    return words.replace("\x00", "").strip()
