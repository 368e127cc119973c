"""Queries in DuckDB's dialect, said in Spark's so that they mean the same.

sqlglot writes the dialect; what the two understand differently by the same words is said explicitly here first: division,
whole months and years between days, rounding, the newest value that is not empty, hashes. Spark must run with
`spark.sql.ansi.enabled`, so that a value that cannot be cast is an error there as it is here.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlglot
from sqlglot import exp

_INFINITY = "CAST('Infinity' AS DOUBLE)"
#: Whole months from `a` to a later `b`: a month is complete on the same day, or on the last day of a shorter month.
_MONTHS = (
    "((YEAR({b}) - YEAR({a})) * 12 + MONTH({b}) - MONTH({a}) "
    "- CASE WHEN DAY({b}) < DAY({a}) AND {b} <> LAST_DAY({b}) THEN 1 ELSE 0 END)"
)
_WHOLE_MONTHS = f"(CASE WHEN a <= b THEN {_MONTHS.format(a='a', b='b')} ELSE -{_MONTHS.format(a='b', b='a')} END)"
_ELAPSED = {"year": f"({_WHOLE_MONTHS} DIV 12)", "month": _WHOLE_MONTHS, "day": "DATEDIFF(b, a)"}
_CROSSED = {
    "year": "(YEAR(b) - YEAR(a))",
    "month": "((YEAR(b) - YEAR(a)) * 12 + MONTH(b) - MONTH(a))",
    "day": "DATEDIFF(b, a)",
}
#: The last eight bytes of the digest, the lowest first, as DuckDB reads them.
_MD5_LOWER = (
    "CAST(CONV(CONCAT(" + ", ".join(f"SUBSTRING(MD5(a), {at}, 2)" for at in range(31, 16, -2)) + "), 16, 10) "
    "AS DECIMAL(20, 0))"
)
_FUNCTIONS = {
    "isfinite": f"(ABS(a) < {_INFINITY})",
    "md5_number_lower": _MD5_LOWER,
    "strlen": "OCTET_LENGTH(a)",
    "to_months": "MAKE_YM_INTERVAL(0, a)",
    "to_years": "MAKE_YM_INTERVAL(a, 0)",
}


def spark_sql(query: str | exp.Expr) -> str:
    """A DuckDB query, as text or parsed, in Spark's SQL."""
    tree = sqlglot.parse_one(query, dialect="duckdb") if isinstance(query, str) else query.copy()
    for named in tree.find_all(exp.CTE):
        named.set("materialized", None)  # Spark decides by itself
    # Inner expressions first: what replaces an outer one contains them.
    for node in reversed(list(tree.walk())):
        translate = _TRANSLATIONS.get(type(node))
        replacement = translate(node) if translate else None
        if replacement is not None:
            tree = replacement if node is tree else tree
            node.replace(replacement)
    return tree.sql(dialect="spark", comments=False)


def _said(template: str, **parts: exp.Expr) -> exp.Expr:
    """The template, in Spark's SQL, with an expression in place of each name that stands for one."""
    tree = sqlglot.parse_one(template, dialect="spark")
    for column in list(tree.find_all(exp.Column)):
        part = parts[column.name].copy()
        column.replace(part if isinstance(part, (exp.Column, exp.Literal, exp.Func)) else exp.Paren(this=part))
    return tree


def _divided(node: exp.Expr) -> exp.Expr:
    """Division of floating-point numbers, where a zero below gives infinity or no number."""
    below = node.expression
    if isinstance(below, exp.Literal) and not below.is_string and float(below.name):
        return _said("(CAST(a AS DOUBLE) / CAST(b AS DOUBLE))", a=node.this, b=below)
    return _said(
        f"(CASE WHEN b = 0 THEN CAST(a AS DOUBLE) * {_INFINITY} ELSE CAST(a AS DOUBLE) / CAST(b AS DOUBLE) END)",
        a=node.this,
        b=below,
    )


def _crossed(node: exp.Expr) -> exp.Expr | None:
    """Boundaries of a year or month between two days."""
    unit = node.args.get("unit")
    template = _CROSSED.get(unit.name.lower() if unit else "day")
    return _said(template, a=node.expression, b=node.this) if template else None


def _rounded(node: exp.Expr) -> exp.Expr | None:
    """To decimal places: of the floating-point number, not of the digits that it is written with."""
    places = node.args.get("decimals")
    if not isinstance(places, exp.Literal):
        return None
    return _said(f"(ROUND(CAST(a AS DOUBLE) * {10 ** int(places.name)}) / {10 ** int(places.name)}D)", a=node.this)


def _newest(node: exp.Expr) -> exp.Expr | None:
    """The value beside the greatest, of the rows that have one."""
    filtered = node.parent
    known = exp.Not(this=exp.Is(this=node.this.copy(), expression=exp.Null()))
    if isinstance(filtered, exp.Filter):
        where = filtered.expression
        where.set("this", exp.and_(where.this.copy(), known))
        return None
    return exp.Filter(this=node.copy(), expression=exp.Where(this=known))


def _items(node: exp.Expr) -> exp.Expr | None:
    """The length of a list, which Spark calls its size."""
    return exp.ArraySize(this=node.this.copy()) if isinstance(node.this, exp.Split) else None


def _matched_whole(node: exp.Expr) -> exp.Expr:
    return _said("(a RLIKE CONCAT('^(?:', b, ')$'))", a=node.this, b=node.expression)


def _asked(node: exp.Expr) -> exp.Expr | None:
    """`x IN (…) IS TRUE`, which Spark reads only with its first part in brackets."""
    if isinstance(node.this, (exp.Column, exp.Paren, exp.Func)):
        return None
    return exp.Is(this=exp.Paren(this=node.this.copy()), expression=node.expression.copy())


def _only(node: exp.Expr) -> exp.Expr | None:
    """The greatest or least of one value, for which Spark wants another."""
    return None if node.expressions else exp.Paren(this=node.this.copy())


def _function(node: exp.Expr) -> exp.Expr | None:
    name, arguments = node.name.lower(), node.expressions
    if name == "datesub":
        unit, start, end = arguments
        return _said(_ELAPSED[unit.name.lower()], a=start, b=end)
    template = _FUNCTIONS.get(name)
    return _said(template, **dict(zip("ab", arguments, strict=False))) if template else None


_TRANSLATIONS: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr | None]] = {
    exp.Div: _divided,
    exp.DateDiff: _crossed,
    exp.Round: _rounded,
    exp.ArgMax: _newest,
    exp.ArgMin: _newest,
    exp.Length: _items,
    exp.RegexpFullMatch: _matched_whole,
    exp.Is: _asked,
    exp.Greatest: _only,
    exp.Least: _only,
    exp.Anonymous: _function,
}
