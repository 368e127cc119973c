"""Whether programmes read what there is, agree with one another, and hand over to one another without a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import duckdb

from khotail.facts.schema import TABLES
from khotail.facts.store import connect
from khotail.rulebook.compile import Compiler
from khotail.rulebook.explain import placeholders
from khotail.rulebook.expressions import BUILT_IN_PARAMETERS
from khotail.rulebook.model import Place, Rulebook
from khotail.rulebook.names import names_at
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import Flaw
from khotail.rulebook.programmes import PROGRAMME_LEVELS, Programme, rivals
from khotail.texts import Text

_EVERYTHING = {name: frozenset(table.column_names) for name, table in TABLES.items()}
_NUMBERS = ("DOUBLE", "FLOAT", "DECIMAL", "BIGINT", "INTEGER", "HUGEINT", "SMALLINT", "TINYINT", "UBIGINT", "UINTEGER")


def check_programmes(rulebook: Rulebook) -> list[Flaw]:
    """Flaws in the names that programmes read, in their dates and in what they say of one another."""
    flaws: list[Flaw] = []
    known = {level: names_at(rulebook, level) for level in PROGRAMME_LEVELS}
    for programme in rulebook.programmes.values():
        flaws += _names(rulebook, programme, known[programme.level])
        flaws += _dates(programme)
        flaws += _rivals(rulebook, programme)
        flaws += _successor(rulebook, programme)
    flaws += [*_circles(rulebook.programmes), *_overlaps(rulebook.programmes)]
    return flaws


def _names(rulebook: Rulebook, programme: Programme, known: set[str]) -> Iterator[Flaw]:
    parameters = rulebook.parameters.keys() | BUILT_IN_PARAMETERS
    for key, expression in programme.expressions():
        place = programme.at(key)
        for name in expression.columns:
            if name not in known:
                yield _unknown(place, programme.id, name, known, Text("列或指标", "column or indicator"))
        for name in expression.parameters:
            if name not in parameters:
                yield _unknown(place, programme.id, name, parameters, Text("参数", "parameter"))
    for name in placeholders(programme.because):
        place = programme.at("because")
        if name.startswith(":") and name[1:] not in parameters:
            yield _unknown(place, programme.id, name[1:], parameters, Text("参数", "parameter"))
        elif not name.startswith(":") and name not in known:
            yield _unknown(place, programme.id, name, known, Text("列或指标", "column or indicator"))


def _dates(programme: Programme) -> Iterator[Flaw]:
    if programme.until is not None and programme.until < programme.since:
        yield _flaw(
            programme.at("until"), programme.id,
            f"结束（{programme.until}）早于开始（{programme.since}）。",
            f"It ends ({programme.until}) before it begins ({programme.since}).",
        )  # fmt: skip


def _rivals(rulebook: Rulebook, programme: Programme) -> Iterator[Flaw]:
    place = programme.at("conflicts")
    for id_ in programme.conflicts:
        other = rulebook.programmes.get(id_)
        if other is None:
            yield _unknown(place, programme.id, id_, rulebook.programmes, Text("项目", "programme"))
        elif id_ == programme.id:
            yield _flaw(place, programme.id, "项目不能与自己冲突。", "A programme cannot conflict with itself.")
        elif other.level != programme.level:
            yield _flaw(
                place, programme.id,
                f"“{id_}”的层级是 {other.level}，只有同一层级的项目才能二选一。",
                f"“{id_}” is of level {other.level}: only programmes of one level can be chosen between.",
            )  # fmt: skip


def _successor(rulebook: Rulebook, programme: Programme) -> Iterator[Flaw]:
    if programme.successor is None:
        return
    place, other = programme.at("successor"), rulebook.programmes.get(programme.successor)
    if other is None:
        yield _unknown(place, programme.id, programme.successor, rulebook.programmes, Text("项目", "programme"))
    elif programme.until is None:
        yield _flaw(
            place, programme.id,
            "没有结束日期（until）的项目不能有接替项目。",
            "A programme without an end (`until`) cannot have a successor.",
        )  # fmt: skip
    elif other.until is not None and other.until <= programme.until:
        yield _flaw(
            place, programme.id,
            f"接替项目“{other.id}”在 {other.until} 就已结束。",
            f"The successor “{other.id}” has already ended on {other.until}.",
        )  # fmt: skip


def _circles(programmes: Mapping[str, Programme]) -> Iterator[Flaw]:
    for programme in programmes.values():
        path, next_ = [programme.id], programme.successor
        while next_ is not None and next_ in programmes and next_ not in path:
            path.append(next_)
            next_ = programmes[next_].successor
        # Each circle is told once, at its first programme.
        if next_ == programme.id and programme.order == min(programmes[id_].order for id_ in path):
            circle = " → ".join((*path, programme.id))
            yield _flaw(
                programme.at("successor"),
                programme.id,
                f"项目循环接替：{circle}",
                f"Programmes succeed one another in a circle: {circle}",
            )


def _overlaps(programmes: Mapping[str, Programme]) -> Iterator[Flaw]:
    """Programmes that give the same people the same kind of help at the same time without saying which to keep."""
    excluded = rivals(programmes)
    for one, other in combinations(programmes.values(), 2):
        if other.id in excluded[one.id] or not one.overlaps(other):
            continue
        succeeds = other.id == one.successor or one.id == other.successor
        same = (one.level, one.category, one.who.sql.split(), one.amount.sql.split())
        if succeeds or same == (other.level, other.category, other.who.sql.split(), other.amount.sql.split()):
            yield _flaw(
                other.at("since"),
                other.id,
                f"与“{one.id}”（{one.place}）同时有效，对象相同或互为接替：请错开日期，或写 conflicts。",
                f"It is in force at the same time as “{one.id}” ({one.place}), for the same people or as its successor: "
                "part their dates or name `conflicts`.",
            )


def check_programme_types(rulebook: Rulebook) -> list[Flaw]:
    """Let DuckDB bind every expression against empty tables; where a level fails, find the programmes that do."""
    if not rulebook.programmes:
        return []
    connection = connect()
    for table in TABLES.values():
        columns = ", ".join(f"{column.name} {column.sql_type}" for column in table.columns)
        connection.execute(f"CREATE TABLE {table.name} ({columns})")
    flaws: list[Flaw] = []
    for level in PROGRAMME_LEVELS:
        programmes = [programme for programme in rulebook.programmes.values() if programme.level == level]
        if programmes and _binding_error(connection, rulebook, level, programmes):
            for programme in programmes:
                error = _binding_error(connection, rulebook, level, [programme])
                if error:
                    key, detail = error
                    flaws.append(
                        _flaw(
                            programme.at(key),
                            programme.id,
                            f"表达式的类型不对：{detail}",
                            f"The expression's types do not fit: {detail}",
                        )
                    )
    return flaws


def _binding_error(
    connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, level: str, programmes: list[Programme]
) -> tuple[str, str] | None:
    """The key of the first expression that does not fit, and the engine's words."""
    on = max(programme.since for programme in programmes)
    frames = Compiler(Scope(rulebook, on), _EVERYTHING).frames()
    found = [(key, e) for programme in programmes for key, e in programme.expressions()]
    frame = frames.build(level, [name for _, e in found for name in e.columns], scoped=True)
    columns = ", ".join(f"{frames.filled(level, e)} AS outcome_{n}" for n, (_, e) in enumerate(found))
    sql = f"{frames.with_clause()}\nSELECT {columns} FROM {frame}"
    try:
        outcomes = connection.execute(f"DESCRIBE {sql}").fetchall()
    except duckdb.Error as error:
        return (
            "who" if len(programmes) > 1 else _failing(connection, rulebook, level, programmes[0]),
            _first_line(error),
        )
    for (key, _), (_, kind, *_rest) in zip(found, outcomes, strict=True):
        is_truth = key in ("who", "received_as")
        if kind != '"NULL"' and (kind != "BOOLEAN" if is_truth else not kind.startswith(_NUMBERS)):
            return key, f"{kind} ≠ {'BOOLEAN' if is_truth else 'DOUBLE'}"
    return None


def _failing(connection: duckdb.DuckDBPyConnection, rulebook: Rulebook, level: str, programme: Programme) -> str:
    """The key of the expression that the engine refuses."""
    for key, expression in programme.expressions():
        frames = Compiler(Scope(rulebook, programme.since), _EVERYTHING).frames()
        frame = frames.build(level, expression.columns, scoped=True)
        try:
            connection.execute(
                f"DESCRIBE {frames.with_clause()}\nSELECT {frames.filled(level, expression)} FROM {frame}"
            )
        except duckdb.Error:
            return key
    return "who"


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _unknown(place: Place, id_: str, name: str, known: object, kind: Text) -> Flaw:
    hint = did_you_mean(name, known)  # type: ignore[arg-type]
    return _flaw(
        place, id_, f"没有名为“{name}”的{kind.zh}。{hint.zh}", f"There is no {kind.en} “{name}”. {hint.en}".strip()
    )


def _flaw(place: Place, id_: str, zh: str, en: str) -> Flaw:
    return Flaw(place, id_, Text(zh, en))
