"""Rule expressions: parsed once, held to an allow-list, asked what they read.

Expressions are DuckDB SQL. `:name` is a parameter's value on the screening date, `at(:name, day)` its value on another
day, `:as_of` the screening date and `:income_year` the last income year that was complete by then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from khotail.texts import Text

#: Parameters that every run has without a file: the screening date and the last complete income year.
BUILT_IN_PARAMETERS = frozenset({"as_of", "income_year"})

_SCALAR_FUNCTIONS: tuple[type[exp.Expr], ...] = (
    exp.Abs, exp.ArrayContains, exp.ArrayDistinct, exp.ArrayOverlaps, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce,
    exp.Concat, exp.ConcatWs, exp.Contains, exp.DateDiff, exp.DateFromParts, exp.Day, exp.EndsWith, exp.Extract,
    exp.Floor, exp.Greatest, exp.If, exp.LastDay, exp.Least, exp.Left, exp.Length, exp.Lower, exp.Month, exp.Nullif,
    exp.RegexpExtract, exp.RegexpFullMatch, exp.RegexpLike, exp.RegexpReplace, exp.Replace, exp.Right, exp.Round,
    exp.Split, exp.StartsWith, exp.Substring, exp.TimestampTrunc, exp.DateTrunc, exp.TimeToStr, exp.Trim, exp.TryCast,
    exp.Upper, exp.Year,
)  # fmt: skip
_AGGREGATES: tuple[type[exp.Expr], ...] = (
    exp.ArgMax, exp.ArgMin, exp.Avg, exp.Count, exp.CountIf, exp.GroupConcat, exp.LogicalAnd,
    exp.LogicalOr, exp.Max, exp.Min, exp.Sum,
)  # fmt: skip
#: All that an expression may consist of besides functions. Statements (`TRUE; ATTACH …`) parse too, so nothing else passes.
_CONSTRUCTS: tuple[type[exp.Expr], ...] = (
    exp.Add, exp.Between, exp.Boolean, exp.Bracket, exp.Column, exp.DPipe, exp.DataType, exp.Distinct, exp.Div, exp.EQ,
    exp.Escape, exp.Filter, exp.GT, exp.GTE, exp.ILike, exp.Identifier, exp.In, exp.IntDiv, exp.Interval, exp.Is, exp.LT,
    exp.LTE, exp.Like, exp.Literal, exp.Mod, exp.Mul, exp.NEQ, exp.Neg, exp.Not, exp.Null, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Order, exp.Ordered, exp.Paren, exp.Placeholder, exp.Sub, exp.Tuple, exp.Var, exp.Where,
)  # fmt: skip
_NAMED_FUNCTIONS = frozenset({"at", "datesub", "date_sub", "to_months", "to_years", "strlen"})


@dataclass(frozen=True)
class Unusable:
    """Why an expression cannot be used: `kind` is one of syntax, function, construct, at."""

    kind: str
    detail: str

    @property
    def text(self) -> Text:
        """The reason as a sentence."""
        match self.kind:
            case "function":
                return Text(
                    f"规则里不能用函数“{self.detail}”（只允许结果固定、不读取外部的函数）。",
                    f"The function “{self.detail}” may not be used in a rule (only deterministic ones that read nothing "
                    "else).",
                )
            case "construct":
                return Text(
                    f"规则里只能写一个表达式，不能用子查询、窗口、lambda 或语句：{self.detail}",
                    "A rule is one expression. Subqueries, windows, lambdas and statements may not be used: "
                    f"{self.detail}",
                )
            case "at":
                return Text(
                    f"at 的写法是 at(:参数, 日期)：{self.detail}", f"`at` is written at(:parameter, day): {self.detail}"
                )
            case _:
                return Text(f"表达式写错了：{self.detail}", f"The expression cannot be read: {self.detail}")


@dataclass(frozen=True)
class Expression:
    """A parsed SQL expression. Build it with `parse`."""

    sql: str
    tree: exp.Expr

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that it reads, in the order of their first mention."""
        return tuple(dict.fromkeys(column.name for column in _in_order(self.tree, exp.Column)))

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters that it reads, built-in ones included."""
        return tuple(dict.fromkeys(placeholder.name for placeholder in _in_order(self.tree, exp.Placeholder)))

    @cached_property
    def dated(self) -> dict[str, str]:
        """Parameters read as `at(:name, day)`, with the SQL of the day."""
        found = (match.groups() for match in _MARK.finditer(self._template))
        return {name: day for name, day in found if day}

    @cached_property
    def conjuncts(self) -> tuple[Expression, ...]:
        """The expressions that must all be true for this one to be true. Parsed anew: a tree written out may change."""
        tree = sqlglot.parse_one(self.sql, dialect="duckdb").unnest()
        parts = list(tree.flatten()) if isinstance(tree, exp.And) else [tree]
        return tuple(Expression(self.sql, part.copy()) for part in parts)

    def filled(self, value: Callable[[str, str | None], str]) -> str:
        """The expression as DuckDB SQL, with `value(name, day)` put in for each parameter."""
        return _MARK.sub(lambda match: value(match["name"], match["day"]), self._template)

    @cached_property
    def _template(self) -> str:
        """DuckDB SQL with a mark for each parameter. The tree has told all that it knows by then, so it may change."""
        assert self.columns is not None
        tree = self.tree.transform(_mark, copy=False) if self.parameters else self.tree
        return tree.sql(dialect="duckdb", comments=False, copy=False)


#: How a parameter is marked in SQL text: ⟦name⟧, or ⟦name@day⟧ for its value on another day.
_MARK = re.compile(r"⟦(?P<name>[^⟧@]+)(?:@(?P<day>[^⟧]*))?⟧")


def _mark(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous) and node.name.lower() == "at":
        placeholder, day = node.expressions
        return exp.Var(this=f"⟦{placeholder.name}@{day.sql(dialect='duckdb')}⟧")
    if isinstance(node, exp.Placeholder):
        return exp.Var(this=f"⟦{node.name}⟧")
    return node


def parse(sql: str, *, aggregate: bool = False) -> Expression | Unusable:
    """Parse one expression. With `aggregate`, aggregate functions are allowed too."""
    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except (SqlglotError, RecursionError) as error:
        return Unusable("syntax", _plain(error))
    if "⟦" in sql or "⟧" in sql:
        return Unusable("syntax", "⟦ ⟧")
    for node in tree.walk():
        if _is_misused_at(node):
            return Unusable("at", node.sql(dialect="duckdb")[:60])
        if isinstance(node, exp.Func):
            if not _is_allowed(node, aggregate):
                return Unusable("function", _function_name(node))
        elif not isinstance(node, _CONSTRUCTS) and not (isinstance(node, exp.Star) and aggregate):
            return Unusable("construct", node.sql(dialect="duckdb")[:60])
    return Expression(sql, tree)


def _is_allowed(node: exp.Func, aggregate: bool) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in _NAMED_FUNCTIONS
    if isinstance(node, exp.Connector):
        return True
    return isinstance(node, _SCALAR_FUNCTIONS) or (aggregate and isinstance(node, _AGGREGATES))


def _is_misused_at(node: exp.Expr) -> bool:
    """`at` takes a parameter and a day that reads no other parameter."""
    if not (isinstance(node, exp.Anonymous) and node.name.lower() == "at"):
        return False
    arguments = node.expressions
    return (
        len(arguments) != 2
        or not isinstance(arguments[0], exp.Placeholder)
        or arguments[1].find(exp.Placeholder) is not None
    )


def _function_name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def _in_order(tree: exp.Expr, kind: type[exp.Expr]) -> Iterator[exp.Expr]:
    return tree.find_all(kind, bfs=False)


def _plain(error: Exception) -> str:
    """The parser's message on one line, without terminal colours."""
    errors = getattr(error, "errors", None)
    if errors:
        first = errors[0]
        return f"{first.get('description', '')} near “{first.get('highlight', '')}”"
    return str(error).splitlines()[0]
