"""All rules of a level as one query.

The query computes the frame, packs the outcome of up to 60 rules into one integer, keeps the subjects for whom any
rule fires, and only for these unfolds the findings with the values that made them so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from khotail.facts.schema import LEVEL_TABLES, TABLES
from khotail.rulebook.explain import placeholders
from khotail.rulebook.frames import Frames
from khotail.rulebook.model import Rule
from khotail.rulebook.names import KEYS, LEVEL_OF_TABLE, group_key, meaning
from khotail.rulebook.parameters import REGION_COLUMN, Scope, literal
from khotail.rulebook.problems import MissingFact
from khotail.rulebook.sieve import Share, shares
from khotail.texts import Text

_RULES_PER_MASK = 60
_NO_VALUES = "MAP([]::VARCHAR[], []::VARCHAR[])"

#: Columns of every finding, with their types.
FINDING_COLUMNS: dict[str, str] = {
    "level": "VARCHAR",
    "rule_id": "VARCHAR",
    "severity": "VARCHAR",
    "cause": "VARCHAR",
    "subject_id": "VARCHAR",
    "household_id": "VARCHAR",
    "person_id": "VARCHAR",
    "region_code": "VARCHAR",
    "values": "MAP(VARCHAR, VARCHAR)",
    "as_of": "DATE",
}


@dataclass(frozen=True)
class SkippedRule:
    """A rule that could not run on these data, and why."""

    rule_id: str
    reason: Text


@dataclass(frozen=True)
class LevelQuery:
    """The query that finds everything that the rules of one level find."""

    level: str
    sql: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Compiled:
    """The queries of a run, one per level, and the rules left out."""

    queries: tuple[LevelQuery, ...]
    skipped: tuple[SkippedRule, ...]


@dataclass(frozen=True)
class Compiler:
    """Compiles rules for a scope and for data that have the columns `present`.

    given, isolate   see `khotail.rulebook.frames.Frames`; only worked examples set them
    """

    scope: Scope
    present: Mapping[str, frozenset[str]]
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)
    isolate: str = ""

    def compile(self, rules: Iterable[Rule]) -> Compiled:
        """Compile the rules in force into one query per level. Rules that lack a column or value are skipped."""
        runnable: dict[str, list[Rule]] = {}
        skipped = []
        for rule in rules:
            if self.scope.household and rule.level == "village":
                continue
            if not rule.holds_on(self.scope.as_of):
                continue
            reason = self.obstacle(rule)
            if reason:
                skipped.append(SkippedRule(rule.id, reason))
            else:
                runnable.setdefault(rule.level, []).append(rule)
        queries = tuple(self._level(level, tuple(found)) for level, found in runnable.items())
        return Compiled(queries, tuple(skipped))

    def frame(self, level: str, names: Iterable[str]) -> str:
        """SQL for the frame of a level with the given columns and indicators, keys and region first.

        Raises MissingFact if the rulebook has no such name or the data lack what it needs.
        """
        frames = self.frames()
        names = list(dict.fromkeys((*KEYS[level], REGION_COLUMN, *names)))
        for name in names:
            missing = self._missing_name(level, name)
            if missing:
                raise MissingFact(name=name, zh=missing.zh, en=missing.en)
        frame = frames.build(level, names, scoped=True)
        return f"{frames.with_clause()}\nSELECT {', '.join(names)} FROM {frame}"

    def outcomes(self, level: str, rules: Iterable[Rule]) -> str:
        """SQL whose columns are the rules' bare conditions: what a check of their types needs, and no more."""
        rules = list(rules)
        frames = self.frames()
        frame = frames.build(level, [name for rule in rules for name in rule.when.columns], scoped=True)
        columns = ", ".join(f"{sql} AS outcome_{number}" for number, sql in enumerate(self._conditions(frames, rules)))
        return f"{frames.with_clause()}\nSELECT {columns} FROM {frame}"

    def obstacle(self, rule: Rule) -> Text | None:
        """Why a rule cannot run: the first column or parameter value that is missing."""
        return self.missing(rule.level, _columns_read(rule), rule.when.parameters)

    def missing(self, level: str, columns: Iterable[str], parameters: Iterable[str]) -> Text | None:
        """The first parameter without a value, or column or indicator that the data cannot give, in words."""
        return self._first(
            *(self._missing_parameter(name) for name in parameters),
            *(self._missing_name(level, name) for name in columns),
        )

    def frames(self) -> Frames:
        """Frames of this run, still empty."""
        return Frames(self.scope, given=self.given, isolate=self.isolate)

    def _level(self, level: str, rules: tuple[Rule, ...]) -> LevelQuery:
        frames = self.frames()
        found = [self._found(frames, level, share) for share in shares(frames, level, rules, _columns_read)]
        return LevelQuery(level, f"{frames.with_clause()}\n" + "\nUNION ALL\n".join(found), rules)

    def _found(self, frames: Frames, level: str, share: Share) -> str:
        """SQL for what some rules of a level find. Its expressions, up to the subjects hit, join those of `frames`."""
        rules = share.rules
        names: dict[str, None] = dict.fromkeys((*KEYS[level], REGION_COLUMN))
        for rule in rules:
            names.update(dict.fromkeys(_columns_read(rule)))
        frame = frames.build(level, names, scoped=True, sieve=share.aggregates)
        masks = list(_masks(self._conditions(frames, rules)))
        any_rule = " OR ".join(f"mask_{number} <> 0" for number in range(len(masks)))
        columns = ", ".join(f"{sql} AS mask_{number}" for number, sql in enumerate(masks))
        sieved = f"\nWHERE {share.own}" if share.own else ""
        masked = frames.add("masked", f"SELECT *, {columns}\nFROM {frame}{sieved}")
        hit = frames.add(
            "hit",
            f"SELECT *, unnest({_hits(len(masks), len(rules))}) AS rule_number\nFROM {masked}\nWHERE {any_rule}",
        )
        return (
            f"SELECT '{level}' AS level, {_choose(rule.id for rule in rules)} AS rule_id, "
            f"{_choose(rule.severity for rule in rules)} AS severity, "
            f"{_choose(rule.cause for rule in rules)} AS cause, {_subject(level)}, "
            f"{self._values_of(rules)} AS values, {literal(self.scope.as_of)} AS as_of\nFROM {hit}"
        )

    def _conditions(self, frames: Frames, rules: Iterable[Rule]) -> Iterator[str]:
        for rule in rules:
            yield frames.filled(rule.level, rule.when)

    def _values_of(self, rules: tuple[Rule, ...]) -> str:
        branches = []
        for number, rule in enumerate(rules):
            names = dict.fromkeys((*rule.when.columns, *placeholders(rule.because)))
            names.update(dict.fromkeys(f":{name}" for name in rule.when.parameters if name != "as_of"))
            pairs = [f"'{name}': CAST({self._value_sql(rule, name)} AS VARCHAR)" for name in names]
            # A struct cast to a map is made ten times faster than a map literal.
            made = f"CAST({{{', '.join(pairs)}}} AS MAP(VARCHAR, VARCHAR))" if pairs else _NO_VALUES
            branches.append(f"WHEN {number} THEN {made}")
        return f"CASE rule_number {' '.join(branches)} END"

    def _value_sql(self, rule: Rule, name: str) -> str:
        if not name.startswith(":"):
            return name
        return self.scope.sql_of(name[1:], rule.when.dated.get(name[1:]))

    def _missing_parameter(self, name: str) -> Text | None:
        if self.scope.has(name):
            return None
        return Text(
            f"参数“{name}”在 {self.scope.as_of} 还没有取值",
            f"the parameter “{name}” has no value yet on {self.scope.as_of}",
        )

    def _missing_name(self, level: str, name: str) -> Text | None:
        found = meaning(self.scope.rulebook, level, name)
        if found is None:
            return Text(f"没有“{name}”", f"there is no “{name}”")
        if name in self.given.get(found.owner, ()):
            return None
        if found.indicator is None:
            return self._missing_column(LEVEL_TABLES[found.owner].name, name)
        indicator = found.indicator
        parameters = (self._missing_parameter(parameter) for parameter in indicator.expression.parameters)
        if indicator.over is None:
            return self._first(*parameters, *(self._missing_name(found.owner, n) for n in indicator.expression.columns))
        if indicator.over not in self.present:
            return self._missing_column(indicator.over, "")
        columns = (*indicator.expression.columns, *group_key(indicator))
        if indicator.over in LEVEL_OF_TABLE:
            missing = [self._missing_name(LEVEL_OF_TABLE[indicator.over], n) for n in columns]
        else:
            own = [n for n in columns if n != REGION_COLUMN]
            missing = [self._missing_column(indicator.over, n) for n in own]
        return self._first(*parameters, *missing)

    def _missing_column(self, table: str, column: str) -> Text | None:
        there = self.present.get(table)
        if there is not None and (not column or column in there):
            return None
        known = TABLES[table]
        if there is None:
            return Text(f"数据里没有《{known.zh}》表", f"the data have no table “{known.en}”")
        header = known.column(column)
        return Text(
            f"数据里没有《{known.zh}》表的“{header.zh}”一列",
            f"the data lack the column “{header.en}” ({header.zh}) of “{known.en}”",
        )

    @staticmethod
    def _first(*reasons: Text | None) -> Text | None:
        return next((reason for reason in reasons if reason), None)


