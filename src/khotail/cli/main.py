"""The command group, and the one place where problems become sentences and exit codes."""

from __future__ import annotations

import errno
import sys

import click

from khotail.cli.demo import demo
from khotail.cli.facts import import_, inspect
from khotail.cli.language import LANGUAGE, say, word
from khotail.cli.rulebook import rulebook
from khotail.cli.runs import audit, explain, report, screen
from khotail.problems import Problem

#: Exit codes: 0 done; 1 done, but something waits to be mended (rejected rows, findings under --strict, failed
#: examples); 2 the command was called wrongly; 3 bad input; 4 bad rulebook; 5 the machine failed (disk, memory).
MACHINE_FAILED = 5
_CANCELLED = 130


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    help=say(
        "浩特艾勒：发现哪些农牧户可能返贫致贫，并说明原因。\n\n"
        "退出码：0 完成；1 完成，但有待改正的内容；2 用法错误；3 输入有误；4 规则库有误；5 磁盘或内存不足。",
        "Khotail: find which rural households are about to fall back into poverty, and say why.\n\n"
        "Exit codes: 0 done; 1 done, but something waits to be mended; 2 called wrongly; 3 bad input; 4 bad rulebook; "
        "5 disk or memory failed.",
    ),
)
@click.option(
    "--lang", type=click.Choice(["zh", "en"]), default=LANGUAGE, help=say("界面语言。", "Language of the output.")
)
@click.version_option(package_name="khotail", message="khotail %(version)s")
def cli(lang: str) -> None:
    """The group itself does nothing; `--lang` is read in khotail.cli.language."""


for command in (demo, inspect, import_, audit, screen, explain, report, rulebook):
    cli.add_command(command)


def main() -> None:
    """Run the command line and exit with its code."""
    try:
        code = cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo(say("已取消，没有留下未完成的文件。", "Cancelled; no unfinished file was left behind."), err=True)
        sys.exit(_CANCELLED)
    except Problem as problem:
        click.echo(word(problem.text), err=True)
        sys.exit(problem.exit_code)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        click.echo(_machine_sentence(error), err=True)
        sys.exit(MACHINE_FAILED)
    except Exception as error:
        sentence = _engine_sentence(error)
        if sentence is None:
            raise
        click.echo(sentence, err=True)
        sys.exit(MACHINE_FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _machine_sentence(error: OSError) -> str:
    where = error.filename or ""
    if error.errno == errno.ENOSPC:
        return say(
            f"磁盘空间不足，未写出{where}。请清理磁盘后重试；已有文件没有改动。",
            f"The disk is full, so {where or 'the output'} was not written. Free some space and try again; "
            "existing files are as they were.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return say(
            f"没有权限读写“{where}”。请换一个位置。", f"“{where}” may not be read or written. Choose another place."
        )
    return say(f"读写“{where}”失败：{error.strerror}。", f"Reading or writing “{where}” failed: {error.strerror}.")


def _engine_sentence(error: Exception) -> str | None:
    """A sentence for the failures of the embedded engine that come from the machine, not from the program."""
    import duckdb

    if isinstance(error, duckdb.OutOfMemoryException):
        return say(
            "内存或临时磁盘空间不足。请用 --memory 指定较小的上限并留出临时磁盘空间，或按 --region 分批运行。",
            "Memory or temporary disk space ran out. Set a smaller limit with `--memory` and leave temporary disk space, "
            "or run by `--region`.",
        )
    if isinstance(error, duckdb.IOException):
        return say(
            f"读写文件失败：{str(error).splitlines()[0]}",
            f"A file could not be read or written: {str(error).splitlines()[0]}",
        )
    return None
