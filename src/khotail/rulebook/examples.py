"""Worked examples: each one a tiny register of its own, all run together in one query per day and region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from khotail.facts.schema import LEVEL_TABLES, TABLES
from khotail.facts.store import connect
from khotail.rulebook.check import EVERYTHING
from khotail.rulebook.compile import Compiler
from khotail.rulebook.entitlement import ENTITLED, UNKNOWN, WITHDRAWING, EntitlementCompiler
from khotail.rulebook.model import Example, Indicator, Place, Rule, Rulebook
from khotail.rulebook.names import LEVEL_OF_TABLE, lineage, meaning
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import RulebookFlawed
from khotail.rulebook.programmes import Programme
from khotail.texts import Text

_DEFAULT_REGION = "152221"
_EXAMPLE = "example"
#: The column that tells one subject of a level from another within an example.
_SUBJECT = {"household": "household_id", "person": "person_id", "work_record": "person_id", "village": "region_code"}


@dataclass(frozen=True)
class Failure:
    """An example that did not come out as expected, or could not be run."""

    place: Place
    entry: str
    text: Text


#: What may have worked examples.
Owner = Rule | Indicator | Programme


@dataclass
class _Case:
    """An example laid out as rows, and the subject whose outcome counts."""

    number: int
    owner: Owner
    example: Example
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    given: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))

    @property
    def household_id(self) -> str:
        return f"E{self.number}"

    @property
    def person_id(self) -> str:
        return f"E{self.number}-0"

    @property
    def region_code(self) -> str:
        region = (self.example.region or _DEFAULT_REGION)[:6].ljust(6, "0")
        return f"{region}{self.number:06d}"


def run_examples(rulebook: Rulebook, entries: Iterable[Owner] | None = None) -> tuple[int, list[Failure]]:
    """Run the examples of the given entries (default: all). Returns how many ran, and those that failed."""
    if entries is None:
        entries = [*rulebook.rules.values(), *rulebook.indicators.values(), *rulebook.programmes.values()]
    failures: list[Failure] = []
    cases: dict[tuple[date, str], list[_Case]] = defaultdict(list)
    total = 0
    for owner in entries:
        try:
            examples = owner.worked.read()
        except RulebookFlawed as flawed:
            failures += (Failure(flaw.place, flaw.entry, flaw.text) for flaw in flawed.flaws)
            continue
        for example in examples:
            total += 1
            case = _Case(total, owner, example)
            wrong = _lay_out(rulebook, case)
            if wrong:
                failures.append(_failure(case, wrong))
            else:
                cases[example.on, example.region].append(case)
    for (on, region), group in cases.items():
        failures += _run_group(rulebook, on, region, group)
    return total, failures


def _lay_out(rulebook: Rulebook, case: _Case) -> Text | None:
    """Turn an example's `given` into rows. Returns what is wrong with it, if anything."""
    level = case.owner.level
    subject: dict[str, dict[str, Any]] = {name: {} for name in lineage(level)}
    for name, value in case.example.given.items():
        found = meaning(rulebook, level, name)
        if found is not None and found.indicator is not None:
            case.given[found.owner][name] = value
        elif found is not None:
            subject[found.owner][name] = value
        elif name in TABLES and isinstance(value, list):
            for row in value:
                wrong = _add_row(rulebook, case, name, row)
                if wrong:
                    return wrong
        else:
            known = {*LEVEL_TABLES[level].column_names, *TABLES, *(i.id for i in rulebook.indicators_of(level))}
            hint = did_you_mean(name, known)
            return Text(f"例子里不认识“{name}”。{hint.zh}", f"“{name}” is not known in this example. {hint.en}")
    for owner, row in subject.items():
        _add_subject(case, owner, row)
    return None


def _add_subject(case: _Case, level: str, row: dict[str, Any]) -> None:
    keys = {"household_id": case.household_id, "region_code": case.region_code, "person_id": case.person_id}
    table = LEVEL_TABLES[level]
    own = {name: value for name, value in keys.items() if name in table.column_names}
    stated = case.given[level]
    flags = {f"given__{name}": value for name, value in stated.items()} | {f"has__{name}": True for name in stated}
    if level == "work_record":
        own |= {"record_kind": "已外出务工"}
    case.rows[table.name].insert(0, own | row | flags | {_EXAMPLE: case.number})


