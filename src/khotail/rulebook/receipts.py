"""What the data tell of help received: running or recent benefits, running measures, or a condition on the frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from khotail.rulebook.frames import Frames
from khotail.rulebook.names import KEYS
from khotail.rulebook.parameters import literal
from khotail.rulebook.programmes import Programme


@dataclass(frozen=True)
class Receipts:
    """SQL for what one level's subjects receive of each programme on a day.

    present      table → the columns that the data have
    conditions   programmes whose `received_as.when` can be read
    recorded     names of benefits and measures that the data have a row of; None for any: a list that has no row of a
                 programme does not tell that nobody receives it
    """

    level: str
    programmes: tuple[Programme, ...]
    present: Mapping[str, frozenset[str]]
    as_of: date
    conditions: frozenset[str]
    recorded: frozenset[str] | None = None

    def is_visible(self, programme: Programme) -> bool:
        """Whether the data can tell at all that somebody receives it."""
        return self._by_benefits(programme) or self._by_measures(programme) or programme.id in self.conditions

    def joined(self, frames: Frames, frame: str) -> str:
        """SQL for a frame with what is received beside it; the expressions that this takes are kept in `frames`."""
        keys, selected, joins = KEYS[self.level], ["own.*"], ""
        if any(map(self._by_benefits, self.programmes)):
            columns = list(self._of_benefits())
            name = frames.add("benefits_received", self._benefits(columns))
            selected += [f"received.{column}" for column, _ in columns]
            joins += f"\nLEFT JOIN {name} AS received ON {' AND '.join(f'own.{key} = received.{key}' for key in keys)}"
        if any(map(self._by_measures, self.programmes)):
            columns = list(self._of_measures())
            name = frames.add("measures_received", self._measures(columns))
            selected += [f"measured.{column}" for column, _ in columns]
            joins += f"\nLEFT JOIN {name} AS measured ON own.household_id = measured.household_id"
        return f"SELECT {', '.join(selected)}\nFROM {frame} AS own{joins}"

    def got(self, n: int, programme: Programme) -> str:
        """SQL over the columns of the Nth programme for whether it is received; NULL where the data do not tell."""
        return f"got_{n}" if self.is_visible(programme) else "CAST(NULL AS BOOLEAN)"

    def paid(self, n: int, programme: Programme) -> str:
        """SQL over the columns of the Nth programme for what is received of it, CNY a year."""
        return f"paid_{n}" if self._by_benefits(programme) else "CAST(NULL AS DOUBLE)"

    def columns(self, n: int, programme: Programme, when: str | None) -> Iterator[tuple[str, str]]:
        """What `got` and `paid` read and, of a programme that is withdrawn gradually, leaving_N and left_N: name and SQL."""
        signs = []
        by_benefits = self._by_benefits(programme)
        if by_benefits:
            signs.append(f"coalesce(has_{n}, false)")
            yield f"paid_{n}", f"pays_{n}"
        if self._by_measures(programme):
            signs.append(f"coalesce(does_{n}, false)")
        if when is not None:
            signs.append(f"({when})")
        if signs:
            yield f"got_{n}", " OR ".join(signs)
        if programme.withdrawal:
            yield f"leaving_{n}", f"coalesce(leaves_{n}, false)" if by_benefits else "false"
            yield f"left_{n}", f"paid_last_{n}" if by_benefits else "CAST(NULL AS DOUBLE)"

    def _by_benefits(self, programme: Programme) -> bool:
        needed = {"household_id", "programme", "paid_from", *KEYS[self.level]}
        return self._is_recorded(programme.received_as.benefits) and needed <= self.present.get("benefits", frozenset())

    def _by_measures(self, programme: Programme) -> bool:
        needed = {"household_id", "measure_category"}
        return self._is_recorded(programme.received_as.measures) and needed <= self.present.get("measures", frozenset())

    def _is_recorded(self, names: tuple[str, ...]) -> bool:
        return bool(names) and (self.recorded is None or not self.recorded.isdisjoint(names))

    def _of_benefits(self) -> Iterator[tuple[str, str]]:
        """What is read off a subject's benefits: column and SQL."""
        day = literal(self.as_of)
        for n, programme in enumerate(self.programmes):
            if not self._by_benefits(programme):
                continue
            ours = f"programme IN ({_texts(programme.received_as.benefits)})"
            yield f"has_{n}", f"bool_or({ours} AND (runs OR recent))"
            paid = "CASE WHEN runs THEN monthly * 12 ELSE 0 END + CASE WHEN recent THEN once ELSE 0 END"
            yield f"pays_{n}", f"sum({paid}) FILTER (WHERE {ours} AND (runs OR recent))"
            if programme.withdrawal:
                months = programme.withdrawal
                lately = f"until <= {day} AND until > CAST({day} - INTERVAL {months} MONTH AS DATE)"
                leaves = f"{ours} AND ((runs AND monthly IS NOT NULL) OR ({lately}))"
                yield f"leaves_{n}", f"bool_or({leaves})"
                yield f"paid_last_{n}", f"sum(monthly * 12) FILTER (WHERE {leaves})"

    def _benefits(self, columns: list[tuple[str, str]]) -> str:
        """Per subject what runs on the day or was paid once in the 12 months before; amounts in CNY a year."""
        day = literal(self.as_of)
        year_before = f"CAST({day} - INTERVAL 12 MONTH AS DATE)"
        monthly, once, until = (self._column("benefits", n) for n in ("monthly_cny", "once_cny", "paid_until"))
        runs = f"paid_from <= {day} AND coalesce({until} > {day}, true) AND ({monthly} IS NOT NULL OR {once} IS NULL)"
        recent = f"{once} IS NOT NULL AND paid_from <= {day} AND paid_from > {year_before}"
        values = _texts(value for programme in self.programmes for value in programme.received_as.benefits)
        keys = ", ".join(KEYS[self.level])
        return (
            f"SELECT {keys}, {_named(columns)}\nFROM (\nSELECT {keys}, programme, {monthly} AS monthly, "
            f"{once} AS once, {until} AS until, ({runs}) AS runs, ({recent}) AS recent\n"
            f"FROM benefits WHERE programme IN ({values})\n)\nGROUP BY {keys}"
        )

    def _of_measures(self) -> Iterator[tuple[str, str]]:
        """What is read off a household's measures: column and SQL."""
        day = literal(self.as_of)
        begun, ended, detail = (
            self._column("measures", n) for n in ("measure_start_on", "measure_end_on", "measure_detail")
        )
        runs = f"coalesce({begun} <= {day}, true) AND coalesce({ended} >= {day}, true)"
        for n, programme in enumerate(self.programmes):
            if self._by_measures(programme):
                values = programme.received_as.measures
                told = " OR ".join(f"coalesce(contains({detail}, {literal(value)}), false)" for value in values)
                yield f"does_{n}", f"bool_or((measure_category IN ({_texts(values)}) OR {told}) AND {runs})"

    def _measures(self, columns: list[tuple[str, str]]) -> str:
        return f"SELECT household_id, {_named(columns)}\nFROM measures\nGROUP BY household_id"

    def _column(self, table: str, name: str) -> str:
        """A column of the table, or an empty one of its type where the data lack it."""
        if name in self.present.get(table, frozenset()):
            return name
        kind = "DOUBLE" if name.endswith("_cny") else "VARCHAR" if name.endswith("_detail") else "DATE"
        return f"CAST(NULL AS {kind})"


def _named(columns: list[tuple[str, str]]) -> str:
    return ", ".join(f"{sql} AS {name}" for name, sql in columns)


def _texts(values: Iterable[str]) -> str:
    return ", ".join(literal(value) for value in dict.fromkeys(values))


def names_recorded(programmes: Iterable[Programme], present: Mapping[str, frozenset[str]]) -> str:
    """SQL for the names, among those by which programmes are seen, that the data have a row of. Empty if none can be."""
    listed = list(programmes)
    parts = []
    if "programme" in present.get("benefits", frozenset()):
        parts.append("SELECT DISTINCT programme AS name FROM benefits")
    measures = sorted({name for programme in listed for name in programme.received_as.measures})
    if measures and "measure_category" in present.get("measures", frozenset()):
        detail = "measure_detail" if "measure_detail" in present["measures"] else "CAST(NULL AS VARCHAR)"
        parts.append(
            f"SELECT name FROM (SELECT unnest([{_texts(measures)}]) AS name) WHERE EXISTS (SELECT 1 FROM measures "
            f"WHERE measure_category = name OR contains({detail}, name))"
        )
    return " UNION ".join(parts)
