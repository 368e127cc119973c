"""inspect, import: from files to facts."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from khotail.cli.language import say
from khotail.cli.options import DEFAULT_FACTS, Day

_FILES = click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar=say("文件...", "FILE...")
)
_SOURCES = click.option(
    "--sources",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=None,
    help=say("自己的表格对照（YAML）所在文件夹。", "Folder with mappings (YAML) of your own."),
)


_MAX_FILE_MB = click.option(
    "--max-file-mb",
    type=click.IntRange(1),
    default=2048,
    show_default=True,
    envvar="KHOTAIL_MAX_FILE_MB",
    help=say("单个文件解压后的上限（MB）。", "How large one file may be once it is unpacked, in MB."),
)


@click.command(
    help=say(
        "看看文件是什么表、列是否对得上，不导入。",
        "See what a file is and how its columns match, without importing it.",
    )
)
@_FILES
@_SOURCES
@_MAX_FILE_MB
def inspect(files: tuple[Path, ...], sources: Path | None, max_file_mb: int) -> int:
    from khotail.cli import readings
    from khotail.facts import inspect as inspect_files

    worst = 0
    for seen in inspect_files(files, sources=sources, max_bytes=max_file_mb << 20):
        readings.inspected(seen)
        worst = max(worst, 0 if seen.problem is None else seen.problem.exit_code)
    return worst


@click.command("import", help=say("导入全国系统导出表和部门名单。", "Import national exports and department lists."))
@_FILES
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    default=DEFAULT_FACTS,
    show_default=True,
    envvar="KHOTAIL_FACTS",
    help=say("数据文件夹。", "Folder of facts."),
)
@click.option(
    "--as-of",
    type=Day(),
    default=None,
    help=say("数据截至日期（默认从文件中读取）。", "The day the data hold for (default: read from the file)."),
)
@_SOURCES
@_MAX_FILE_MB
def import_(files: tuple[Path, ...], folder: Path, as_of: date | None, sources: Path | None, max_file_mb: int) -> int:
    return import_into(files, folder, as_of=as_of, sources=sources, max_bytes=max_file_mb << 20)


def import_into(files: tuple[Path, ...], folder: Path, **options: Any) -> int:
    """Import files, with the options of `import_files`, and show what became of each.

    Returns the exit code: the worst of the files that could not be read, or 1 if rows came back to be mended.
    """
    from khotail.cli import readings, show
    from khotail.facts import import_files

    with show.progress(say("导入", "Importing")) as tell:
        results = import_files(files, folder, progress=tell, **options)
    readings.imported(results)
    failed = [result.problem.exit_code for result in results if result.problem is not None]
    if failed:
        return max(failed)
    return 1 if any(result.rejected for result in results) else 0
