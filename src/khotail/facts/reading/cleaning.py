"""Cleaning cells in bulk: text in, the column's kind out, with the reason wherever a cell was mended or flagged.

A column of 200,000 cells mostly repeats a few values, so each different value is cleaned once, in SQL, and the result is
taken back to the rows by Arrow's dictionary indices. Nothing loops over rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from khotail.facts.identity import CHECKS, WEIGHTS
from khotail.facts.reading.headers import UNITS
from khotail.facts.reading.spellings import (
    BLANKS,
    LISTS,
    NO,
    NONE_IS_A_VALUE,
    NUMBER_WORDS,
    OPEN_ENDED,
    SEVERAL,
    YES,
    spellings,
)
from khotail.facts.schema import TABLES, Column
from khotail.facts.sql import quoted
from khotail.facts.store import connect

ARROW_TYPES = {
    "text": pa.string(),
    "int": pa.int64(),
    "number": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
}
#: numbers that identify something; they are cleaned of marks and watched for Excel's damage
_NUMBERS_OF_THINGS = frozenset({"household_id", "person_id", "region_code"})
_PHONES = frozenset({"household_phone", "person_phone", "work_phone", "collector_phone"})
_NAMES = frozenset({"name", "helper_name", "collector_name"})
_FULL = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "　￥"
_HALF = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)) + " ¥"
#: In prose only letters and digits are made half-width; Chinese punctuation stays.
_FULL_LETTERS = (
    "".join(sign for sign in _FULL if "０" <= sign <= "ｚ" and sign not in "：；＜＝＞？＠［＼］＾＿｀") + "　"
)
_HALF_LETTERS = "".join(_HALF[_FULL.index(sign)] for sign in _FULL_LETTERS)
_SPACES = r"[\s[:cntrl:]\x{00A0}\x{2000}-\x{200F}\x{FEFF}\x{3000}]+"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One column. `reasons` is null where nothing happened, else `mended:…` or `flagged:…`; None if nowhere."""

    values: Any
    reasons: Any | None


def cleaner() -> duckdb.DuckDBPyConnection:
    """A connection with the functions that the expressions below use."""
    connection = connect()
    weights = ", ".join(map(str, WEIGHTS))
    connection.execute(
        f"""CREATE MACRO check_character(number) AS substr('{CHECKS}', 1 + CAST(list_sum(list_transform(
            range(1, 18), lambda i: CAST(substr(number, CAST(i AS INTEGER), 1) AS INTEGER) * [{weights}][i])) % 11 AS INTEGER), 1)"""
    )
    connection.execute(
        f"CREATE MACRO half_width(t) AS CASE WHEN regexp_matches(t, '[！-～　￥]') THEN translate(t, {quoted(_FULL)}, {quoted(_HALF)}) ELSE t END"
    )
    connection.execute(
        f"CREATE MACRO half_width_letters(t) AS CASE WHEN regexp_matches(t, '[０-９Ａ-Ｚａ-ｚ　]') "
        f"THEN translate(t, {quoted(_FULL_LETTERS)}, {quoted(_HALF_LETTERS)}) ELSE t END"
    )
    connection.execute(f"CREATE MACRO trimmed(t) AS trim(regexp_replace(t, '{_SPACES}', ' ', 'g'))")
    connection.execute(f"CREATE MACRO compact(t) AS regexp_replace(t, '{_SPACES}', '', 'g')")
    connection.register("incoming_codes", _known_codes())
    connection.execute("CREATE TABLE known_codes AS SELECT * FROM incoming_codes")
    connection.unregister("incoming_codes")
    return connection


def clean(connection: duckdb.DuckDBPyConnection, column: Column, cells: Any, scale: float = 1) -> Cleaned:
    """Clean one column of text cells. `scale` converts the header's unit to the column's."""
    return clean_columns(connection, [(column, cells, scale)])[0]


