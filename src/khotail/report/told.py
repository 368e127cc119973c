"""The findings of a report told in words, village by village, with ID numbers and phones masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from khotail.engine import Findings
from khotail.facts.identity import masked
from khotail.facts.masking import masked_name, masked_text, masked_value
from khotail.facts.schema import LEVEL_TABLES
from khotail.facts.store import Facts
from khotail.rulebook import Rule, Rulebook
from khotail.rulebook.explain import fill, replaced, shown
from khotail.rulebook.names import meaning
from khotail.texts import Language, Text

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Told:
    """One finding with its rule and the values that made it so. Names are there only if they were asked for."""

    rule: Rule
    region_code: str
    household_id: str
    values: Mapping[str, str | None]
    head_name: str = ""
    person_name: str = ""
    id_number: str = ""

    def text(self, language: Language) -> str:
        """What is wrong, in words."""
        return masked_text(fill(self.rule.because, self.values, language))

    def mend(self, language: Language) -> str:
        """How to mend it, or what to check on the visit."""
        return masked_text(fill(self.rule.mend, self.values, language))

    def facts(self, label: Callable[[str, str], Text], language: Language) -> str:
        """The values that the rule looked at, one a line; `label` names a column of a level."""
        return masked_text(
            "\n".join(
                f"{label(self.rule.level, name).in_language(language)}: {shown(name, value, language)}"
                for name, value in self.values.items()
                if not name.startswith(":")
            )
        )


def told(facts: Facts, *findings: Findings | None, with_names: bool = False) -> Iterator[Told]:
    """All findings, ordered by village, household and rule.

    with_names  keep the names of persons and give the household's head; otherwise names in values are masked too.
    Nothing else may use the facts' connection until the iterator is at its end.
    """
    present = [each for each in findings if each is not None]
    if not present:
        return
    rules = {rule.id: rule for each in present for rule in each.rulebook.rules.values()}
    rows = " UNION ALL ".join(
        f"SELECT rule_id, region_code, household_id, person_id, values FROM {each.table}" for each in present
    )
    named = with_names and facts.has("persons", "name")
    people = (
        f"SELECT rows.*, {'heads.head, persons.name, persons.id_number' if named else 'NULL, NULL, NULL'} FROM rows"
    )
    if named:
        id_number = "any_value(id_number)" if facts.has("persons", "id_number") else "NULL"
        head = "relation = '户主'" if facts.has("persons", "relation") else "false"
        people += f"""
            LEFT JOIN (SELECT household_id, min(name) AS head FROM persons WHERE {head} GROUP BY household_id) AS heads
                ON heads.household_id = rows.household_id
            LEFT JOIN (SELECT household_id, person_id, any_value(name) AS name, {id_number} AS id_number
                       FROM persons GROUP BY household_id, person_id) AS persons
                ON persons.household_id = rows.household_id AND persons.person_id = rows.person_id"""
    stream = facts.connection.execute(
        f"WITH rows AS ({rows}) {people} ORDER BY rows.region_code, rows.household_id, rows.rule_id, rows.person_id"
    )
    while batch := stream.fetchmany(_BATCH):
        for rule_id, region, household, _, values, head, name, number in batch:
            hidden = {key: _masked(key, value, with_names) for key, value in (values or {}).items()}
            yield Told(
                rules[rule_id], region or "", household or "", hidden, head or "", name or "", masked(number or "")
            )


def name_of_column(rulebook: Rulebook, level: str, name: str) -> Text:
    """The Chinese and English name of a column or indicator that a rule of `level` reads."""
    found = meaning(rulebook, level, name)
    if found is None:
        return Text(name, name)
    if found.indicator is not None:
        return found.indicator.name
    column = LEVEL_TABLES[found.owner].column(name)
    return Text(column.zh, column.en)


def in_general(text: Text, rule: Rule, rulebook: Rulebook, as_of: date, region: str) -> Text:
    """A rule's sentence as said of no household: parameters with their values, columns as their names."""

    def said(language: Language) -> str:
        def general(name: str, percent: bool) -> str:
            if not name.startswith(":"):
                return name_of_column(rulebook, rule.level, name).in_language(language)
            parameter = rulebook.parameters.get(name[1:])
            value = parameter.in_force(as_of, region) if parameter else None
            return shown(name, str(value.value), language) if value else name[1:]

        return replaced(text.in_language(language), general)

    return Text(said("zh"), said("en"))


def _masked(name: str, value: str | None, with_names: bool) -> str | None:
    if value is None or with_names:
        return masked_value(name, value)
    if name == "name" or (name.endswith("_name") and name not in ("village_name", "township_name", "group_name")):
        return masked_name(value)
    return masked_value(name, value)
