"""All programmes of a level as one query: who is entitled to what, how much, and what of it is received.

The query runs through stages, each reading the one before: the frame with every programme's bare outcome, the state and
the amount of each (caps within one subject included), the choice between programmes that exclude one another, and the
caps that a household's members share. Unknown stays unknown: it is a state of its own and never an entitlement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from khotail.rulebook.compile import Compiler, SkippedRule
from khotail.rulebook.explain import placeholders
from khotail.rulebook.expressions import Expression
from khotail.rulebook.frames import Frames
from khotail.rulebook.names import KEYS
from khotail.rulebook.parameters import REGION_COLUMN, literal
from khotail.rulebook.programmes import Programme, rivals
from khotail.rulebook.receipts import Receipts

NOT_ENTITLED, ENTITLED, UNKNOWN, WITHDRAWING, GIVEN_UP = range(5)

#: How a state is called in results. Given up: entitled, but a better programme excludes it.
STATES: dict[int, str] = {
    ENTITLED: "entitled",
    UNKNOWN: "unknown",
    WITHDRAWING: "withdrawing",
    GIVEN_UP: "given_up",
    NOT_ENTITLED: "not_entitled",
}
_DUE = f"({ENTITLED}, {WITHDRAWING})"
_MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Runnable:
    """The programmes that can be judged on these data, and those that cannot, with the reason."""

    programmes: tuple[Programme, ...]
    skipped: tuple[SkippedRule, ...]

    def of_level(self, level: str) -> tuple[Programme, ...]:
        return tuple(programme for programme in self.programmes if programme.level == level)


@dataclass(frozen=True)
class EntitlementCompiler:
    """Compiles programmes by way of a rules' compiler, which knows the scope and the columns that the data have.

    recorded   see `khotail.rulebook.receipts.Receipts`
    """

    rules: Compiler
    recorded: frozenset[str] | None = None

    def runnable(self, programmes: Iterable[Programme]) -> Runnable:
        """The programmes in force on the day somewhere in the region, less those that lack a column or value."""
        scope = self.rules.scope
        able, skipped = [], []
        for programme in programmes:
            if not programme.holds_on(scope.as_of, scope.region):
                continue
            columns = [n for n in _columns(programme) if n != REGION_COLUMN]
            parameters = [name for _, expression in _needed(programme) for name in expression.parameters]
            reason = self.rules.missing(programme.level, columns, parameters)
            if reason:
                skipped.append(SkippedRule(programme.id, reason))
            else:
                able.append(programme)
        return Runnable(tuple(able), tuple(skipped))

    def receipts(self, level: str, programmes: tuple[Programme, ...]) -> Receipts:
        """What the data tell of receipt. A condition whose columns are missing tells nothing."""
        readable = frozenset(
            programme.id
            for programme in programmes
            if (when := programme.received_as.when) is not None
            and not self.rules.missing(level, when.columns, when.parameters)
        )
        return Receipts(level, programmes, self.rules.present, self.rules.scope.as_of, readable, self.recorded)

    def query(self, level: str, programmes: tuple[Programme, ...]) -> str:
        """One row per subject that is entitled to, receives or may be entitled to anything.

        Columns: keys, region_code, and for the Nth programme state_N, amount_N (CNY a year where it is due), got_N
        (NULL where the data do not tell) and paid_N (CNY a year).
        """
        frames = self.rules.frames()
        receipts = self.receipts(level, programmes)
        sql = self._outcomes(frames, level, programmes, receipts)
        sql = _with_states(programmes, sql)
        sql = _with_amounts(programmes, sql)
        sql = _with_choices(programmes, sql)
        any_ = " OR ".join(f"state_{n} <> {NOT_ENTITLED} OR got_{n}" for n in range(len(programmes)))
        # Before members are set side by side, which sorts them: most persons drop out here.
        sql = f"SELECT *\nFROM (\n{sql}\n)\nWHERE {any_}"
        if level == "person":
            sql = _with_shared_caps(programmes, sql)
        kept = ", ".join(f"state_{n}, amount_{n}, got_{n}, paid_{n}" for n in range(len(programmes)))
        keys = ", ".join((*KEYS[level], REGION_COLUMN))
        return f"{frames.with_clause()}\nSELECT {keys}, {kept}\nFROM (\n{sql}\n)"

    def reasons(self, level: str, programmes: tuple[Programme, ...], rows: str) -> str:
        """SQL for the rows of a long table of entitlements (`rows`), each with the values that made it so."""
        frames = self.rules.frames()
        names = dict.fromkeys(name for programme in programmes for name in _columns(programme))
        frame = frames.build(level, [*KEYS[level], *names], scoped=True)
        branches = []
        for programme in programmes:
            shown = dict.fromkeys((*_columns(programme), *(n for n in placeholders(programme.because) if n[0] == ":")))
            shown.update(dict.fromkeys(f":{n}" for _, e in _needed(programme) for n in e.parameters if n != "as_of"))
            pairs = [f"'{n}': CAST({self._value(programme, n)} AS VARCHAR)" for n in shown]
            made = (
                f"CAST({{{', '.join(pairs)}}} AS MAP(VARCHAR, VARCHAR))"
                if pairs
                else "MAP([]::VARCHAR[], []::VARCHAR[])"
            )
            branches.append(f"WHEN {literal(programme.id)} THEN {made}")
        keys = KEYS[level]
        own = ", ".join((*keys, *(name for name in names if name not in (*keys, REGION_COLUMN))))
        same = " AND ".join(f"chosen.{key} = framed.{key}" for key in keys)
        return (
            f"{frames.with_clause()}\nSELECT chosen.*, CASE chosen.programme_id {' '.join(branches)} END AS values\n"
            f"FROM ({rows}) AS chosen JOIN (SELECT {own} FROM {frame}) AS framed ON {same}"
        )

    def _value(self, programme: Programme, name: str) -> str:
        if name in (*KEYS[programme.level], REGION_COLUMN):
            return f"chosen.{name}"
        if not name.startswith(":"):
            return f"framed.{name}"
        dated = {n: day for _, expression in _needed(programme) for n, day in expression.dated.items()}
        return self.rules.scope.sql_of(name[1:], dated.get(name[1:]))

    def _outcomes(self, frames: Frames, level: str, programmes: tuple[Programme, ...], receipts: Receipts) -> str:
        """The frame, with who_N, raw_N, most_N and what is received."""
        scope = self.rules.scope
        names = [name for programme in programmes for name in _columns(programme)]
        names += [name for p in programmes if p.id in receipts.conditions for name in _when_columns(p)]
        frame = frames.build(level, list(dict.fromkeys((*KEYS[level], REGION_COLUMN, *names))), scoped=True)
        columns = []
        for n, programme in enumerate(programmes):
            who = f"({frames.filled(level, programme.who)})"
            if not scope.region.startswith(programme.region):
                who = f"(CASE WHEN starts_with({REGION_COLUMN}, {literal(programme.region)}) THEN {who} ELSE false END)"
            columns.append(f"{who} AS who_{n}, CAST({frames.filled(level, programme.amount)} AS DOUBLE) AS raw_{n}")
            limits = [f"CAST({sql} AS DOUBLE)" for sql in _limits(frames, programme)]
            if limits:
                unknown = " OR ".join(f"{limit} IS NULL" for limit in limits)
                columns.append(
                    f"CASE WHEN {unknown} THEN NULL ELSE greatest(0, least({', '.join(limits)})) END AS most_{n}"
                )
            if level == "person" and programme.cap.household is not None:
                cap = frames.filled(level, programme.cap.household)
                columns.append(f"greatest(0, CAST({cap} AS DOUBLE)) AS shared_{n}")
            when = programme.received_as.when if programme.id in receipts.conditions else None
            columns.append(receipts.columns(n, programme, frames.filled(level, when) if when else None))
        keys = ", ".join((*KEYS[level], REGION_COLUMN))
        return f"SELECT {keys}, {', '.join(columns)}\nFROM (\n{receipts.joined(frames, frame)}\n)"


def _columns(programme: Programme) -> list[str]:
    """The columns and indicators that a programme's outcome needs or its sentence shows."""
    read = [name for _, expression in _needed(programme) for name in expression.columns]
    return [*read, *(name for name in placeholders(programme.because) if not name.startswith(":"))]


