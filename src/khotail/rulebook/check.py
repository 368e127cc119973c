"""Everything that can be said about a rulebook before it meets data."""

from __future__ import annotations

import duckdb

from khotail.facts.schema import LEVEL_TABLES, TABLES
from khotail.facts.store import connect
from khotail.rulebook.check_procedures import check_procedures
from khotail.rulebook.check_programmes import check_programme_types, check_programmes
from khotail.rulebook.compile import Compiler
from khotail.rulebook.explain import placeholders
from khotail.rulebook.expressions import BUILT_IN_PARAMETERS, Expression
from khotail.rulebook.model import Indicator, Place, Rule, Rulebook
from khotail.rulebook.names import LEVEL_OF_TABLE, lineage, names_at, names_over
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import Flaw
from khotail.texts import Text

FACT_COLUMNS = {name for table in TABLES.values() for name in table.column_names}
#: Data that have every column of the schema.
EVERYTHING = {name: frozenset(table.column_names) for name, table in TABLES.items()}


def check(rulebook: Rulebook) -> list[Flaw]:
    """Flaws in what the entries read and in the types of their expressions; names first, types once names are right."""
    flaws = [*_names_in_indicators(rulebook), *_circles(rulebook), *_names_in_rules(rulebook)]
    flaws += check_procedures(rulebook)
    flaws += check_programmes(rulebook)
    return flaws or [*_types(rulebook), *check_programme_types(rulebook)]


def _names_in_indicators(rulebook: Rulebook) -> list[Flaw]:
    flaws: list[Flaw] = []
    for indicator in rulebook.indicators.values():
        id_, sql = indicator.id, indicator.at("sql")
        flaws += _parameters(rulebook, indicator.expression, sql, id_)
        if indicator.id in LEVEL_TABLES[indicator.level].column_names:
            flaws.append(
                _flaw(indicator.at("id"), id_, "指标与数据列重名。", "The indicator has the name of a fact column.")
            )
        if indicator.over is not None and indicator.over not in TABLES:
            flaws.append(_unknown(indicator.at("over"), id_, indicator.over, TABLES, "数据表", "fact table"))
            continue
        known = names_over(rulebook, indicator.over) if indicator.over else names_at(rulebook, indicator.level)
        names = [(name, sql) for name in indicator.expression.columns]
        names += [(indicator.by, indicator.at("by"))] if indicator.by else []
        flaws += [
            _unknown(place, id_, name, known, "列或指标", "column or indicator")
            for name, place in names
            if name not in known
        ]
    return flaws


def _names_in_rules(rulebook: Rulebook) -> list[Flaw]:
    flaws: list[Flaw] = []
    known_at = {level: names_at(rulebook, level) for level in LEVEL_TABLES}
    for rule in rulebook.rules.values():
        known = known_at[rule.level]
        flaws += _parameters(rulebook, rule.when, rule.at("when"), rule.id)
        shown = placeholders(rule.because)
        read = {name: "because" for name in shown if not name.startswith(":")} | dict.fromkeys(
            rule.when.columns, "when"
        )
        for name, key in read.items():
            if name not in known:
                flaws.append(_unknown(rule.at(key), rule.id, name, known, "列或指标", "column or indicator"))
        for name in shown:
            if name.startswith(":") and name[1:] not in rulebook.parameters | dict.fromkeys(BUILT_IN_PARAMETERS):
                flaws.append(_unknown(rule.at("because"), rule.id, name[1:], rulebook.parameters, "参数", "parameter"))
        for name in rule.fields:
            if name not in FACT_COLUMNS:
                flaws.append(_unknown(rule.at("field"), rule.id, name, FACT_COLUMNS, "数据列", "fact column"))
    return flaws


def _parameters(rulebook: Rulebook, expression: Expression, place: Place, id_: str) -> list[Flaw]:
    known = rulebook.parameters.keys() | BUILT_IN_PARAMETERS
    return [
        _unknown(place, id_, name, known, "参数", "parameter") for name in expression.parameters if name not in known
    ]


def _circles(rulebook: Rulebook) -> list[Flaw]:
    """Indicators that read themselves, directly or through others."""
    flaws: list[Flaw] = []
    done: set[tuple[str, str]] = set()

    def visit(indicator: Indicator, path: tuple[str, ...]) -> None:
        key = (indicator.level, indicator.id)
        if indicator.id in path:
            circle = " → ".join((*path[path.index(indicator.id) :], indicator.id))
            flaws.append(
                _flaw(
                    indicator.at("sql"),
                    indicator.id,
                    f"指标循环引用：{circle}",
                    f"Indicators read one another in a circle: {circle}",
                )
            )
            return
        if key in done:
            return
        level = LEVEL_OF_TABLE.get(indicator.over, "") if indicator.over else indicator.level
        for name in indicator.expression.columns if level else ():
            for owner in lineage(level):
                if (owner, name) in rulebook.indicators:
                    visit(rulebook.indicators[owner, name], (*path, indicator.id))
                    break
        done.add(key)

    for indicator in rulebook.indicators.values():
        visit(indicator, ())
    return flaws


def _types(rulebook: Rulebook) -> list[Flaw]:
    """Let DuckDB bind every rule against empty tables; where a level fails, find the rules that do."""
    connection = connect()
    for table in TABLES.values():
        columns = ", ".join(f"{column.name} {column.sql_type}" for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
    flaws: list[Flaw] = []
    for level in LEVEL_TABLES:
        rules = [rule for rule in rulebook.rules.values() if rule.level == level]
        if rules and _binding_error(connection, rulebook, level, rules):
            for rule in rules:
                error = _binding_error(connection, rulebook, level, [rule])
                if error:
                    flaws.append(
                        _flaw(
                            rule.at("when"),
                            rule.id,
                            f"表达式的类型不对：{error}",
                            f"The expression's types do not fit: {error}",
                        )
                    )
    return flaws


def _binding_error(
    connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, level: str, rules: list[Rule]
) -> str | None:
    compiler = Compiler(Scope(rulebook, max(rule.since for rule in rules)), EVERYTHING)
    try:
        outcomes = connection.execute("DESCRIBE " + compiler.outcomes(level, rules)).fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    kinds = {kind for _, kind, *_ in outcomes} - {"BOOLEAN"}
    return f"{kinds.pop()} ≠ BOOLEAN" if kinds else None


def _unknown(place: Place, id_: str, name: str, known: object, zh: str, en: str) -> Flaw:
    hint = did_you_mean(name, known)  # type: ignore[arg-type]
    return _flaw(place, id_, f"没有名为“{name}”的{zh}。{hint.zh}", f"There is no {en} “{name}”. {hint.en}".strip())


def _flaw(place: Place, id_: str, zh: str, en: str) -> Flaw:
    return Flaw(place, id_, Text(zh, en))
