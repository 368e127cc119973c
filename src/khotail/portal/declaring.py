"""The causes of a difficulty, as somebody would say them at home."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from khotail.rulebook.model import CAUSES

#: cause → its words; the picture has the cause's name
IN_PLAIN_WORDS = {
    "illness": _("Somebody is ill"),
    "disability": _("Somebody is disabled"),
    "schooling": _("School costs too much"),
    "employment": _("No work, or work lost"),
    "business": _("Herd or crops do badly"),
    "disaster": _("Drought, snow, flood, fire"),
    "accident": _("An accident"),
    "labour": _("Nobody who can work"),
    "housing": _("The house is not safe"),
    "water": _("No good water"),
    "income": _("Not enough money"),
}


def causes() -> list[tuple[str, object]]:
    """Every cause that a lead may have, in the order of the page."""
    known = [(name, words) for name, words in IN_PLAIN_WORDS.items() if name in CAUSES]
    return known + [(name, text.zh) for name, text in CAUSES.items() if name not in IN_PLAIN_WORDS]


#: What is agreed to when the box is ticked; kept as it was shown.
LOOK_UP_WORDS = _(
    "I agree that the office looks up what my household owns: house, car, business, money in the bank. "
    "It may do so only to decide about help. I can take this back at any time."
)
