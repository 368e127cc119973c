"""Findings in long form: one row per subject and rule, with the values that made it so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

import duckdb

from khotail.facts.masking import masked_value, masked_value_sql
from khotail.facts.running import stoppable
from khotail.facts.store import Facts
from khotail.rulebook.compile import SkippedRule
from khotail.rulebook.explain import fill, shown
from khotail.rulebook.model import Rule, Rulebook, RuleKind
from khotail.texts import Language, Text

_BATCH = 10_000


class FindingText(TypedDict):
    """A finding in words."""

    level: str
    rule_id: str
    severity: str
    cause: str | None
    subject_id: str
    household_id: str | None
    person_id: str | None
    region_code: str | None
    text: str
    mend: str


@dataclass(frozen=True)
class ParameterUsed:
    """A parameter as it was for one subject: its value, since when, for which region, and by which source."""

    name: Text
    value: str
    unit: str
    since: date | None
    region: str
    source: str
    confidence: str


@dataclass(frozen=True)
class Explanation:
    """Why one rule fired for one subject."""

    rule: Rule
    subject_id: str
    text: Text
    values: dict[str, str | None]
    parameters: tuple[ParameterUsed, ...]


@dataclass(frozen=True)
class Findings:
    """What a run found. The rows are a table in the facts' connection; see `khotail.rulebook.compile.FINDING_COLUMNS`.

    kind        signals or audits
    subjects    level → how many subjects the rules looked at
    ran         rules that ran
    skipped     rules that could not run on these data, with the reason
    """

    facts: Facts
    rulebook: Rulebook
    kind: RuleKind
    as_of: date
    region: str
    table: str
    subjects: dict[str, int]
    ran: tuple[Rule, ...]
    skipped: tuple[SkippedRule, ...]

    @property
    def relation(self) -> duckdb.DuckDBPyRelation:
        return self.facts.connection.table(self.table)

    def arrow(self) -> Any:
        """The findings as a pyarrow.Table."""
        return self.facts.connection.sql(f"SELECT * FROM {self.table}").to_arrow_table()

    def polars(self) -> Any:
        """The findings as a Polars frame (needs `polars`)."""
        import polars

        return polars.from_arrow(self.arrow())

    def pandas(self) -> Any:
        """The findings as a pandas frame (needs `pandas`)."""
        return self.arrow().to_pandas()

    def masked_sql(self) -> str:
        """SQL for the rows with ID, phone and bank numbers hidden in `values`."""
        hidden = f"lambda pair: {{'key': pair.key, 'value': {masked_value_sql('pair.key', 'pair.value')}}}"
        return (
            f"SELECT * REPLACE (map_from_entries(list_transform(map_entries(values), {hidden})) AS values) "
            f"FROM {self.table}"
        )

    def count(self) -> int:
        return int(self._execute(f"SELECT count(*) FROM {self.table}").fetchall()[0][0])

    def counts_by(self, *columns: str) -> list[tuple[Any, ...]]:
        """Rows of (*columns, findings, households), most findings first. `columns` are SQL, never a stranger's text."""
        names = ", ".join(columns)
        return self._execute(
            f"SELECT {names}, count(*) AS findings, count(DISTINCT household_id) AS households FROM {self.table} "
            f"GROUP BY {names} ORDER BY findings DESC, {names}"
        ).fetchall()

    def households(self) -> int:
        """How many households have at least one finding."""
        return int(self._execute(f"SELECT count(DISTINCT household_id) FROM {self.table}").fetchall()[0][0])

    def texts(self, language: Language, *, masked: bool = False) -> Iterator[FindingText]:
        """Every finding in words, by region, household and rule.

        masked  hide ID, phone and bank numbers, which a sentence may quote
        """
        cursor = stoppable(self.facts.connection.cursor())
        cursor.execute(
            "SELECT level, rule_id, severity, cause, subject_id, household_id, person_id, region_code, values "
            f"FROM {self.table} ORDER BY region_code, household_id, person_id, rule_id, subject_id"
        )
        while rows := cursor.fetchmany(_BATCH):
            for level, rule_id, severity, cause, subject, household, person, region, values in rows:
                rule = self.rulebook.rules[rule_id]
                if masked:
                    values = {name: masked_value(name, value) for name, value in values.items()}
                yield FindingText(
                    level=level,
                    rule_id=rule_id,
                    severity=severity,
                    cause=cause,
                    subject_id=subject,
                    household_id=household,
                    person_id=person,
                    region_code=region,
                    text=fill(rule.because, values, language),
                    mend=fill(rule.mend, values, language),
                )

    def explanations(self, household_id: str) -> list[Explanation]:
        """Every finding about one household and its members, with the parameters and their sources."""
        rows = self._execute(
            f"SELECT rule_id, subject_id, region_code, values FROM {self.table} "
            "WHERE household_id = ? ORDER BY rule_id, subject_id",
            [household_id],
        ).fetchall()
        return [self._explanation(*row) for row in rows]

    def _explanation(self, rule_id: str, subject_id: str, region: str, values: dict[str, str | None]) -> Explanation:
        rule = self.rulebook.rules[rule_id]
        text = Text(fill(rule.because, values, "zh"), fill(rule.because, values, "en"))
        names = [name[1:] for name in values if name.startswith(":")]
        used = tuple(
            parameter_used(self.rulebook, name, values[f":{name}"], self.as_of, region or "") for name in names
        )
        return Explanation(rule, subject_id, text, values, used)

    def _execute(self, sql: str, values: list[Any] | None = None) -> duckdb.DuckDBPyConnection:
        return self.facts.connection.execute(sql, values or [])


def parameter_used(rulebook: Rulebook, name: str, value: str | None, on: date, region: str) -> ParameterUsed:
    """A parameter with the value that a subject in a region was judged by on a day, and its source."""
    written = shown(f":{name}", value, "zh")
    parameter = rulebook.parameters.get(name)
    if parameter is None:
        return ParameterUsed(Text("收入年度", "income year"), written, "", None, "", "", "high")
    in_force = parameter.in_force(on, region)
    if in_force is None:
        return ParameterUsed(parameter.name, written, parameter.unit, None, "", "", "low")
    return ParameterUsed(
        parameter.name,
        written,
        parameter.unit,
        in_force.since,
        in_force.region,
        in_force.source,
        in_force.confidence,
    )
