"""What is recorded about a household: every fact with who said it and for which day, as the household may read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from khotail.accounts.language import readers_language
from khotail.facts.masking import masked_value
from khotail.facts.schema import TABLES
from khotail.facts.schema.columns import Column, Table
from khotail.intake.sources import source_of
from khotail.register.correcting import correctable
from khotail.register.known import Row, known
from khotail.register.members import SOURCE as BY_HAND
from khotail.register.models import Household, Person, Statement
from khotail.register.queries import GUARANTEES
from khotail.register.sealed import opened
from khotail.report.names import unit_name

#: About officers, about whoever told something, or only of use to a machine.
_NOT_SHOWN = frozenset(
    {
        "household_id", "person_id", "region_code", "as_of", "source", "collector_name", "collector_phone",
        "incident_note", "id_type",
    }
)  # fmt: skip
_VISIT, _CASEWORK, _DEMO = "visit", "casework", "demo"


@dataclass(frozen=True)
class Fact:
    """One fact: its label and value in words, where it comes from, and what a correction of it has to name."""

    label: str
    value: str
    source: str
    as_of: Any
    entered_by: str
    wrong: str  # query of the correction's address; "" where it cannot be corrected here


@dataclass(frozen=True)
class Section:
    title: str
    facts: list[Fact]


def sections_of(household: Household) -> list[Section]:
    """Everything, in the order in which a family would ask for it. Two queries."""
    facts = known(household)
    people = {person.pk: person for person in household.members.filter(left_on=None).order_by("id")}
    found = list(_about_house(facts.get("households", [])))
    by_person = {row.person_id: row for row in facts.get("persons", [])}
    for person in sorted(people.values(), key=lambda each: (each.relation != "户主", each.pk)):
        if person.pk in by_person:
            found.append(_section(person.name, "persons", [by_person[person.pk]], people))
    for name, rows in facts.items():
        if name not in ("households", "persons", "villages"):
            mine = [row for row in rows if row.person_id is None or row.person_id in people]
            found.append(_section(_word(TABLES[name]), name, mine[::-1][:40], people))
    return [section for section in found if section.facts]


def fact_of(household: Household, table: str, column: str, person: Person | None, row: dict[str, str]) -> Fact | None:
    """The fact that a correction is about, as the page shows it; None if nothing is recorded there."""
    for each in known(household, [table]).get(table, []):
        if each.person_id == (person.pk if person else None) and _key(table, each) == row and column in each.values:
            return _fact(table, TABLES[table].column(column), each, {})
    return None


def _about_house(rows: list[Row]) -> Iterator[Section]:
    if not rows:
        return
    table = TABLES["households"]
    first = [_fact("households", table.column(name), rows[0], {}) for name in GUARANTEES if name in rows[0].values]
    yield Section(_("House, water, school, insurance"), [fact for fact in first if fact])
    rest = [each for each in table.columns if each.name not in GUARANTEES]
    yield Section(
        _("About the household"), [fact for column in rest if (fact := _fact("households", column, rows[0], {}))]
    )


def _section(title: str, table: str, rows: list[Row], people: dict[int, Person]) -> Section:
    columns = TABLES[table].columns
    return Section(title, [fact for row in rows for each in columns if (fact := _fact(table, each, row, people))])


def _fact(table: str, column: Column, row: Row, people: dict[int, Person]) -> Fact | None:
    value = opened(row.values.get(column.name))
    if value is None or value == "" or column.name in _NOT_SHOWN:
        return None
    said_by: Statement = row.said_by[column.name]
    named = [people[row.person_id].name] if row.person_id in people and table != "persons" else []
    key = _key(table, row)
    of_row = [*named, *(str(part) for part in key.values() if part != str(value))]
    return Fact(
        label=" · ".join([_word(column), *of_row]),
        value=_value(column, value),
        source=_source(said_by.source),
        as_of=said_by.as_of,
        entered_by=str(said_by.recorded_by.get_role_display()) if said_by.recorded_by else "",
        wrong=_wrong(table, column, row, key),
    )


def _wrong(table: str, column: Column, row: Row, key: dict[str, str]) -> str:
    if column.name in key or column.name not in {each.name for each in correctable(table)}:
        return ""
    named = {"table": table, "column": column.name, **key}
    return urlencode(named | ({"person": str(row.person_id)} if row.person_id else {}))


def _key(table: str, row: Row) -> dict[str, str]:
    names = [name for name in TABLES[table].key if name not in ("household_id", "person_id")]
    return {name: str(row.values[name]) for name in names if row.values.get(name) is not None}


def _value(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, float | int):
        text = f"{value:,.2f}".rstrip("0").rstrip(".") if column.kind == "number" else str(value)
        return f"{text} {unit_name(column.unit).in_language(readers_language())}".strip()
    text = str(masked_value(column.name, str(value)) if column.personal else value)
    meaning = dict(column.codes).get(text, "")
    return f"{meaning} ({text})" if meaning not in ("", text) and readers_language() == "en" else text


def _source(source: str) -> str:
    words = {
        BY_HAND: _("Written down at the village office"),
        _VISIT: _("A visit to your home"),
        _CASEWORK: _("Your case"),
        _DEMO: _("Invented for the demonstration"),
    }
    if source in words:
        return words[source]
    known_list = source_of(source)
    return str(getattr(known_list.name, readers_language())) if known_list else source


def _word(named: Column | Table) -> str:
    return named.zh if readers_language() == "zh" else named.en
