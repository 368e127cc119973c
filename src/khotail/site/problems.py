"""What can go wrong with an installation, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotInstalled(Problem):
    sentence = Text(
        "网页系统没有安装（缺少 {missing}）：请运行 pip install 'khotail[web]'。",
        "The web application is not installed ({missing} is missing): run pip install 'khotail[web]'.",
    )
    exit_code = 2


class PortTaken(Problem):
    sentence = Text(
        "{host}:{port} 已被占用：可能 khotail serve 已在运行；否则请用 --port 换一个端口。",
        "{host}:{port} is taken: khotail serve may be running already; if not, choose another port with --port.",
    )
    exit_code = 5


class DidNotStart(Problem):
    sentence = Text(
        "网页服务没有启动，退出码 {code}；原因见上面的输出。",
        "The web server did not start; it exited with {code}. The reason is in the lines above.",
    )
    exit_code = 5


class AlreadySetUp(Problem):
    sentence = Text(
        "这里已经是旗县 {banner} 的系统，不能改成 {asked}。另建一套请换一个 KHOTAIL_HOME 和数据库。",
        "This is the installation of banner {banner} and cannot become that of {asked}. For another one, choose another "
        "KHOTAIL_HOME and database.",
    )
    exit_code = 2


class DatabaseAway(Problem):
    sentence = Text(
        "连不上数据库（KHOTAIL_DATABASE）：{what}。请检查地址、用户、密码，以及数据库是否在运行。",
        "The database (KHOTAIL_DATABASE) cannot be reached: {what}. Check address, user and password, and that it runs.",
    )
    exit_code = 5


class WronglyOrdered(Problem):
    sentence = Text(
        "PostgreSQL 数据库“{name}”的排序规则是 {collation}，不是 C，按行政区划代码会查不到数据。请用 createdb --locale C.UTF-8 "
        "--template template0 另建一个，把 KHOTAIL_DATABASE 指向它；已有数据用 khotail backup 和 khotail restore 移过去（见 "
        "docs/deploy.md）。",
        "The PostgreSQL database “{name}” has the collation {collation}, not C, and nothing would be found by region code. "
        "Create another with createdb --locale C.UTF-8 --template template0 and let KHOTAIL_DATABASE name it; data that "
        "are there move over with khotail backup and khotail restore (see docs/deploy.md).",
    )
    exit_code = 5


class NoSuchBackup(Problem):
    sentence = Text("没有备份文件“{path}”。", "There is no backup “{path}”.")
    exit_code = 3


class BackupExists(Problem):
    sentence = Text(
        "“{path}”已存在，没有覆盖。请换一个文件名。",
        "“{path}” is there already and was left as it is. Choose another name.",
    )
    exit_code = 2


class DamagedBackup(Problem):
    sentence = Text(
        "“{path}”不是完整的备份：{what}。没有改动现有数据，请换一份备份。",
        "“{path}” is not a whole backup: {what}. Nothing was changed; use another backup.",
    )
    exit_code = 3


class OtherDatabase(Problem):
    sentence = Text(
        "备份来自 {theirs}，而这里用的是 {ours}：请先把 KHOTAIL_DATABASE 设为同类数据库。",
        "The backup is of {theirs}, but this installation uses {ours}: set KHOTAIL_DATABASE to a database of that kind.",
    )
    exit_code = 2


class NewerBackup(Problem):
    sentence = Text(
        "备份由较新的版本（{theirs}）生成，这里是 {ours}：请先升级再恢复。",
        "The backup was made by a newer version ({theirs}) than this one ({ours}): upgrade first, then restore.",
    )
    exit_code = 2


class OtherKeys(Problem):
    sentence = Text(
        "备份中的证件号码等是用另一把 KHOTAIL_DATA_KEY 加密的：请先把这把密钥写进环境变量，再恢复。",
        "ID numbers in the backup are sealed with another KHOTAIL_DATA_KEY: put that key into the environment first, then "
        "restore.",
    )
    exit_code = 2


class NotEmpty(Problem):
    sentence = Text(
        "这里已有数据，没有恢复。确实要用备份代替现有数据，请加 --force（建议先另做一份备份）。",
        "There are data here already, so nothing was restored. To put the backup in their place, add --force (and make "
        "another backup first).",
    )
    exit_code = 2


class DumpFailed(Problem):
    sentence = Text(
        "{program} 失败：{what}。现有数据没有改动。", "{program} failed: {what}. The data are as they were."
    )
    exit_code = 5


class NoProgram(Problem):
    sentence = Text(
        "找不到 {program}：请安装 PostgreSQL 客户端（Debian：apt install postgresql-client），版本不低于服务器。",
        "{program} is not installed: install PostgreSQL's client (Debian: apt install postgresql-client), not older than "
        "the server.",
    )
    exit_code = 2
