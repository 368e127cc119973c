"""Which lists an officer may send."""

from __future__ import annotations

from dataclasses import dataclass

from khotail.accounts.models import Officer
from khotail.accounts.roles import May, Role
from khotail.facts.reading.sources import Source, load_sources
from khotail.texts import Text


@dataclass(frozen=True)
class SourceInfo:
    """A list that can be sent; `department` is empty for the national exports and the village ledger."""

    id: str
    name: Text
    department: str


def sources_for(officer: Officer) -> list[SourceInfo]:
    """A department's officer sends that department's lists, others any list; nobody who may not send files."""
    return [SourceInfo(one.id, one.name, one.department) for one in known_to(officer)]


def known_to(officer: Officer) -> list[Source]:
    """The sources themselves."""
    if not officer.may(May.SEND_FILES):
        return []
    if officer.role != Role.DEPARTMENT_OFFICER:
        return list(load_sources())
    return [one for one in load_sources() if one.department and _sends(officer.department, one)]


def source_of(identifier: str) -> Source | None:
    return next((one for one in load_sources() if one.id == identifier), None)


def _sends(department: str, source: Source) -> bool:
    """Departments are written as ids (medical_insurance) or in words (医保局)."""
    return bool(department) and (
        department == source.department or any(title in department for title in source.titles[:2])
    )