def _columns_read(rule: Rule) -> list[str]:
    """The columns and indicators that a rule's condition reads or its sentence shows."""
    return [*rule.when.columns, *(name for name in placeholders(rule.because) if not name.startswith(":"))]


def _masks(conditions: Iterable[str]) -> Iterator[str]:
    """Integers whose bit N says whether the Nth rule of their share fires."""
    listed = list(conditions)
    for start in range(0, len(listed), _RULES_PER_MASK):
        share = listed[start : start + _RULES_PER_MASK]
        bits = (f"CASE WHEN {sql} THEN {1 << bit} ELSE 0 END" for bit, sql in enumerate(share))
        yield "CAST(" + " + ".join(bits) + " AS BIGINT)"


def _hits(masks: int, rules: int) -> str:
    """SQL for the list of the numbers of the rules that fire."""
    shares = []
    for number in range(masks):
        first = number * _RULES_PER_MASK
        count = min(_RULES_PER_MASK, rules - first)
        shares.append(
            f"list_transform(list_filter(range({count}), lambda bit: (mask_{number} >> bit) & 1 = 1), "
            f"lambda bit: bit + {first})"
        )
    return shares[0] if len(shares) == 1 else f"flatten([{', '.join(shares)}])"


def _choose(constants: Iterable[str | None]) -> str:
    listed = ", ".join("NULL" if constant is None else literal(constant) for constant in constants)
    return f"CAST([{listed}] AS VARCHAR[])[rule_number + 1]"


def _subject(level: str) -> str:
    match level:
        case "household":
            return "household_id AS subject_id, household_id, CAST(NULL AS VARCHAR) AS person_id, region_code"
        case "person":
            return "person_id AS subject_id, household_id, person_id, region_code"
        case "work_record":
            parts = "person_id, record_kind, CAST(work_start_on AS VARCHAR)"
            return f"concat_ws('|', {parts}) AS subject_id, household_id, person_id, region_code"
        case _:
            nothing = "CAST(NULL AS VARCHAR)"
            return f"region_code AS subject_id, {nothing} AS household_id, {nothing} AS person_id, region_code"
