"""Changes to the banner's own rulebook: written, tried dry, then adopted or dropped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml
from django.conf import settings
from django.db import transaction

from khotail.accounts.models import Officer
from khotail.accounts.roles import May
from khotail.jobs.actions import ask
from khotail.jobs.models import Job
from khotail.rulebook.examples import run_examples
from khotail.rulebook.model import Change, Rulebook
from khotail.rulebook.problems import RulebookFlawed
from khotail.screening import rulebook
from khotail.screening.models import RulebookChange
from khotail.screening.problems import (
    BadFileName,
    ChangeIsFlawed,
    ChangeIsOver,
    EmptyChange,
    MayNotChangeRules,
    NotTried,
    RulebookMovedOn,
    UnknownParameter,
    WrongKindOfValue,
)
from khotail.trail import chain

#: The file that values set by the simple form are written to.
VALUES_FILE = "parameters/set_here.yaml"
_FILE = re.compile(r"(parameters|indicators|signals|audits|procedures|needs)/[a-z0-9_]{1,40}\.yaml")
_LONGEST = 200_000
_OVER = {RulebookChange.State.ADOPTED: ("采用", "adopted"), RulebookChange.State.DROPPED: ("放弃", "dropped")}


@transaction.atomic
def write(
    title: str, name: str, text: str, *, by: Officer, now: datetime, change: RulebookChange | None = None
) -> RulebookChange:
    """Write one file of a new change, or of one that is not over yet. It is checked at once; what is wrong with it is
    kept with it, so that nobody loses what they wrote.

    name  path in the banner's book, such as parameters/lines.yaml; an empty `text` takes the file out of the book
    Raises MayNotChangeRules, BadFileName, ChangeIsOver.
    """
    region_code = book_region(by)
    if not _FILE.fullmatch(name) or len(text) > _LONGEST:
        raise BadFileName(name=name[:60])
    if change is None:
        change = RulebookChange(region_code=region_code, written_by=by, written_at=now)
    else:
        change = _locked(change, by)
    change.title = title.strip()[:120] or name
    change.files = {**change.files, name: text.replace("\r\n", "\n").replace("\x00", "")}
    change.state, change.trial_path, change.based_on = RulebookChange.State.DRAFT, "", ""
    change.trial = {"flaws": _flaws(change)}
    change.save()
    chain.record(by, "rulebook.written", change, at=now, file=name, flaws=len(change.trial["flaws"]))
    return change


def set_parameter(
    name: str, value: str, since: date, source: str, *, by: Officer, now: datetime, title: str = ""
) -> RulebookChange:
    """A change that sets one parameter for the banner from a day on.

    Raises MayNotChangeRules, UnknownParameter, WrongKindOfValue.
    """
    book_region(by)
    parameter = rulebook.current().parameters.get(name)
    if parameter is None:
        raise UnknownParameter(name=name[:60])
    known = yaml.safe_load(rulebook.own_files().get(VALUES_FILE, "")) or {}
    entry = known.setdefault(name, {"values": []})
    entry["values"] = [each for each in entry["values"] if each["since"] != since]
    entry["values"].append(
        {"since": since, "value": _typed(value, parameter.values[0].value), "source": source.strip()}
    )
    text = yaml.safe_dump(known, allow_unicode=True, sort_keys=False, width=1000)
    return write(title or f"{parameter.name.zh} {value} ({since})", VALUES_FILE, text, by=by, now=now)


def _typed(value: str, like: Any) -> Any:
    """What was typed as the kind of value that the parameter has."""
    text = value.strip()
    try:
        if isinstance(like, date):
            return date.fromisoformat(text)
        if isinstance(like, (int, float)):
            number = float(text.replace(",", ""))
            if abs(number) > 1e15 or number != number:
                raise ValueError(text)
            return int(number) if number.is_integer() else number
    except ValueError as error:
        kind = ("日期", "a date") if isinstance(like, date) else ("数字", "a number")
        raise WrongKindOfValue(value=text[:40], zh=kind[0], en=kind[1]) from error
    return text


def book_region(by: Officer) -> str:
    """The region of the banner's book. Raises MayNotChangeRules unless the officer works for the whole of it."""
    banner = settings.KHOTAIL_BANNER or by.region_code[:6]
    if not by.may(May.CHANGE_RULEBOOK) or not banner.startswith(by.region_code):
        raise MayNotChangeRules
    return str(banner)


def files_with(change: RulebookChange) -> dict[str, str]:
    """The banner's whole book as it would be."""
    return {name: text for name, text in {**rulebook.own_files(), **change.files}.items() if text.strip()}


def candidate(change: RulebookChange) -> tuple[Rulebook, str]:
    """The whole rulebook as it would be, and its digest. Raises RulebookFlawed."""
    return rulebook.with_files(files_with(change), change.region_code)