def _needed(programme: Programme) -> list[tuple[str, Expression]]:
    """Its expressions, less the one that only tells what is received."""
    return [(key, expression) for key, expression in programme.expressions() if key != "received_as"]


def _when_columns(programme: Programme) -> tuple[str, ...]:
    return programme.received_as.when.columns if programme.received_as.when is not None else ()


def _limits(frames: Frames, programme: Programme) -> list[str]:
    """SQL for what one subject may have at most in a year; a cap that members share comes later."""
    cap, found = programme.cap, []
    if cap.household is not None and programme.level == "household":
        found.append(frames.filled(programme.level, cap.household))
    if cap.of is not None and cap.share is not None:
        found.append(f"{literal(float(cap.share))} * ({frames.filled(programme.level, cap.of)})")
    return found


def _is_limited(programme: Programme) -> bool:
    own_household = programme.cap.household is not None and programme.level == "household"
    return own_household or programme.cap.of is not None


def _with_states(programmes: tuple[Programme, ...], sql: str) -> str:
    columns = []
    for n, programme in enumerate(programmes):
        unknown = [f"raw_{n} IS NULL", f"NOT isfinite(raw_{n})"]
        limit = [f"most_{n} IS NULL"] if _is_limited(programme) else []
        if programme.level == "person" and programme.cap.household is not None:
            limit.append(f"shared_{n} IS NULL")
        leaving = str(NOT_ENTITLED)
        if programme.withdrawal:
            doubtful = " OR ".join([f"left_{n} IS NULL", *limit])
            leaving = (
                f"CASE WHEN NOT leaving_{n} THEN {NOT_ENTITLED} WHEN {doubtful} THEN {UNKNOWN} ELSE {WITHDRAWING} END"
            )
        columns.append(
            f"CAST(CASE WHEN who_{n} IS NULL THEN {UNKNOWN} WHEN NOT who_{n} THEN {leaving} "
            f"WHEN {' OR '.join([*unknown, *limit])} THEN {UNKNOWN} ELSE {ENTITLED} END AS TINYINT) AS state_{n}"
        )
    return f"SELECT *, {', '.join(columns)}\nFROM (\n{sql}\n)"


