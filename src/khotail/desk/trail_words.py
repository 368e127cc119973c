"""Events of the trail as people read them: what changed, from what to what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.apps import apps
from django.utils.functional import Promise

from khotail.desk.addresses import address
from khotail.desk.trail_verbs import in_words
from khotail.trail.models import Event

#: Pages on which a subject can be looked at: kind → name of its address.
_PAGES = {
    "household": "household", "case": "case", "officer": "officer", "batch": "batch", "job": "job", "issue": "issue",
    "fund": "fund", "project": "project", "payment": "payment", "asset": "project_asset",
    "body": "body", "matter": "matter", "correction": "correction", "simulation": "simulation", "fall": "fall", "plan": "help_plan", "emergency": "emergency", "employment": "job_kept",
    "policy": "policy", "responsibility": "responsibility", "inspection": "inspection", "shortcoming": "shortcoming", "alarm": "alarm",
    "training": "training", "effectstudy": "effect",
}  # fmt: skip


class Change(NamedTuple):
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One event with its changes and its other details, ready to be shown."""

    event: Event

    @property
    def words(self) -> str | Promise:
        return in_words(self.event.verb)

    @property
    def changes(self) -> list[Change]:
        before, after = self.event.details.get("before"), self.event.details.get("after")
        if not isinstance(before, dict) or not isinstance(after, dict):
            return []
        names = dict.fromkeys([*before, *after])
        return [Change(name, _shown(before.get(name)), _shown(after.get(name))) for name in names]

    @property
    def others(self) -> list[tuple[str, str]]:
        skipped = ("before", "after") if self.changes else ()
        return [(name, _shown(value)) for name, value in self.event.details.items() if name not in skipped]

    @property
    def address(self) -> str:
        name = _PAGES.get(self.event.subject_kind)
        return address(name, int(self.event.subject_id)) if name and self.event.subject_id.isdecimal() else ""


def subject_names() -> list[tuple[str, str | Promise]]:
    """Kinds of subjects and their names, for the filter."""
    ours = (model._meta for config in apps.get_app_configs() if config.name.startswith("khotail.")
            for model in config.get_models())  # fmt: skip
    return sorted((meta.model_name, meta.verbose_name) for meta in ours)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_shown(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)