def differences(candidate_book: Rulebook) -> tuple[list[Change], list[Change]]:
    """What the banner's book would do that it does not do now, and what it would no longer do."""

    def own(book: Rulebook) -> dict[tuple[str, ...], Change]:
        return {
            (each.action, each.kind, each.id, each.detail): each
            for each in book.changes if each.place.book == rulebook.OWN
        }  # fmt: skip

    before, after = own(rulebook.current()), own(candidate_book)
    return (
        [each for key, each in after.items() if key not in before],
        [each for key, each in before.items() if key not in after],
    )


def _flaws(change: RulebookChange) -> list[dict[str, Any]]:
    """What the loader, and the examples of what it changes, find wrong."""
    try:
        book, _ = candidate(change)
    except RulebookFlawed as problem:
        return [
            {"file": flaw.place.file.removeprefix(f"{rulebook.OWN}/"), "line": flaw.place.line, "entry": flaw.entry,
             "zh": flaw.text.zh, "en": flaw.text.en}
            for flaw in problem.flaws
        ]  # fmt: skip
    own = [
        entry for entry in (*book.rules.values(), *book.indicators.values()) if entry.place.book == rulebook.OWN
    ]  # fmt: skip
    _, failures = run_examples(book, own)
    return [
        {"file": failure.place.file.removeprefix(f"{rulebook.OWN}/"), "line": failure.place.line,
         "entry": failure.entry, "zh": failure.text.zh, "en": failure.text.en}
        for failure in failures
    ]  # fmt: skip


@transaction.atomic
def ask_for_trial(change: RulebookChange, *, by: Officer, now: datetime) -> Job:
    """Put the dry run into the queue. Raises MayNotChangeRules, ChangeIsOver, ChangeIsFlawed, EmptyChange."""
    change = _locked(change, by)
    _check_sound(change)
    book, _ = candidate(change)
    added, removed = differences(book)
    if not added and not removed:
        raise EmptyChange
    job = ask("screening.trial", {"change": change.pk}, by=by, region_code=change.region_code, now=now)
    change.job = job
    change.save(update_fields=["job"])
    return job


@transaction.atomic
def adopt(change: RulebookChange, *, by: Officer, now: datetime) -> RulebookChange:
    """Let a change that was tried be in force from now on.

    Raises MayNotChangeRules, ChangeIsOver, ChangeIsFlawed, NotTried, RulebookMovedOn.
    """
    change = _locked(change, by)
    _check_sound(change)
    if change.state != RulebookChange.State.TRIED:
        raise NotTried
    before = rulebook.digest()
    if change.based_on != before:
        raise RulebookMovedOn
    change.state, change.adopted_by, change.adopted_at = RulebookChange.State.ADOPTED, by, now
    change.digest = rulebook.put_in_force(files_with(change), change.region_code)
    change.save()
    told = {name: change.trial.get(name) for name in ("warned", "new", "ended")}
    chain.record(
        by, "rulebook.adopted", change, at=now, title=change.title, before=before, after=change.digest, trial=told
    )
    return change


@transaction.atomic
def drop(change: RulebookChange, *, by: Officer, now: datetime) -> RulebookChange:
    """Give a change up; it stays on record. Raises MayNotChangeRules, ChangeIsOver."""
    change = _locked(change, by)
    change.state = RulebookChange.State.DROPPED
    change.save(update_fields=["state"])
    chain.record(by, "rulebook.dropped", change, at=now, title=change.title)
    return change


def _locked(change: RulebookChange, by: Officer) -> RulebookChange:
    book_region(by)
    fresh = RulebookChange.objects.visible_to(by).select_for_update().get(pk=change.pk)
    if fresh.state in _OVER:
        zh, en = _OVER[RulebookChange.State(fresh.state)]
        raise ChangeIsOver(state_zh=zh, state_en=en)
    return fresh


def _check_sound(change: RulebookChange) -> None:
    flaws = change.trial.get("flaws") or []
    if flaws:
        raise ChangeIsFlawed(
            count=len(flaws),
            zh="\n".join(f"{flaw['file']}:{flaw['line']} {flaw['zh']}" for flaw in flaws),
            en="\n".join(f"{flaw['file']}:{flaw['line']} {flaw['en']}" for flaw in flaws),
        )


@dataclass(frozen=True)
class FileDifference:
    """One file of the change beside the one in force, as lines of a unified diff."""

    name: str
    lines: list[tuple[str, str]]  # sign, text


def file_differences(files: Mapping[str, str]) -> list[FileDifference]:
    import difflib

    known = rulebook.own_files()
    found = []
    for name, text in files.items():
        before = known.get(name, "").splitlines()
        lines = list(difflib.unified_diff(before, text.splitlines(), lineterm="", n=2))[2:]
        found.append(FileDifference(name, [(line[:1], line[1:]) for line in lines if not line.startswith("@@")]))
    return found
