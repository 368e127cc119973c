"""Whether procedures can be walked from the first step to an end, and read only what there is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import duckdb

from khotail.facts.store import connect
from khotail.rulebook.expressions import BUILT_IN_PARAMETERS, Expression
from khotail.rulebook.model import Place, Rulebook
from khotail.rulebook.nearest import did_you_mean
from khotail.rulebook.parameters import Scope
from khotail.rulebook.problems import Flaw
from khotail.rulebook.procedures import PROCEDURE_KINDS, Procedure
from khotail.texts import Text


def check_procedures(rulebook: Rulebook) -> list[Flaw]:
    """Flaws in the ways through the procedures and in their expressions."""
    flaws: list[Flaw] = []
    for procedure in rulebook.procedures.values():
        flaws += [*_targets(rulebook, procedure), *_bulk(procedure), *_names(rulebook, procedure)]
    if flaws:
        return flaws
    for procedure in rulebook.procedures.values():
        flaws += _ways(procedure)
    return flaws + (_types(rulebook) if rulebook.procedures else [])


def _targets(rulebook: Rulebook, procedure: Procedure) -> Iterable[Flaw]:
    ids = [step.id for step in procedure.steps]
    kinds = {one.kind for one in rulebook.procedures.values()}
    for step in procedure.steps:
        for field in step.fields:
            for id_ in () if isinstance(field.required, bool) else field.required:
                if step.outcome(id_) is None:
                    outcomes = [outcome.id for outcome in step.outcomes]
                    yield _unknown(field.place, f"{procedure.id}/{step.id}", id_, outcomes, "结果", "outcome")
        for outcome in step.outcomes:
            where = f"{procedure.id}/{step.id}/{outcome.id}"
            if outcome.next is not None and outcome.next not in ids:
                yield _unknown(outcome.place, where, outcome.next, ids, "步骤", "step")
            if outcome.begins is not None and outcome.begins not in kinds:
                kind = PROCEDURE_KINDS[outcome.begins]
                yield _flaw(
                    outcome.place, where, f"没有“{kind.zh}”程序可以开始。", f"There is no {kind.en} procedure to begin."
                )


def _bulk(procedure: Procedure) -> Iterable[Flaw]:
    """Steps closed for many cases at once although they decide something about each."""
    for step in procedure.steps:
        onward = [outcome.id for outcome in step.outcomes if not outcome.returns]
        if step.bulk and len(onward) > 1:
            named = ", ".join(onward)
            yield _flaw(
                step.place,
                f"{procedure.id}/{step.id}",
                f"有多个结果（{named}）的步骤要逐案决定，不能批量办结（bulk）。",
                f"A step with several outcomes ({named}) decides about each case; it cannot be closed in bulk (`bulk`).",
            )


def _names(rulebook: Rulebook, procedure: Procedure) -> Iterable[Flaw]:
    known = rulebook.parameters.keys() | BUILT_IN_PARAMETERS
    for expression, place in (*procedure.amounts(), *procedure.conditions()):
        for name in expression.columns:
            if name not in procedure.columns:
                yield _unknown(place, procedure.id, name, procedure.columns, "栏目或案件列", "field or case column")
        for name in expression.parameters:
            if name not in known:
                yield _unknown(place, procedure.id, name, known, "参数", "parameter")


def _ways(procedure: Procedure) -> Iterable[Flaw]:
    """Steps that nothing leads to, and steps from which there is no end."""
    onward = {step.id: {outcome.next for outcome in step.outcomes if outcome.next} for step in procedure.steps}
    reached = _closure({procedure.first.id}, onward)
    backward = {id_: {other for other, targets in onward.items() if id_ in targets} for id_ in onward}
    ended = {step.id for step in procedure.steps if any(outcome.next is None for outcome in step.outcomes)}
    ending = _closure(ended, backward)
    for step in procedure.steps:
        where = f"{procedure.id}/{step.id}"
        if step.id not in reached:
            yield _flaw(step.place, where, "没有结果通向这一步。", "No outcome leads to this step.")
        elif step.id not in ending:
            yield _flaw(step.place, where, "从这一步走不到结束。", "From this step there is no way to an end.")


def _closure(start: set[str], leads: Mapping[str, set[str]]) -> set[str]:
    reached, waiting = set(start), list(start)
    while waiting:
        for id_ in leads[waiting.pop()] - reached:
            reached.add(id_)
            waiting.append(id_)
    return reached


def _types(rulebook: Rulebook) -> list[Flaw]:
    """Let DuckDB bind the expressions of each procedure; where one fails, find which."""
    connection = connect()
    flaws: list[Flaw] = []
    for procedure in rulebook.procedures.values():
        sql_of = Scope(rulebook, procedure.since, procedure.region).sql_of
        frame = ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in procedure.columns.items())
        parts = [
            (expression, place, wanted)
            for found, wanted in ((procedure.amounts(), "number"), (procedure.conditions(), "boolean"))
            for expression, place in found
        ]
        if _bound(connection, frame, parts, sql_of) is not None:
            for part in parts:
                error = _bound(connection, frame, [part], sql_of)
                if error:
                    zh, en = f"表达式的类型不对：{error}", f"The expression's type does not fit: {error}"
                    flaws.append(_flaw(part[1], procedure.id, zh, en))
    return flaws


_Part = tuple[Expression, Place, str]
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DECIMAL", "DOUBLE", "FLOAT")


def _bound(
    connection: duckdb.DuckDBPyConnection, frame: str, parts: list[_Part], sql_of: Callable[[str, str | None], str]
) -> str | None:
    """What is wrong with the types of the expressions, or None."""
    if not parts:
        return None
    columns = ", ".join(f"({expression.filled(sql_of)}) AS c{n}" for n, (expression, _, _) in enumerate(parts))
    try:
        described = connection.execute(f"DESCRIBE SELECT {columns} FROM (SELECT {frame})").fetchall()
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    for (_, _, wanted), (_, kind, *_) in zip(parts, described, strict=True):
        fits = str(kind).startswith(_NUMBERS) if wanted == "number" else kind == "BOOLEAN"
        # A parameter without a value on the day the procedure starts is NULL, of no type yet.
        if not fits and kind not in ('"NULL"', "NULL"):
            return f"{kind} ≠ {wanted}"
    return None


def _unknown(place: Place, id_: str, name: str, known: Iterable[str], zh: str, en: str) -> Flaw:
    hint = did_you_mean(name, known)
    return _flaw(place, id_, f"没有名为“{name}”的{zh}。{hint.zh}", f"There is no {en} “{name}”. {hint.en}".strip())


def _flaw(place: Place, id_: str, zh: str, en: str) -> Flaw:
    return Flaw(place, id_, Text(zh, en))
