"""What can go wrong with files that come in."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class UploadTooLarge(Problem):
    sentence = Text(
        "文件“{file}”超过 {limit_mb} MB 的上传上限。请分乡镇或分年度导出，或删去不需要的工作表后再上传。",
        "The file “{file}” is larger than the {limit_mb} MB that may be uploaded. Export it in parts, or remove the sheets "
        "that are not needed.",
    )
    status = 413


class WrongFileType(Problem):
    sentence = Text(
        "“{file}”不是可以读入的表格：请上传 Excel 工作簿（.xlsx、.xlsm、.xls）、文本表格（.csv、.tsv、.txt）或 Parquet（.parquet）文件。",
        "“{file}” is not a list that can be read: upload an Excel workbook (.xlsx, .xlsm, .xls), a text table (.csv, .tsv, .txt) "
        "or a Parquet file (.parquet).",
    )
    status = 415


class UnknownList(Problem):
    sentence = Text(
        "看不出文件“{file}”是哪一种名单。请在预览页选择名单种类，并指定各列的含义。",
        "It is not clear which list the file “{file}” is. Choose the list on the preview page and say what each column means.",
    )


class ColumnsMissing(Problem):
    sentence = Text(
        "作为“{source}”，文件“{file}”缺少必需的列：{columns}。请在预览页指定是哪一列，或选择另一种名单。",
        "As “{source_en}”, the file “{file}” lacks columns that it must have: {columns}. Say on the preview page which "
        "columns they are, or choose another list.",
    )


class LooksLikeAnother(Problem):
    sentence = Text(
        "文件“{file}”报送为“{source}”，但看起来是“{seems}”。请改按“{seems}”（{seems_id}）导入；确为“{source}”的，请写明理由。",
        "The file “{file}” was sent as “{source_en}”, but looks like “{seems_en}”. Take it as “{seems_en}” ({seems_id}) "
        "instead; if it is “{source_en}” after all, say why.",
    )
    status = 409


class IsAnother(Problem):
    sentence = Text(
        "文件“{file}”报送为“{source}”，但看起来是“{seems}”，且缺少“{source}”必需的列。请改按“{seems}”（{seems_id}）导入，"
        "或指定各列的含义。",
        "The file “{file}” was sent as “{source_en}”, but looks like “{seems_en}” and lacks columns that “{source_en}” must "
        "have. Take it as “{seems_en}” ({seems_id}) instead, or say which columns are which.",
    )
    status = 409


class NoSuchSource(Problem):
    sentence = Text(
        "没有您可以报送的名单“{source}”。请从列表中选择。",
        "There is no list “{source}” that you may send. Choose one from the list.",
    )


class NoSuchColumn(Problem):
    sentence = Text(
        "名单“{source}”没有“{column}”这一列。请从列表中选择。",
        "The list “{source_en}” has no column “{column}”. Choose one from the list.",
    )


class NoSuchHeader(Problem):
    sentence = Text(
        "文件里没有表头“{header}”。请刷新预览页后再改。",
        "The file has no header “{header}”. Load the preview page again.",
    )


class BadDay(Problem):
    sentence = Text(
        "数据日期 {day} 不对：应在 1900 年 1 月 1 日至 {today} 之间。",
        "{day} cannot be the day that the file holds for: it must lie between 1900-01-01 and {today}.",
    )


class AlreadySent(Problem):
    sentence = Text(
        "同一个文件已经按这个名单和日期报送过，见第 {number} 号批次。",
        "The same file was sent as this list of this day before: see batch {number}.",
    )
    status = 409


class NotWaiting(Problem):
    sentence = Text(
        "第 {number} 号批次现在是“{state_zh}”，不能再{deed_zh}。",
        "Batch {number} is {state_en} and can no longer be {deed_en}.",
    )
    status = 409


class FileGone(Problem):
    sentence = Text(
        "第 {number} 号批次的文件在存储中找不到或已被改动。请重新上传，并告知系统管理员。",
        "The file of batch {number} is gone from storage or was altered. Upload it again, and tell the administrator.",
    )
    exit_code = 5
    status = 410


class AlreadyDecided(Problem):
    sentence = Text(
        "{who}已于 {at} 作出判定：{what_zh}。如有不同意见，请与其联系。",
        "{who} decided this on {at}: {what_en}. If you disagree, talk to them.",
    )
    status = 409


class NotDecided(Problem):
    sentence = Text("这一条还没有判定，无需撤回。", "This row has not been decided; there is nothing to take back.")
    status = 409


class TooLateToUndo(Problem):
    sentence = Text(
        "{day} 作出的判定只能在当天撤回。请在该户的页面更正。",
        "What was decided on {day} could be taken back on that day only. Correct it on the household's page.",
    )
    status = 409


class NotYours(Problem):
    sentence = Text(
        "您只能处理本地区的文件和人员。",
        "You may only work on files and people of your own region.",
    )
    status = 403