def _with_amounts(programmes: tuple[Programme, ...], sql: str) -> str:
    columns = []
    for n, programme in enumerate(programmes):
        amounts = [f"WHEN {ENTITLED} THEN {_limited(n, programme, f'greatest(0, raw_{n})')}"]
        if programme.withdrawal:
            share = min(programme.withdrawal, _MONTHS_OF_A_YEAR) / _MONTHS_OF_A_YEAR
            rest = _limited(n, programme, f"greatest(0, left_{n} * {literal(share)})")
            amounts.append(f"WHEN {WITHDRAWING} THEN {rest}")
        columns.append(f"CASE state_{n} {' '.join(amounts)} END AS amount_{n}")
    return f"SELECT *, {', '.join(columns)}\nFROM (\n{sql}\n)"


def _limited(n: int, programme: Programme, amount: str) -> str:
    return f"least(most_{n}, {amount})" if _is_limited(programme) else amount


def _with_choices(programmes: tuple[Programme, ...], sql: str) -> str:
    """Of programmes that exclude one another the larger is kept, of equal ones the one stated first.

    A programme is given up only for one that is itself kept, so the fates are settled from the largest down, one round
    after the other.
    """
    number = {programme.id: n for n, programme in enumerate(programmes)}
    excluded = rivals({programme.id: programme for programme in programmes})
    fated = {number[id_]: [number[other] for other in others] for id_, others in excluded.items() if others}
    if not fated:
        return sql
    fates = ", ".join(f"CAST(NULL AS BOOLEAN) AS kept_{n}" for n in fated)
    sql = f"SELECT *, {fates}\nFROM (\n{sql}\n)"
    for _ in range(_rounds(fated)):
        settled = ", ".join(f"{_fate(programmes, n, others)} AS kept_{n}" for n, others in fated.items())
        sql = f"SELECT * REPLACE ({settled})\nFROM (\n{sql}\n)"
    states = ", ".join(
        f"CAST(CASE WHEN kept_{n} IS FALSE THEN {GIVEN_UP} ELSE state_{n} END AS TINYINT) AS state_{n}, "
        f"CASE WHEN kept_{n} IS FALSE THEN NULL ELSE amount_{n} END AS amount_{n}"
        for n in fated
    )
    return f"SELECT * REPLACE ({states})\nFROM (\n{sql}\n)"


