"""What the verbs of the trail say, in words; the verb itself stays the name by which events are looked for."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khotail.issues.models import Move

_VERBS: dict[str, Promise] = {
    **{f"issue.{kind.value}": kind.label for kind in Move.Kind},
    "issue.phone_shown": _("Phone of the raiser shown"),
    "body.added": _("Body entered"),
    "body.people": _("People of a body named"),
    "body.ended": _("Body ended"),
    "matter.opened": _("Village matter opened"),
    "matter.settled": _("Village matter settled"),
    "correction.asked": _("Correction asked for"),
    "correction.corrected": _("Corrected as asked"),
    "correction.declined": _("Correction declined"),
    "consent.given": _("Consent given"),
    "consent.withdrawn": _("Consent withdrawn"),
    "declaration.made": _("Difficulty declared"),
    "objection.sent": _("Objection sent from the portal"),
    "resident.signed_in": _("Signed in to the portal"),
    "resident.sessions_ended": _("Signed out of the portal everywhere"),
    "resident.helped_in": _("Helped into the portal"),
    "resident.blocked": _("Stopped from signing in"),
    "resident.unblocked": _("Let in again"),
    "document.added": _("Document added"),
    "form.published": _("Visit form offered"),
    "form.uploaded": _("Visit form uploaded"),
    "form.retired": _("Visit form retired"),
    "round.opened": _("Round of visits opened"),
    "round.reminded": _("People reminded of a round"),
    "round.closed": _("Round of visits closed"),
    "visit.received": _("Visit received"),
    "visit.taken": _("Visit entered into the register"),
    "visit.placed": _("Visit given its household"),
    "visit.set_aside": _("Visit set aside"),
    "visit.excused": _("Visit excused"),
}


def in_words(verb: str) -> str | Promise:
    """What the verb says; "" for one that has no words here."""
    return _VERBS.get(verb, "")
