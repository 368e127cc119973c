"""The web application from the command line. Django is imported only when one of these commands runs."""

from __future__ import annotations

import importlib
import json
import os
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import click

from khotail.cli.language import say, word
from khotail.site.problems import NotInstalled

_BANNER = click.option("--banner", required=True, help=say("旗县区划代码。", "Code of the banner."))


def _module(name: str, *, ready: bool = True) -> Any:
    """A module of khotail.site, with Django set up. Raises NotInstalled, NoKeys."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "khotail.site.settings")
    try:
        django = importlib.import_module("django")
        importlib.import_module("khotail.site.settings")
        if ready:
            django.setup()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("khotail"):
            raise
        raise NotInstalled(missing=error.name) from error
    return importlib.import_module(f"khotail.site.{name}")


def _now() -> Any:
    return importlib.import_module("django.utils.timezone").now()


@click.command(
    help=say("启动网页系统和后台任务，按 Ctrl-C 停止。", "Serve the web application and its worker until Ctrl-C.")
)
@click.option("--host", default="127.0.0.1", show_default=True, help=say("监听地址。", "Address to listen on."))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=say("端口。", "Port."))
def serve(host: str, port: int) -> None:
    _module("setting_up").migrate()
    _module("serving").serve(host, port, _say_where)


@click.command(
    help=say(
        "只运行网页服务（后台任务另用 khotail worker）。", "Run the web server alone; the worker is another service."
    )
)
@click.option("--host", default="127.0.0.1", show_default=True, help=say("监听地址。", "Address to listen on."))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=say("端口。", "Port."))
def web(host: str, port: int) -> None:
    _module("setting_up").migrate()
    command = _module("serving").web_command(host, port)
    os.execv(command[0], command)


def _say_where(address: str) -> None:
    click.echo(say(f"网页系统已启动：{address}　按 Ctrl-C 停止。", f"Khotail is at {address}  (Ctrl-C stops it)"))


@click.command(help=say("只运行后台任务。", "Run the background worker alone."))
def worker() -> None:
    _module("setting_up")
    importlib.import_module("khotail.site.worker").main()


@click.command(
    context_settings={"ignore_unknown_options": True, "help_option_names": []},
    help=say("运行 Django 管理命令。", "Run one of Django's commands."),
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    _module("manage", ready=False).main(list(arguments))


@click.command(
    "new-keys", help=say("生成一套新密钥，写进服务的环境变量。", "Make a set of keys for the service's environment.")
)
def new_keys() -> None:
    from khotail.site.keys import new_keys as make

    keys = make()
    click.echo(f"KHOTAIL_SECRET_KEY={keys.secret}\nKHOTAIL_DATA_KEY={keys.data}")
    click.echo(
        say(
            "请另存一份 KHOTAIL_DATA_KEY 并离线保管：丢失后，已加密的证件号码无法恢复。",
            "Keep a copy of KHOTAIL_DATA_KEY off this machine: without it the sealed ID numbers are lost.",
        ),
        err=True,
    )


@click.command(
    "set-up",
    help=say(
        "建表、导入区划、创建首位管理员。可重复运行。",
        "Create tables, regions and the first administrator. May be run again.",
    ),
)
@_BANNER
@click.option("--username", default="admin", show_default=True, help=say("管理员登录名。", "Sign-in name."))
@click.option("--name", default="系统管理员", show_default=True, help=say("管理员姓名。", "The administrator's name."))
def set_up(banner: str, username: str, name: str) -> None:
    created = _module("setting_up").set_up(banner, username=username, full_name=name, now=_now())
    if created is None:
        click.echo(say("已是最新，管理员已存在。", "Up to date; there is an administrator already."))
        return
    click.echo(
        say(
            f"登录名：{created.officer.username}\n初始密码（只显示这一次，首次登录须修改）：{created.first_password}",
            f"Sign-in name: {created.officer.username}\nFirst password (shown only now, to be changed at the first "
            f"sign-in): {created.first_password}",
        )
    )


@click.command(
    "verify-trail",
    help=say("检查操作日志有没有被改动或删除。", "Check that no event of the audit trail was changed or removed."),
)
def verify_trail() -> int:
    _module("setting_up")
    found = importlib.import_module("khotail.trail.verification").verify()
    click.echo(word(found.sentence))
    for broken in found.breaks:
        click.echo(f"  {broken.event_id}\t{broken.what}")
    return 0 if found.is_whole else 1


@click.command(
    help=say("把数据库和文件备份成一个文件，不必停机。", "Write database and files into one file, while people work.")
)
@click.argument("file", type=click.Path(path_type=Path), metavar=say("文件", "FILE"))
@click.option(
    "--with-keys", is_flag=True, help=say("连同密钥（文件须严加保管）。", "With the keys: guard the file well.")
)
def backup(file: Path, with_keys: bool) -> None:
    kept = _module("backups").backup(file, now=_now(), with_keys=with_keys)
    click.echo(
        say(
            f"已备份到 {file}：数据库 {kept.database_bytes / 1e6:,.1f} MB，文件 {kept.files:,} 个。",
            f"Backed up to {file}: database of {kept.database_bytes / 1e6:,.1f} MB, {kept.files:,} files.",
        )
    )


@click.command(
    help=say(
        "用备份恢复；先核对每个文件的摘要。请先停止服务。",
        "Restore a backup, after checking its digests. Stop the service first.",
    )
)
@click.argument("file", type=click.Path(path_type=Path), metavar=say("文件", "FILE"))
@click.option("--force", is_flag=True, help=say("代替现有数据。", "Replace the data that are here."))
def restore(file: Path, force: bool) -> None:
    kept = _module("backups").restore(file, force=force)
    _module("setting_up").migrate()
    click.echo(
        say(
            f"已恢复 {kept.made_at} 的备份，文件 {kept.files:,} 个。请运行 khotail verify-trail。",
            f"Restored the backup of {kept.made_at} with {kept.files:,} files. Now run khotail verify-trail.",
        )
    )


_DOING = {
    "register": say("登记", "register"),
    "screening": say("筛查", "screening"),
    "audit": say("核查", "audit"),
    "cases": say("个案", "cases"),
    "issues": say("诉求和走访", "issues and visits"),
    "entitlements": say("应享核算", "entitlements"),
    "simulations": say("断崖模拟", "simulations"),
}


@click.command(
    "demo-site",
    help=say(
        "把 khotail demo --run 生成的旗县装进网页系统并启动。",
        "Load what `khotail demo --run` generated into the web application, and serve it.",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path), default=Path("demo"), metavar=say("文件夹", "FOLDER"))
@click.option("--host", default="127.0.0.1", show_default=True, help=say("监听地址。", "Address to listen on."))
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help=say("端口。", "Port."))
@click.option("--no-serve", is_flag=True, help=say("只装入，不启动。", "Load only."))
def demo_site(folder: Path, host: str, port: int, no_serve: bool) -> None:
    from khotail.cli import show

    made = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    home = folder / "home"
    os.environ |= {"KHOTAIL_DEMO": "1", "KHOTAIL_HOME": str(home.resolve())}
    os.environ.pop("KHOTAIL_DATABASE", None)
    if not (home / "banner").exists():  # the last thing written: half a demo is thrown away
        shutil.rmtree(home, ignore_errors=True)
        with show.progress(say("装入网页系统", "Loading the web application")) as tell:
            loaded = _module("demo").make(
                folder / "facts", made["banner"], date.fromisoformat(made["as_of"]), _now(),
                lambda what, done, total: tell(_DOING[what], done, total),
            )  # fmt: skip
        click.echo(
            say(
                f"已装入 {loaded.households:,} 户、{loaded.statements:,} 条事实；线索 {loaded.leads:,} 条，监测个案 {loaded.cases} 个。",
                f"{loaded.households:,} households and {loaded.statements:,} facts are in; {loaded.leads:,} leads, "
                f"{loaded.cases} cases.",
            )
        )
    if not no_serve:
        _module("setting_up").migrate()
        _module("serving").serve(host, port, _say_where)


COMMANDS = (serve, web, worker, manage, new_keys, set_up, verify_trail, backup, restore, demo_site)