def _add_row(rulebook: Rulebook, case: _Case, table_name: str, row: Any) -> Text | None:
    table = TABLES[table_name]
    if not isinstance(row, Mapping):
        return Text(f"{table_name} 的每一行应是映射。", f"Each row of {table_name} must be a mapping.")
    stated = dict(row)
    number = len(case.rows[table_name]) + 1
    own: dict[str, Any] = {_EXAMPLE: case.number}
    if "household_id" in table.column_names:
        own["household_id"] = case.household_id
    if "region_code" in table.column_names:
        own["region_code"] = case.region_code
    if table_name == "households":
        own["household_id"] = f"{case.household_id}-H{number}"
    if "person_id" in table.column_names:
        about_subject = table_name != "persons" and case.owner.level in ("person", "work_record")
        own["person_id"] = case.person_id if about_subject else f"{case.household_id}-{number}"
    if table_name == "work_records":
        own |= {"record_kind": "已外出务工"}
    for name, value in stated.items():
        if name in table.column_names:
            own[name] = value
        elif (LEVEL_OF_TABLE.get(table_name), name) in rulebook.indicators:
            own |= {f"given__{name}": value, f"has__{name}": True}
        else:
            return Text(f"{table_name} 没有“{name}”。", f"{table_name} has no “{name}”.")
    case.rows[table_name].append(own)
    return None


def _run_group(rulebook: Rulebook, on: date, region: str, cases: list[_Case]) -> Iterator[Failure]:
    connection = connect()
    rules = {case.owner.id: case.owner for case in cases if isinstance(case.owner, Rule)}
    try:
        given = _create_tables(connection, cases)
        compiler = Compiler(Scope(rulebook, on, region), EVERYTHING, given=given, isolate=_EXAMPLE)
        fired = _fired(connection, compiler, rules.values())
        granted = _granted(connection, compiler, cases)
        for case in cases:
            if isinstance(case.owner, Rule):
                outcome: Any = (case.owner.id, _subject_key(case)) in fired
            elif isinstance(case.owner, Programme):
                outcome = granted.get((case.owner.id, _subject_key(case)), False)
            else:
                outcome = _value(connection, compiler, case, case.owner)
            if not _same(outcome, case.example.expect) and not _close(outcome, case.example.expect):
                yield _failure(case, _differs(case, outcome, compiler))
    except duckdb.Error as error:
        if len(cases) == 1:
            detail = str(error).splitlines()[0]
            yield _failure(cases[0], Text(f"例子算不出来：{detail}", f"The example cannot be computed: {detail}"))
        else:
            for case in cases:
                yield from _run_group(rulebook, on, region, [case])


def _fired(connection: duckdb.DuckDBPyConnection, compiler: Compiler, rules: Iterable[Rule]) -> set[tuple[str, str]]:
    fired: set[tuple[str, str]] = set()
    for query in compiler.compile(rules).queries:
        fired.update(connection.execute(f"SELECT rule_id, {_SUBJECT[query.level]} FROM ({query.sql})").fetchall())
    return fired


def _granted(
    connection: duckdb.DuckDBPyConnection, compiler: Compiler, cases: Iterable[_Case]
) -> dict[tuple[str, str], float | str]:
    """Programme and subject → CNY a year, or unknown. All programmes are judged, since some exclude one another."""
    granted: dict[tuple[str, str], float | str] = {}
    entitlements = EntitlementCompiler(compiler)
    for level in {case.owner.level for case in cases if isinstance(case.owner, Programme)}:
        runnable = entitlements.runnable(compiler.scope.rulebook.programmes.values())
        programmes = runnable.of_level(level)
        if not programmes:
            continue
        columns = ", ".join(f"{one.state}, {one.amount}" for one in entitlements.outcomes(level, programmes))
        query = f"SELECT {_SUBJECT[level]}, {columns} FROM ({entitlements.query(level, programmes)})"
        for subject, *outcomes in connection.execute(query).fetchall():
            for n, programme in enumerate(programmes):
                state, amount = outcomes[2 * n : 2 * n + 2]
                if state in (ENTITLED, WITHDRAWING):
                    granted[programme.id, subject] = amount
                elif state == UNKNOWN:
                    granted[programme.id, subject] = "unknown"
    return granted