def clean_columns(connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[Column, Any, float]]) -> list[Cleaned]:
    """Clean several columns; those that are cleaned alike go through one query together."""
    encoded = [pc.dictionary_encode(cells) for _, cells, _ in columns]
    alike: dict[str, list[int]] = {}
    for at, (column, _, scale) in enumerate(columns):
        if len(encoded[at].dictionary):
            alike.setdefault(_query(column, scale), []).append(at)
    results = [Cleaned(pa.nulls(len(cells), ARROW_TYPES[column.kind]), None) for column, cells, _ in columns]
    for query, group in alike.items():
        words = pa.concat_arrays([encoded[at].dictionary for at in group])
        names = pa.concat_arrays([pa.repeat(columns[at][0].name, len(encoded[at].dictionary)) for at in group])
        distinct = pa.table({"place": pa.array(list(range(len(words))), pa.int64()), "before": words, "header": names})
        connection.register("cells", distinct)
        try:
            cleaned = connection.sql(query).to_arrow_table().combine_chunks()
        finally:
            connection.unregister("cells")
        kind = ARROW_TYPES[columns[group[0]][0].kind]
        values, reasons = pc.cast(cleaned["value"].chunk(0), kind), cleaned["reason"].chunk(0)
        start = 0
        for at in group:
            length = len(encoded[at].dictionary)
            why = reasons.slice(start, length)
            happened = why.take(encoded[at].indices) if why.null_count < length else None
            results[at] = Cleaned(values.slice(start, length).take(encoded[at].indices), happened)
            start += length
    return results


@lru_cache(maxsize=1024)
def _query(column: Column, scale: float) -> str:
    if column.name == "id_number":
        return _ID
    if column.name in _NUMBERS_OF_THINGS:
        return _NUMBER_OF_THING
    if column.kind == "date":
        return _DATE
    if column.kind == "bool":
        return _yes_no()
    if column.kind in ("int", "number"):
        return _number(column, scale)
    if column.codes:
        return _coded(column)
    return _text(column)


def _any_of(words: tuple[str, ...]) -> str:
    return "(" + ", ".join(quoted(word) for word in words) + ")"


_BLANK = _any_of(BLANKS)
_BLANK_OR_NONE = _any_of((*BLANKS, "无"))


def _text(column: Column) -> str:
    blank = _BLANK if column.name in NONE_IS_A_VALUE else _BLANK_OR_NONE
    tidy = "trimmed(half_width_letters(before))"
    if column.name in _NAMES:
        # 张　三 is 张三; a Mongolian or Latin name keeps its spaces.
        tidy = rf"regexp_replace(regexp_replace({tidy}, '(\p{{Han}}) (\p{{Han}})', '\1\2', 'g'), '[•・．]', '·', 'g')"
    elif column.name in _PHONES:
        tidy = r"regexp_replace(regexp_replace(compact(half_width(before)), '\.0$', ''), '^(\d{3})-(\d{4})-(\d{4})$', '\1\2\3')"
    elif column.name in LISTS or (
        column.name.startswith("measure_") and not column.name.endswith(("_note", "_detail", "_category"))
    ):
        tidy = rf"trim(regexp_replace({tidy}, '\s*[、;；，,|]\s*', ',', 'g'), ',')"
    return f"""
        SELECT CASE WHEN lower(half_width(t)) IN {blank} THEN NULL ELSE t END AS value,
               CASE WHEN value IS NOT NULL AND value <> before THEN 'mended:tidied' END AS reason
        FROM (SELECT place, before, {tidy} AS t FROM cells) ORDER BY place"""


def _coded(column: Column) -> str:
    several = "FALSE"
    if column.name in SEVERAL:
        codes = ", ".join(quoted(code) for code, _ in column.codes)
        several = f"len(list_filter(string_split(items, ','), lambda item: NOT list_contains([{codes}], item))) = 0"
    return rf"""
        SELECT CASE WHEN lower(t) IN {_BLANK} OR meaning = '' THEN NULL
                    WHEN meaning IS NOT NULL THEN meaning
                    WHEN {several} THEN items
                    ELSE t END AS value,
               CASE WHEN value IS NULL THEN NULL
                    WHEN meaning IS NULL AND NOT ({several}) THEN 'flagged:unknown-code'
                    WHEN value = before THEN NULL
                    WHEN value = t THEN 'mended:tidied'
                    ELSE 'mended:code-spelling' END AS reason
        FROM (SELECT place, before, header, compact(half_width(before)) AS t, regexp_replace(t, '[、;；，,|/]+', ',', 'g') AS items FROM cells) c
        LEFT JOIN known_codes known ON known.header = c.header AND word = lower(t) ORDER BY place"""


