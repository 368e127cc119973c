"""All programmes of a level as one query: who is entitled to what, how much, and what of it is received.

The query runs through stages, each reading the one before: the frame with every programme's bare outcome, the state and
the amount of each (caps within one subject included), the choice between programmes that exclude one another, and the
caps that a household's members share. Unknown stays unknown: it is a state of its own and never an entitlement.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
class Outcome:
    """What a wide table says of one programme, as SQL over its columns.

    state      one of `STATES`
    amount     CNY a year, where it is due
    got        whether it is received; NULL where the data do not tell
    paid       what is received, CNY a year
    is_seen    whether the data can tell at all that somebody receives it
    """

    programme: Programme
    state: str
    amount: str
    got: str
    paid: str
    is_seen: bool


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

    def outcomes(self, level: str, programmes: tuple[Programme, ...]) -> tuple[Outcome, ...]:
        """How to read the wide table that `query` makes."""
        receipts = self.receipts(level, programmes)
        excluded = rivals({programme.id: programme for programme in programmes})
        return tuple(
            Outcome(
                programme,
                f"state_{n}",
                f"amount_{n}" if excluded[programme.id] else self._fixed(n, programme) or f"amount_{n}",
                receipts.got(n, programme),
                receipts.paid(n, programme),
                receipts.is_visible(programme),
            )
            for n, programme in enumerate(programmes)
        )

    def _fixed(self, n: int, programme: Programme) -> str:
        """SQL for the amount of a programme that pays everybody the same, which need not be kept; "" for another."""
        amount, limited = programme.amount, any(True for _ in programme.cap.expressions())
        if amount.columns or self.rules.scope.needs_region(amount) or programme.withdrawal or limited:
            return ""
        return f"CASE WHEN state_{n} = {ENTITLED} THEN greatest(0, CAST({self.rules.scope.fill(amount)} AS DOUBLE)) END"

    def query(self, level: str, programmes: tuple[Programme, ...]) -> str:
        """One row per subject that is entitled to, receives or may be entitled to anything.

        Columns: keys, region_code, and what `outcomes` names.
        """
        frames = self.rules.frames()
        stage = _Stage(self._amounts(frames, level, programmes, self._touched(frames, level, programmes)), programmes)
        stage.add(_states(stage))
        stage.add(_amounts(stage))
        _choose(stage)
        if level == "person":
            _share(frames, stage)
        kept = [*KEYS[level], REGION_COLUMN]
        for n, outcome in enumerate(self.outcomes(level, programmes)):
            kept.append(f"{stage.states[n]} AS state_{n}")
            kept += [f"{stage.amounts[n]} AS amount_{n}"] if outcome.amount == f"amount_{n}" else []
            kept += [column for column in (outcome.got, outcome.paid) if column in (f"got_{n}", f"paid_{n}")]
        return f"{frames.with_clause()}\nSELECT {', '.join(kept)}\nFROM (\n{stage.sql}\n)"

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

    def _touched(self, frames: Frames, level: str, programmes: tuple[Programme, ...]) -> str:
        """The frame with who_N and what is received, of the subjects about whom any programme has something to say.

        Amounts are computed for these alone: most persons drop out here.
        """
        scope, receipts = self.rules.scope, self.receipts(level, programmes)
        names = [name for programme in programmes for name in _columns(programme)]
        names += [name for p in programmes if p.id in receipts.conditions for name in _when_columns(p)]
        frame = frames.build(level, list(dict.fromkeys((*KEYS[level], REGION_COLUMN, *names))), scoped=True)
        columns, reasons = [], []
        for n, programme in enumerate(programmes):
            who = f"({frames.filled(level, programme.who)})"
            if not scope.region.startswith(programme.region):
                who = f"(CASE WHEN starts_with({REGION_COLUMN}, {literal(programme.region)}) THEN {who} ELSE false END)"
            when = programme.received_as.when if programme.id in receipts.conditions else None
            told = dict(receipts.columns(n, programme, frames.filled(level, when) if when else None))
            columns += [f"{who} AS who_{n}", *(f"{sql} AS {name}" for name, sql in told.items())]
            reasons += [f"coalesce(who_{n}, true)", *(name for name in (f"got_{n}", f"leaving_{n}") if name in told)]
        told_of = f"SELECT *, {', '.join(columns)}\nFROM (\n{receipts.joined(frames, frame)}\n)"
        return f"SELECT *\nFROM (\n{told_of}\n)\nWHERE {' OR '.join(reasons)}"

    def _amounts(self, frames: Frames, level: str, programmes: tuple[Programme, ...], touched: str) -> str:
        """raw_N, the most that one subject (most_N) and one household (shared_N) may have, beside `touched`."""
        columns = []
        for n, programme in enumerate(programmes):
            columns.append(f"CAST({frames.filled(level, programme.amount)} AS DOUBLE) AS raw_{n}")
            limits = [f"CAST({sql} AS DOUBLE)" for sql in _limits(frames, programme)]
            if limits:
                unknown = " OR ".join(f"{limit} IS NULL" for limit in limits)
                least = f"least({', '.join(limits)})" if len(limits) > 1 else limits[0]
                columns.append(f"CASE WHEN {unknown} THEN NULL ELSE greatest(0, {least}) END AS most_{n}")
            if level == "person" and programme.cap.household is not None:
                cap = frames.filled(level, programme.cap.household)
                columns.append(f"greatest(0, CAST({cap} AS DOUBLE)) AS shared_{n}")
        return f"SELECT *, {', '.join(columns)}\nFROM (\n{touched}\n)"


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


class _Stage:
    """A query, and which of its columns hold the state and the amount of each programme by now.

    A later stage adds columns beside the earlier ones: not every engine can replace a column in place.
    """

    def __init__(self, sql: str, programmes: tuple[Programme, ...]) -> None:
        self.sql = sql
        self.programmes = programmes
        self.states = [f"bare_state_{n}" for n in range(len(programmes))]
        self.amounts = [f"bare_amount_{n}" for n in range(len(programmes))]

    def add(self, columns: Iterable[str]) -> None:
        self.sql = f"SELECT *, {', '.join(columns)}\nFROM (\n{self.sql}\n)"


def _states(stage: _Stage) -> Iterator[str]:
    for n, programme in enumerate(stage.programmes):
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
        yield (
            f"CAST(CASE WHEN who_{n} IS NULL THEN {UNKNOWN} WHEN NOT who_{n} THEN {leaving} "
            f"WHEN {' OR '.join([*unknown, *limit])} THEN {UNKNOWN} ELSE {ENTITLED} END AS TINYINT) AS {stage.states[n]}"
        )


def _amounts(stage: _Stage) -> Iterator[str]:
    for n, programme in enumerate(stage.programmes):
        amounts = [f"WHEN {ENTITLED} THEN {_limited(n, programme, f'greatest(0, raw_{n})')}"]
        if programme.withdrawal:
            share = min(programme.withdrawal, _MONTHS_OF_A_YEAR) / _MONTHS_OF_A_YEAR
            rest = _limited(n, programme, f"greatest(0, left_{n} * {literal(share)})")
            amounts.append(f"WHEN {WITHDRAWING} THEN {rest}")
        yield f"CASE {stage.states[n]} {' '.join(amounts)} END AS {stage.amounts[n]}"


def _limited(n: int, programme: Programme, amount: str) -> str:
    return f"least(most_{n}, {amount})" if _is_limited(programme) else amount


def _choose(stage: _Stage) -> None:
    """Of programmes that exclude one another the larger is kept, of equal ones the one stated first.

    A programme is given up only for one that is itself kept, so the fates are settled from the largest down, one round
    after the other.
    """
    number = {programme.id: n for n, programme in enumerate(stage.programmes)}
    excluded = rivals({programme.id: programme for programme in stage.programmes})
    fated = {number[id_]: [number[other] for other in others] for id_, others in excluded.items() if others}
    if not fated:
        return
    stage.add(f"CAST(NULL AS BOOLEAN) AS {_kept(n, 0)}" for n in fated)
    rounds = _rounds(fated)
    for round_ in range(rounds):
        stage.add(f"{_fate(stage, n, others, round_)} AS {_kept(n, round_ + 1)}" for n, others in fated.items())
    chosen = []
    for n in fated:
        given_up = f"{_kept(n, rounds)} IS FALSE"
        state, amount = stage.states[n], stage.amounts[n]
        chosen.append(f"CAST(CASE WHEN {given_up} THEN {GIVEN_UP} ELSE {state} END AS TINYINT) AS chosen_state_{n}")
        chosen.append(f"CASE WHEN {given_up} THEN NULL ELSE {amount} END AS chosen_amount_{n}")
        stage.states[n], stage.amounts[n] = f"chosen_state_{n}", f"chosen_amount_{n}"
    stage.add(chosen)


def _kept(n: int, round_: int) -> str:
    """The column that says after a round whether a programme is kept; NULL while it is open."""
    return f"kept_{n}_{round_}"


def _fate(stage: _Stage, n: int, others: list[int], round_: int) -> str:
    def better(other: int) -> str:
        first = stage.programmes[other].order < stage.programmes[n].order
        return f"coalesce({stage.amounts[other]} {'>=' if first else '>'} {stage.amounts[n]}, false)"

    kept = _kept(n, round_)
    beaten = " OR ".join(f"({better(other)} AND {_kept(other, round_)} IS TRUE)" for other in others)
    open_ = " OR ".join(f"({better(other)} AND {_kept(other, round_)} IS NULL)" for other in others)
    return (
        f"CASE WHEN {stage.states[n]} NOT IN {_DUE} THEN NULL WHEN {kept} IS NOT NULL THEN {kept} "
        f"WHEN {beaten} THEN false WHEN {open_} THEN NULL ELSE true END"
    )


def _rounds(fated: dict[int, list[int]]) -> int:
    """Two where each group of rivals excludes one another all round, else as many as the longest chain may need."""
    is_round = all(set(fated[other]) | {other} == set(others) | {n} for n, others in fated.items() for other in others)
    return 2 if is_round else len(fated)


def _share(frames: Frames, stage: _Stage) -> None:
    """Where members together have more than their household may, each is cut in proportion.

    Such households are few, so they are looked for by themselves instead of setting all members side by side.
    """
    capped = [n for n, programme in enumerate(stage.programmes) if programme.cap.household is not None]
    if not capped:
        return
    judged = frames.add("judged", stage.sql, read_twice=True)
    totals = ", ".join(f"sum({stage.amounts[n]}) AS total_{n}" for n in capped)
    above = " OR ".join(f"sum({stage.amounts[n]}) > min(shared_{n})" for n in capped)
    with_any = " OR ".join(f"{stage.amounts[n]} IS NOT NULL" for n in capped)
    over = frames.add(
        "over_cap",
        f"SELECT household_id, {totals}\nFROM {judged}\nWHERE {with_any}\nGROUP BY household_id\nHAVING {above}",
    )
    selected = ", ".join(f"{over}.total_{n}" for n in capped)
    stage.sql = (
        f"SELECT {judged}.*, {selected}\nFROM {judged}\nLEFT JOIN {over} ON {judged}.household_id = {over}.household_id"
    )
    for n in capped:
        whole = stage.amounts[n]
        stage.amounts[n] = f"CASE WHEN total_{n} > shared_{n} THEN {whole} * (shared_{n} / total_{n}) ELSE {whole} END"


def long_rows(level: str, outcomes: tuple[Outcome, ...], table: str) -> str:
    """SQL that turns the wide table of a level into one row per subject and programme that says anything.

    Columns: level, programme_id, state, subject_id, household_id, person_id, region_code, amount_cny, received,
    received_cny, missed. Missed: it is due, and the data show that it is not received.
    """
    person = "person_id" if level == "person" else "CAST(NULL AS VARCHAR)"
    subject = KEYS[level][-1]
    names = " ".join(f"WHEN {state} THEN '{name}'" for state, name in STATES.items())
    rows = [
        f"SELECT '{level}' AS level, {literal(one.programme.id)} AS programme_id, CASE {one.state} {names} END AS state, "
        f"{subject} AS subject_id, household_id, {person} AS person_id, {REGION_COLUMN}, {one.amount} AS amount_cny, "
        f"{one.got} AS received, {one.paid} AS received_cny, {one.state} IN {_DUE} AND {one.got} IS FALSE AS missed\n"
        f"FROM {table} WHERE {one.state} <> {NOT_ENTITLED}{f' OR {one.got}' if one.is_seen else ''}"
        for one in outcomes
    ]
    return "\nUNION ALL\n".join(rows)
