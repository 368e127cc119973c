"""The sentences of the app's scripts. They are spoken on the device, also where there is no connection to ask for them."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

#: Each stands in a script as `t("…")`, word by word.
SENTENCES = (
    _("(needed)"),
    _("A new version is there."),
    _("Add"),
    _("At least {number} points are needed."),
    _("Back to the list"),
    _("Begun"),
    _("Choose a file"),
    _("Choose …"),
    _("Discard"),
    _("Discard this visit? What was filled in is lost."),
    _("Field to sign in"),
    _("Finish and send"),
    _("Household not named yet"),
    _("Households to visit ({number})"),
    _("Kept on this device. It is sent as soon as there is a connection."),
    _("Language of the form"),
    _("Looking for the place …"),
    _("Move up: {label}"),
    _("No connection. Fill in as usual: everything is kept and sent later."),
    _("No visit is planned for you."),
    _("Not saved: there is no room on this device. Delete something else first."),
    _("Nothing waits to be sent."),
    _("Open and correct"),
    _("Please answer this."),
    _("Queue"),
    _("Remove"),
    _("Remove the last point"),
    _("Saved on this device"),
    _("Search by number, name or village"),
    _("Send again"),
    _("Send now"),
    _("Sending"),
    _("Sending …"),
    _("Sign again"),
    _("Sign in"),
    _("Sign in to send and to renew the list. Everything that you filled in is kept on this device."),
    _("Sign out"),
    _("Sign out? The list of households is removed from this device."),
    _("Signed out"),
    _("Take a photo or choose one"),
    _("Take the first point here"),
    _("Take the next point here"),
    _("Take the place"),
    _("Take the place again"),
    _("The device does not know where it is. Switch location on, go outside, try again."),
    _("The form is not here"),
    _("The list is gone from this device. The session ends as soon as there is a connection."),
    _("The photo"),
    _("The server does not answer. Everything is kept; it is tried again by itself."),
    _("This answer is not possible."),
    _("This form is not on the device. Connect once, then open it again."),
    _("This kind of question cannot be answered here yet; leave it out."),
    _("This picture cannot be read. Take another one, as JPEG."),
    _("Use it"),
    _("Visit another household"),
    _("Visits"),
    _("Visits that you finish appear here."),
    _("You have not moved since that point. Go on to the next one."),
    _("Write a number in digits, such as 12.5."),
    _("Write a whole number in digits."),
    _("arrived"),
    _("begun"),
    _("by {day}"),
    _("refused"),
    _("sending"),
    _("waiting to be sent"),
    _("{number} points, about {metres} m"),
    _("{number} answers are missing or not right yet; each says so itself."),
    _(
        "{number} visits have not arrived yet. They stay on this device and wait until you sign in here again. Sign out?"
    ),
    _("{number} visits of somebody else wait on this device. They are sent when that person signs in here."),
    _("{number} visits wait to be sent."),
)


def catalogue() -> dict[str, str]:
    """English source → Chinese."""
    with translation.override("zh-hans"):
        return {source: gettext(source) for source in SENTENCES}