@lru_cache(maxsize=1)
def _known_codes() -> Any:
    """All spellings of all coded columns: header (the column's name), word, meaning (`""` for nothing)."""
    known: dict[tuple[str, str], str] = {}
    for table in TABLES.values():
        for column in table.columns:
            if column.codes:
                known |= {(column.name, word): value for word, value in {"无": "", **spellings(column)}.items()}
    headers, words = zip(*known, strict=True)
    return pa.table({"header": list(headers), "word": list(words), "meaning": list(known.values())})


def _yes_no() -> str:
    return f"""
        SELECT CASE WHEN t IN {_any_of(YES)} THEN TRUE WHEN t IN {_any_of(NO)} THEN FALSE END AS value,
               CASE WHEN value IS NULL AND t NOT IN {_BLANK} THEN 'flagged:unreadable-yes-no'
                    WHEN value IS NOT NULL AND compact(before) <> before THEN 'mended:tidied' END AS reason
        FROM (SELECT place, before, lower(compact(half_width(before))) AS t FROM cells) ORDER BY place"""


def _number(column: Column, scale: float) -> str:
    group = next((UNITS[key] for key in (column.unit, column.unit.split(" per ")[0]) if key in UNITS), {})
    factors = "".join(
        f" WHEN unit IN ({quoted(unit)}, {quoted(unit + '/年')}, {quoted(unit + '/月')}) THEN {factor!r}"
        for unit, factor in group.items()
    )
    word = "".join(
        f" WHEN {quoted(word)} THEN {quoted(digit)}" for word, digit in NUMBER_WORDS.get(column.name, {}).items()
    )
    tidy = "lower(replace(compact(half_width(before)), ',', ''))"
    if column.name.endswith("_year"):
        # 2024-2025学年 is the school year that began in 2024.
        tidy = rf"regexp_replace({tidy}, '^(\d{{4}})([-—–~至/]\d{{2,4}})?(年|年度|学年|牧业年度)?$', '\1')"
    spelled = f"CASE {tidy}{word} ELSE {tidy} END" if word else tidy
    is_int = column.kind == "int"
    bounded = "abs(amount) < 9e15" if is_int else "isfinite(amount)"
    whole = "round(amount) = amount AND " if is_int else ""
    return rf"""
        SELECT CASE WHEN {whole}{bounded} THEN {"CAST(amount AS BIGINT)" if is_int else "amount"} END AS value,
               CASE WHEN value IS NULL AND t NOT IN {_BLANK_OR_NONE} THEN 'flagged:unreadable-number'
                    WHEN value IS NOT NULL AND before <> compact(before) THEN 'mended:tidied'
                    WHEN value IS NOT NULL AND half_width(before) <> before THEN 'mended:tidied'
                    WHEN value IS NOT NULL AND TRY_CAST(before AS DOUBLE) IS NULL THEN 'mended:number-form' END AS reason
        FROM (SELECT *, TRY_CAST(digits AS DOUBLE) * CASE WHEN unit = '' THEN {scale!r}{factors}
                        WHEN unit IN ('个', '人', '户', '头', '只', '头只', '级', '次', '处', '匹', '峰') THEN 1 END AS amount
              FROM (SELECT place, before, {spelled} AS t,
                           regexp_extract(t, '^[¥$]?([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{{1,3}})?)', 1) AS digits,
                           regexp_extract(t, '^[¥$]?[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{{1,3}})?(.*)$', 3) AS unit
                    FROM cells)) ORDER BY place"""


