"""The command group, and the one place where problems become sentences and exit codes."""

from __future__ import annotations

import os
import sys

import click

from khotail.cli.demo import demo
from khotail.cli.entitle import entitle
from khotail.cli.facts import import_, inspect
from khotail.cli.failures import MACHINE_FAILED, failure, unforeseen
from khotail.cli.interruption import Interruption, heard
from khotail.cli.language import LANGUAGE, say, word
from khotail.cli.rulebook import rulebook
from khotail.cli.runs import audit, explain, report, screen
from khotail.cli.simulate import simulate
from khotail.cli.site import COMMANDS as SITE_COMMANDS
from khotail.problems import Problem

#: Exit codes: 0 done; 1 done, but something waits to be mended (rejected rows, findings under --strict, failed
#: examples); 2 the command was called wrongly; 3 bad input; 4 bad rulebook; 5 the machine failed (disk, memory).
CALLED_WRONGLY = 2
CANCELLED = 130


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


for command in (demo, inspect, import_, audit, screen, entitle, simulate, explain, report, rulebook, *SITE_COMMANDS):
    cli.add_command(command)

# People write `--lang` where they think of it. It is read before any command is, so each need only let it pass.
for command in (*cli.commands.values(), *rulebook.commands.values()):
    command.params.append(click.Option(["--lang"], type=click.Choice(["zh", "en"]), expose_value=False, hidden=True))


def main() -> None:
    """Run the command line and exit with its code."""
    # A full disk is told once, below; not again by each half-open file as it is thrown away.
    sys.unraisablehook = lambda late: None if isinstance(late.exc_value, OSError) else sys.__unraisablehook__(late)
    with heard() as interruption:
        code = _code_of(interruption)
    sys.exit(code)


def _code_of(interruption: Interruption) -> int:
    """Run the command, tell what went wrong, and return the exit code."""
    out = sys.stdout
    try:
        code = cli.main(standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return CALLED_WRONGLY
    except (click.Abort, KeyboardInterrupt):
        return _cancelled()
    except Problem as problem:
        if interruption.happened:
            return _cancelled()
        click.echo(word(problem.text), err=True)
        return problem.exit_code
    except BrokenPipeError:
        return _nobody_reads()
    except SystemExit:
        # What Click makes of it where it is Click that writes: it puts something else in the output's place, and exits.
        if sys.stdout is not out:
            return _nobody_reads()
        raise
    except Exception as error:
        if interruption.happened:
            return _cancelled()
        if os.environ.get("KHOTAIL_DEBUG"):
            raise
        sentence, code = failure(error) or (unforeseen(error), MACHINE_FAILED)
        click.echo(sentence, err=True)
        return code
    return code if isinstance(code, int) else 0


def _nobody_reads() -> int:
    """Whoever read the output has enough. What is left to flush at exit must not complain either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


def _cancelled() -> int:
    click.echo(say("已取消，没有留下未完成的文件。", "Cancelled; no unfinished file was left behind."), err=True)
    return CANCELLED
