"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from khotail.cli.language import say
from khotail.rulebooks import DEFAULT_BOOK

Command = TypeVar("Command", bound=Callable[..., Any])

DEFAULT_FACTS = "facts"
_FIRST_DAY, _LAST_DAY = date(1990, 1, 1), date(2099, 12, 31)


class Day(click.ParamType[date]):
    """A day as 2026-10-31."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            day = datetime.strptime(str(value), "%Y-%m-%d").date()
        except ValueError:
            self.fail(
                say(f"“{value}”不是日期，应写成 2026-10-31。", f"“{value}” is not a day; write it as 2026-10-31.")
            )
        if not _FIRST_DAY <= day <= _LAST_DAY:
            self.fail(
                say(
                    f"“{value}”不在 {_FIRST_DAY.year} 年至 {_LAST_DAY.year} 年之间。",
                    f"“{value}” is not between {_FIRST_DAY.year} and {_LAST_DAY.year}.",
                )
            )
        return day


def facts_option(command: Command) -> Command:
    return click.option(
        "--facts",
        "facts_folder",
        type=click.Path(path_type=Path),
        default=DEFAULT_FACTS,
        show_default=True,
        envvar="KHOTAIL_FACTS",
        help=say("数据文件夹（import 或 demo 写出的）。", "Folder of facts that `import` or `demo` wrote."),
    )(command)


def book_option(command: Command) -> Command:
    return click.option(
        "--rulebook",
        "book",
        default=DEFAULT_BOOK,
        show_default=True,
        envvar="KHOTAIL_RULEBOOK",
        help=say("规则库名称，或规则库文件夹的路径。", "Rulebook by name, or the path of a rulebook's folder."),
    )(command)


def as_of_option(command: Command) -> Command:
    return click.option(
        "--as-of",
        type=Day(),
        default=date.today,
        help=say("按哪一天的规则和数据判断（默认今天）。", "The day to judge by (default: today)."),
    )(command)


def region_option(command: Command) -> Command:
    return click.option(
        "--region",
        default="",
        help=say("区划代码前缀，如 152221；默认全部。", "Region code prefix, as 152221; default: everywhere."),
    )(command)


def memory_option(command: Command) -> Command:
    return click.option("--memory", default=None, help=say("内存上限，如 3GB。", "Memory limit, as 3GB."))(command)


def engine_option(command: Command) -> Command:
    return click.option(
        "--engine",
        "engine_name",
        type=click.Choice(["duckdb", "spark"]),
        default="duckdb",
        help=say(
            "用什么计算：duckdb（默认）或 spark（需要 PySpark 和 Java，用于一台机器装不下的数据）。",
            "What computes: duckdb (default), or spark (needs PySpark and Java; for data that outgrow one machine).",
        ),
    )(command)


def run_options(command: Command) -> Command:
    """Everything that says which facts to judge, by which rules, when and where."""
    for option in (memory_option, region_option, as_of_option, book_option, facts_option):
        command = option(command)
    return command