def _fate(programmes: tuple[Programme, ...], n: int, others: list[int]) -> str:
    def better(other: int) -> str:
        first = programmes[other].order < programmes[n].order
        return f"coalesce(amount_{other} {'>=' if first else '>'} amount_{n}, false)"

    beaten = " OR ".join(f"({better(other)} AND kept_{other} IS TRUE)" for other in others)
    open_ = " OR ".join(f"({better(other)} AND kept_{other} IS NULL)" for other in others)
    return (
        f"CASE WHEN state_{n} NOT IN {_DUE} THEN NULL WHEN kept_{n} IS NOT NULL THEN kept_{n} "
        f"WHEN {beaten} THEN false WHEN {open_} THEN NULL ELSE true END"
    )


def _rounds(fated: dict[int, list[int]]) -> int:
    """Two where each group of rivals excludes one another all round, else as many as the longest chain may need."""
    is_round = all(set(fated[other]) | {other} == set(others) | {n} for n, others in fated.items() for other in others)
    return 2 if is_round else len(fated)


def _with_shared_caps(programmes: tuple[Programme, ...], sql: str) -> str:
    """Where members together have more than their household may, each is cut in proportion."""
    capped = [n for n, programme in enumerate(programmes) if programme.cap.household is not None]
    if not capped:
        return sql
    totals = ", ".join(f"sum(amount_{n}) OVER (PARTITION BY household_id) AS total_{n}" for n in capped)
    cut = ", ".join(
        f"CASE WHEN total_{n} > shared_{n} THEN amount_{n} * (shared_{n} / total_{n}) ELSE amount_{n} END AS amount_{n}"
        for n in capped
    )
    return f"SELECT * REPLACE ({cut})\nFROM (\nSELECT *, {totals}\nFROM (\n{sql}\n)\n)"


def long_rows(level: str, programmes: tuple[Programme, ...], table: str) -> str:
    """SQL that turns the wide table of a level into one row per subject and programme that says anything.

    Columns: level, programme_id, state, subject_id, household_id, person_id, region_code, amount_cny, received,
    received_cny, missed. Missed: it is due, and the data show that it is not received.
    """
    person = "person_id" if level == "person" else "CAST(NULL AS VARCHAR)"
    subject = KEYS[level][-1]
    names = " ".join(f"WHEN {state} THEN '{name}'" for state, name in STATES.items())
    rows = [
        f"SELECT '{level}' AS level, {literal(programme.id)} AS programme_id, CASE state_{n} {names} END AS state, "
        f"{subject} AS subject_id, household_id, {person} AS person_id, {REGION_COLUMN}, amount_{n} AS amount_cny, "
        f"got_{n} AS received, paid_{n} AS received_cny, "
        f"state_{n} IN {_DUE} AND got_{n} IS FALSE AS missed\n"
        f"FROM {table} WHERE state_{n} <> {NOT_ENTITLED} OR got_{n}"
        for n, programme in enumerate(programmes)
    ]
    return "\nUNION ALL\n".join(rows)
