"""What can be done with an issue on its page: one row for each, with its form and the action that it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from khotail.accounts.models import Officer
from khotail.desk import issue_forms as forms
from khotail.issues import answering, handling, publishing
from khotail.issues.models import Body, Issue
from khotail.issues.problems import BodyElsewhere, NotFound
from khotail.issues.receipts import Raiser

Act = Callable[[Issue, dict[str, Any], list[Any], Officer, datetime], Any]


@dataclass(frozen=True)
class Deed:
    """One thing to do. `files`: pictures and papers may come with it; `grave`: its button warns."""

    name: str
    label: Promise
    done: Promise
    form: type[forms.DeedForm]
    act: Act
    files: bool = False
    grave: bool = False
    first: bool = False  # shown open, as what is to be done next


def _sort(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    return handling.sort(
        issue, values["route"], by=by, now=now, region_code=values.get("region_code", ""), words=values.get("words", "")
    )


def _transfer(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    body = Body.objects.filter(pk=values["body"]).first()
    if body is None:
        raise BodyElsewhere(body=values["body"])
    return handling.transfer(issue, body, values["words"], by=by, now=now)


def _merge(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    into = Issue.objects.visible_to(by).filter(number=values["number"].strip().upper()).first()
    if into is None:
        raise NotFound
    return handling.merge(issue, into, by=by, now=now)


def _publish(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    chosen = [int(each) for each in values.get("photos", [])]
    return publishing.publish(issue, values["public_words"], chosen, by=by, now=now)


def _resolve(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    return handling.resolve(
        issue, values["words"], by=by, now=now, public_words=values["public_words"], files=files
    )  # fmt: skip


def _confirm(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    return answering.confirm(
        issue, values["satisfied"], raiser=Raiser(officer=by), now=now, words=values["words"]
    )  # fmt: skip


def _reopen(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    return answering.reopen(issue, values["words"], raiser=Raiser(officer=by), now=now, files=files)


def _say_more(issue: Issue, values: dict[str, Any], files: list[Any], by: Officer, now: datetime) -> Any:
    return answering.say_more(issue, values["words"], raiser=Raiser(officer=by), now=now, files=files)


#: In the order in which the page offers them.
DEEDS: dict[str, Deed] = {
    each.name: each
    for each in (
        Deed("sort", _("Give it its class"), _("The issue has its class."), forms.SortForm, _sort),
        Deed("accept", _("Take it up"), _("Taken up; the clock of its class counts now."), forms.AcceptForm,
             lambda issue, values, files, by, now: handling.accept(
                 issue, by=by, now=now, public_words=values["public_words"]), first=True),
        Deed("resolve", _("Say that it is resolved"), _("Said to be resolved; whoever raised it is asked."),
             forms.ResolveForm, _resolve, files=True, first=True),
        Deed("resume", _("Let the clock run again"), _("The clock runs again."), forms.DeedForm,
             lambda issue, values, files, by, now: handling.resume(issue, by=by, now=now), first=True),
        Deed("confirm", _("They confirm it"), _("Their answer is recorded."), forms.ConfirmForm, _confirm, first=True),
        Deed("reopen", _("They say it is not resolved"), _("Reopened, one level up."), forms.ReopenForm, _reopen,
             files=True, first=True),
        Deed("say_more", _("Write down what they add"), _("Written down."), forms.SayMoreForm, _say_more, files=True),
        Deed("transfer", _("Pass it on"), _("Passed on, with the reason."), forms.TransferForm, _transfer),
        Deed("send_back", _("Send it back to be sorted"), _("Sent back to be sorted."), forms.ReasonForm,
             lambda issue, values, files, by, now: handling.send_back(issue, values["words"], by=by, now=now)),
        Deed("pause", _("Stop the clock"), _("The clock stands."), forms.ReasonForm,
             lambda issue, values, files, by, now: handling.pause(issue, values["words"], by=by, now=now)),
        Deed("extend", _("Put the deadline off"), _("The deadline is put off."), forms.ExtendForm,
             lambda issue, values, files, by, now: handling.extend(
                 issue, values["days"], values["words"], by=by, now=now)),
        Deed("say", _("Write a message"), _("The message is with the issue."), forms.SayForm,
             lambda issue, values, files, by, now: handling.say(
                 issue, values["words"], by=by, now=now, to_raiser=values["to_raiser"] == "yes")),
        Deed("publish", _("Show it in public"), _("What is public of it is changed."), forms.PublishForm, _publish),
        Deed("merge", _("Join it to another"), _("Joined to the other issue."), forms.MergeForm, _merge, grave=True),
        Deed("close_unresolved", _("Close it without resolving"), _("Closed, with the reason."), forms.ReasonForm,
             lambda issue, values, files, by, now: handling.close_unresolved(issue, values["words"], by=by, now=now),
             grave=True),
    )
}  # fmt: skip
