"""Reading the radar: which programmes end without a successor, and who hangs on them, village by village."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from khotail import analysis
from khotail.accounts.models import Officer
from khotail.analysis.radar import EndingProgramme
from khotail.rulebook.model import Rulebook
from khotail.rulebook.programmes import Programme
from khotail.screening import rulebook, snapshot
from khotail.screening.snapshot import Tell
from khotail.simulation.models import RadarReading
from khotail.simulation.scenarios import going_on
from khotail.trail import chain

#: How far a reading looks; a page shows as much of it as is asked for.
YEARS = 10
#: Older readings of a region are of no use to anybody.
_KEPT = 5


def read_radar(region_code: str, *, by: Officer | None, as_of: date, now: datetime, tell: Tell) -> RadarReading:
    """Read the radar for a region and keep it. Raises NothingStated."""
    snapshot.refresh(tell)
    facts = snapshot.facts()
    tell(0, 1, "rules")
    with facts.connection:
        ending = analysis.radar(facts, rulebook.current(), on=as_of, region=region_code, years=YEARS)
    tell(1, 1, "rules")
    return _keep(region_code, [_line(each) for each in ending], by, as_of, now)


@transaction.atomic
def _keep(
    region_code: str, lines: list[dict[str, Any]], by: Officer | None, as_of: date, now: datetime
) -> RadarReading:
    made = RadarReading.objects.create(region_code=region_code, as_of=as_of, read_at=now, asked_by=by, lines=lines)
    old = RadarReading.objects.filter(region_code=region_code).values_list("pk", flat=True)[_KEPT:]
    RadarReading.objects.filter(pk__in=list(old)).delete()
    chain.record(by, "radar.read", made, at=now, programmes=len(lines))
    return made


def _line(ending: EndingProgramme) -> dict[str, Any]:
    programme, skipped = ending.programme, ending.skipped
    unjudged = ending.households is None
    reason = skipped.reason if skipped else None
    return {
        "programme": programme.id, "zh": programme.name.zh, "en": programme.name.en, "until": str(programme.until),
        "fund": programme.pays.fund, "source": programme.source, "assumed": ending.assumed,
        "skipped": {"zh": reason.zh if reason else "—", "en": reason.en if reason else "—"} if unjudged else None,
        "villages": [[code, households, round(cny, 2)] for code, households, cny in ending.villages],
    }  # fmt: skip


def just_ends(programme: Programme, book: Rulebook, today: date) -> tuple[str, list[str]] | None:
    """The scenario in which a programme ends as the law says, against the law as if it went on; None if it has no end.

    By the law as it stands its end is no change, and nobody would be seen to fall.
    """
    if programme.until is None or programme.id not in going_on(book, [programme.id]).programmes:
        return None
    after = programme.until + timedelta(days=1)
    adopted = min(today, after)
    text = (
        f"# {programme.name.zh} / {programme.name.en}\n"
        f"id: just-ends\nname: {{zh: {_quoted(programme.name.zh + '到期')}, en: {_quoted('End of ' + programme.name.en)}}}\n"
        f"adopted: {adopted}\nends:\n  - {{programme: {programme.id}, on: {after}}}\n"
    )
    return text, [programme.id]


def _quoted(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
