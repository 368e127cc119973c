"""What can go wrong when a rulebook is run."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NothingCanRun(Problem):
    sentence = Text(
        "没有一条规则能在这些数据上运行，例如：{zh}。请检查导入了哪些表。",
        "No rule can run on these data, for example: {en}. Check which files were imported.",
    )


class UnknownFormat(Problem):
    sentence = Text(
        "不知道怎样写“{file}”。文件名应以 .parquet、.csv 或 .xlsx 结尾。",
        "“{file}” is not a format that can be written. Its name must end in .parquet, .csv or .xlsx.",
    )
    exit_code = 2


class UnknownHousehold(Problem):
    sentence = Text(
        "数据里没有户编号“{household}”。请核对编号，或检查 --facts 指向的文件夹。",
        "There is no household “{household}” in these facts. Check the number, or the folder that `--facts` names.",
    )


class NothingInRegion(Problem):
    sentence = Text(
        "“{folder}”里没有区划 {region}（{name}）的数据。请核对 --region，或先导入该地的表格。",
        "There are no facts about region {region} ({name}) in “{folder}”. Check `--region`, or import that place's lists first.",
    )


class NoPlace(Problem):
    sentence = Text(
        "不能写到“{path}”：{zh}。请换一个位置。", "“{path}” cannot be written to: {en}. Choose another place."
    )
    exit_code = 2


class NoSpark(Problem):
    sentence = Text(
        "用 Spark 计算需要 PySpark 和 Java 17：请执行 pip install 'khotail[spark]' 并安装 Java（如 openjdk-17-jre-headless）。",
        "Spark needs PySpark and Java 17: run pip install 'khotail[spark]' and install Java (such as "
        "openjdk-17-jre-headless).",
    )
    exit_code = 2