def _value(connection: duckdb.DuckDBPyConnection, compiler: Compiler, case: _Case, indicator: Indicator) -> Any:
    key = _SUBJECT[indicator.level]
    sql = compiler.frame(indicator.level, [indicator.id])
    rows = connection.execute(f"SELECT {indicator.id} FROM ({sql}) WHERE {key} = ?", [_subject_key(case)]).fetchall()
    return rows[0][0] if rows else None


def _subject_key(case: _Case) -> str:
    row = case.rows[LEVEL_TABLES[case.owner.level].name][0]
    return str(row[_SUBJECT[case.owner.level]])


def _create_tables(connection: duckdb.DuckDBPyConnection, cases: list[_Case]) -> dict[str, frozenset[str]]:
    """Create every fact table with the cases' rows; returns the indicators stated outright, by level."""
    given: dict[str, frozenset[str]] = {}
    for name, table in TABLES.items():
        rows = [row for case in cases for row in case.rows.get(name, ())]
        columns = ", ".join(f"{c.name} {c.sql_type}" for c in table.columns) + f", {_EXAMPLE} BIGINT"
        connection.execute(f"CREATE TABLE {name} ({columns})")
        extra = sorted({key for row in rows for key in row} - set(table.column_names) - {_EXAMPLE})
        stated = frozenset(key.removeprefix("given__") for key in extra if key.startswith("given__"))
        for level, level_table in LEVEL_TABLES.items():
            if level_table is table:
                given[level] = stated
        for key in extra:
            values = [row.get(key) for row in rows]
            connection.execute(f"ALTER TABLE {name} ADD COLUMN {key} {_type_of(values)}")
        if rows:
            names = sorted({key for row in rows for key in row})
            arrays = {key: pa.array([_cell(row.get(key)) for row in rows], pa.string()) for key in names}
            incoming = pa.table(arrays)
            connection.register("incoming", incoming)
            connection.execute(f"INSERT INTO {name} BY NAME SELECT * FROM incoming")
            connection.unregister("incoming")
    return given


def _cell(value: Any) -> str | None:
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _type_of(values: Iterable[Any]) -> str:
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, bool) for value in known):
        return "BOOLEAN"
    if known and all(isinstance(value, (int, float)) for value in known):
        return "DOUBLE"
    if known and all(isinstance(value, date) for value in known):
        return "DATE"
    return "VARCHAR" if known else "BOOLEAN"


def _same(outcome: Any, expected: Any) -> bool:
    """Equal, and not 0 for false: a programme may give help in kind, of no money."""
    return bool(outcome == expected) and isinstance(outcome, bool) == isinstance(expected, bool)


def _close(outcome: Any, expected: Any) -> bool:
    if isinstance(outcome, bool) != isinstance(expected, bool):
        return False
    numbers = isinstance(outcome, (int, float)) and isinstance(expected, (int, float))
    return numbers and abs(outcome - expected) <= 1e-9 * max(1.0, abs(expected))


def _differs(case: _Case, outcome: Any, compiler: Compiler) -> Text:
    owner = case.owner
    obstacle = compiler.obstacle(owner) if isinstance(owner, Rule) else None
    if obstacle:
        return Text(f"例子没有运行：{obstacle.zh}。", f"The example did not run: {obstacle.en}.")
    expected = case.example.expect
    return Text(f"例子应得 {expected}，实得 {outcome}。", f"The example expects {expected} and gives {outcome}.")


def _failure(case: _Case, text: Text) -> Failure:
    place = case.owner.place
    return Failure(Place(place.book, place.file, case.example.line), case.owner.id, text)
