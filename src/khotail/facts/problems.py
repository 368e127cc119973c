"""What can go wrong with facts and their files."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NoFacts(Problem):
    sentence = Text(
        "文件夹“{folder}”里没有数据。请先运行 khotail import 导入表格，或用 khotail demo 生成示例数据。",
        "There are no facts in the folder “{folder}”. Import workbooks with `khotail import` first, or make sample data "
        "with `khotail demo`.",
    )


class DamagedFacts(Problem):
    sentence = Text(
        "数据文件夹“{folder}”里的 Parquet 文件已损坏或缺少主键列。请删除该文件后重新导入。",
        "A Parquet file in “{folder}” is damaged or lacks its key columns. Remove it and import its list again.",
    )


class BadMemoryLimit(Problem):
    sentence = Text("内存上限“{limit}”应写成 3GB 或 800MB。", "Write the memory limit “{limit}” as 3GB or 800MB.")
    exit_code = 2


class NotAFactTable(Problem):
    sentence = Text("没有名为“{table}”的数据表。", "There is no fact table named “{table}”.")


class NotAFactColumn(Problem):
    sentence = Text("数据表“{table}”没有“{column}”这一列。", "The fact table “{table}” has no column “{column}”.")


class MissingFile(Problem):
    sentence = Text(
        "找不到文件“{file}”。请检查路径和文件名。", "There is no file “{file}”. Check the path and the name."
    )
    exit_code = 2


class UnknownFile(Problem):
    sentence = Text(
        "不认识文件“{file}”：{detail}。请用 khotail inspect 查看，或用 --sources 提供自己的对照表。",
        "The file “{file}” is not known: {detail_en}. Look at it with `khotail inspect`, or declare its columns in a mapping "
        "of your own and pass its folder with `--sources`.",
    )


class NotAList(UnknownFile):
    sentence = Text(
        "文件“{file}”是{kind}，不是表格。{advice}", "The file “{file}” is {kind_en}, not a list. {advice_en}"
    )


class WrongSheet(Problem):
    sentence = Text(
        "文件“{file}”的工作表“{sheet}”像是“{source}”，但缺少必需的列：{missing}。请重新导出完整的表；若是另一种名单，请用 --sources 提供对照表。",
        "Sheet “{sheet}” of “{file}” looks like “{source_en}” but lacks columns that it must have: {missing}. Export the "
        "whole list again, or, if it is another list, declare its columns in a mapping and pass its folder with `--sources`.",
    )


class EmptyFile(Problem):
    sentence = Text(
        "文件“{file}”没有数据行。请确认导出是否完成。",
        "The file “{file}” has no rows of data. Check that the export finished.",
    )


class PasswordProtected(Problem):
    sentence = Text(
        "文件“{file}”有打开密码。请在 Excel 中去掉密码，另存后再导入。",
        "The file “{file}” is protected by a password. Open it in Excel, remove the password, save it, and try again.",
    )


class CorruptFile(Problem):
    sentence = Text(
        "文件“{file}”已损坏或不完整，无法打开。请重新导出或重新拷贝。",
        "The file “{file}” is damaged or cut off and cannot be opened. Export or copy it again.",
    )


class TooLarge(Problem):
    sentence = Text(
        "文件“{file}”解压后有 {size_mb} MB，超出上限 {limit_mb} MB 或压缩比异常，已拒绝打开。请分旗县或分年度导出，或改用 CSV。",
        "The file “{file}” unpacks to {size_mb} MB, which is beyond the limit of {limit_mb} MB or packed suspiciously "
        "tight; it was not opened. Export it in parts, or as CSV.",
    )


class FileTooLarge(TooLarge):
    sentence = Text(
        "文件“{file}”读入需要 {size_mb} MB，超出上限 {limit_mb} MB，没有打开。请分旗县或分年度导出；内存充足时可用 --max-file-mb 提高上限。",
        "The file “{file}” takes {size_mb} MB to read, beyond the limit of {limit_mb} MB; it was not opened. Export it in "
        "parts, or, with memory to spare, raise the limit with `--max-file-mb`.",
    )


class UnknownRegion(Problem):
    sentence = Text(
        "没有区划“{region}”。最接近的是“{nearest}”。", "There is no region “{region}”. The nearest is “{nearest}”."
    )
    exit_code = 2


class NoSpace(Problem):
    sentence = Text(
        "磁盘空间不足，无法写入“{folder}”。没有留下半截文件；请清理磁盘后重试。",
        "No space left to write to “{folder}”. Nothing half-written was left; free some space and try again.",
    )
    exit_code = 5


class CannotWrite(Problem):
    sentence = Text(
        "无法写入“{folder}”：{detail}。请检查文件夹权限。",
        "Cannot write to “{folder}”: {detail}. Check the folder's permissions.",
    )
    exit_code = 5


class FolderInUse(Problem):
    sentence = Text(
        "另一个导入（{who}）正在写入“{folder}”，等了 {seconds} 秒仍未结束。请等它完成后再运行。",
        "Another import ({who}) is writing to “{folder}” and did not end within {seconds} seconds. Run this one again when "
        "it is done.",
    )
    exit_code = 5


class BadSource(Problem):
    sentence = Text(
        "对照表“{file}”第 {line} 行有错：{detail}。", "The mapping “{file}” is wrong at line {line}: {detail_en}."
    )
    exit_code = 4


class NoRegister(Problem):
    sentence = Text(
        "“{file}”是部门名单，只有证件号码，需要与登记库比对。请先导入或同时导入全国系统导出的“监测对象信息”。",
        "“{file}” is a department's list that carries ID numbers only and has to be matched with the register. Import the "
        "national export 监测对象信息 first, or together with it.",
    )