_DATE = rf"""
    SELECT CASE WHEN day BETWEEN DATE '1900-01-01' AND DATE '2100-12-31' THEN day END AS value,
           CASE WHEN value IS NULL AND lower(t) NOT IN {_any_of((*BLANKS, "无", *OPEN_ENDED))} THEN 'flagged:unreadable-date'
                WHEN value IS NULL THEN NULL
                WHEN regexp_full_match(t, '\d{{5}}(\.\d+)?') THEN 'mended:excel-date'
                WHEN NOT regexp_full_match(before, '\d{{6}}|\d{{8}}|\d{{4}}-\d{{2}}(-\d{{2}}( 00:00:00)?)?') THEN 'mended:date-form'
           END AS reason
    FROM (SELECT *, CASE
            WHEN regexp_full_match(t, '\d{{8}}') THEN CAST(try_strptime(t, '%Y%m%d') AS DATE)
            WHEN regexp_full_match(t, '\d{{6}}') THEN CAST(try_strptime(t || '01', '%Y%m%d') AS DATE)
            WHEN regexp_full_match(t, '\d{{5}}(\.\d+)?') AND CAST(left(t, 5) AS INTEGER) BETWEEN 20000 AND 60000
                THEN DATE '1899-12-30' + CAST(left(t, 5) AS INTEGER)
            WHEN parts.year <> '' THEN CAST(try_strptime(
                concat(parts.year, lpad(parts.month, 2, '0'), lpad(CASE WHEN parts.day = '' THEN '1' ELSE parts.day END, 2, '0')),
                '%Y%m%d') AS DATE)
        END AS day
        FROM (SELECT place, before,
                     regexp_replace(regexp_replace(compact(regexp_replace(half_width(before),
                         '[T ]+\d{{1,2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?Z?\s*$', '')), '^(\d{{6}}|\d{{8}})\.0$', '\1'), '^''', '') AS t,
                     regexp_extract(t, '^(\d{{4}})[-./年。](\d{{1,2}})(?:[-./月。](?:(\d{{1,2}})[日号]?)?)?$', ['year', 'month', 'day']) AS parts
              FROM cells)) ORDER BY place"""

_NUMBER_OF_THING = rf"""
    SELECT CASE WHEN destroyed OR lower(t) IN {_BLANK_OR_NONE} THEN NULL ELSE t END AS value,
           CASE WHEN destroyed THEN 'flagged:number-destroyed'
                WHEN value IS NOT NULL AND value <> before THEN 'mended:tidied' END AS reason
    FROM (SELECT *, regexp_full_match(t, '\d(\.\d+)?[eE]\+?\d{{1,2}}') AS destroyed
          FROM (SELECT place, before, regexp_replace(regexp_replace(compact(half_width(before)), '[''`‘’"]', '', 'g'), '^(\d+)\.0$', '\1') AS t FROM cells))
    ORDER BY place"""

# A true number ends in 000 once in a thousand and then has a right check character. Where many numbers of a list end in
# 000 with a wrong one, Excel went over the whole column, and the few that pass do so by chance.
_ID = rf"""
    WITH tidy AS (
        SELECT place, before, regexp_replace(upper(regexp_replace(compact(half_width(before)), '[''`‘’"-]', '', 'g')), '^(\d+)\.0$', '\1') AS t FROM cells
    ), judged AS (
        SELECT *,
               CASE WHEN regexp_full_match(t, '\d{{15}}') THEN concat(left(t, 6), '19', substr(t, 7)) END AS old,
               CASE WHEN old IS NOT NULL THEN concat(old, check_character(old)) ELSE t END AS number,
               CASE WHEN regexp_full_match(number, '\d{{17}}[\dX](\d{{2}}|\d{{4}})?')
                    THEN check_character(left(number, 17)) = substr(number, 18, 1) END AS check_ok,
               regexp_full_match(t, '\d(\.\d+)?E\+?\d{{2}}') AS scientific,
               regexp_full_match(t, '\d{{15}}000') AS rounded
        FROM tidy
    ), damage AS (
        SELECT count(*) FILTER (WHERE rounded AND NOT check_ok) > 0.02 * count(*) AND count(*) > 20 AS widespread FROM judged
    )
    SELECT CASE WHEN scientific OR (rounded AND (NOT check_ok OR widespread)) OR lower(t) IN {_BLANK_OR_NONE} THEN NULL ELSE number END AS value,
           CASE WHEN scientific OR (rounded AND (NOT check_ok OR widespread)) THEN 'flagged:id-destroyed'
                WHEN value IS NULL THEN NULL
                WHEN check_ok IS NULL THEN 'flagged:id-length'
                WHEN NOT check_ok THEN 'flagged:id-check-digit'
                WHEN old IS NOT NULL THEN 'mended:id-upgraded'
                WHEN number = before THEN NULL
                WHEN number = upper(before) THEN 'mended:id-lower-case'
                ELSE 'mended:id-tidied' END AS reason
    FROM judged, damage ORDER BY place"""
