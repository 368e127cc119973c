"""What can go wrong with forms and visits, as sentences."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotFound(Problem):
    sentence = Text("没有这条记录，或不在您的区域。", "There is no such record, or it lies outside your region.")
    status = 404


class FormTooLarge(Problem):
    sentence = Text("表单文件不能超过 {limit_mb} MB。", "A form may have at most {limit_mb} MB.")
    status = 413


class FormWrong(Problem):
    """What the converter said, with row and column where it names them."""

    sentence = Text("表单不能用：{detail}", "The form cannot be used: {detail}")


class NoHouseholdQuestion(Problem):
    sentence = Text(
        "表单里要有一道名为 household 的题（户编号），否则不知道是哪一户。",
        "The form needs a question named household (the household's number); else nobody knows whom it is about.",
    )


class FileNotThere(Problem):
    sentence = Text(
        "“{question}”题要用文件“{file}”，手机取不到它。名单请写进 choices 表；系统只能提供 households.csv（待走访的户）。题目里的图片、"
        "录音请去掉。",
        "The question “{question}” asks for the file “{file}”, which no phone would get. Write the list into the sheet choices; "
        "only households.csv (the visits still to make) can be given. Take pictures and recordings out of the questions.",
    )


class TakesWrong(Problem):
    sentence = Text(
        "第 {row} 题的 takes“{takes}”不对：应写 数据表.列，如 incomes.wage_cny。",
        "The takes “{takes}” of {row} is wrong: write table.column, such as incomes.wage_cny.",
    )


class SameVersion(Problem):
    sentence = Text(
        "“{form}”已有版本 {version}，内容不同。请在 settings 里改版本号再上传。",
        "“{form}” has a version {version} with other contents. Change the version in its settings and send it again.",
    )
    status = 409


class UnknownForm(Problem):
    sentence = Text("没有表单“{form}”的版本“{version}”。", "There is no form “{form}” of version “{version}”.")
    status = 404


class SubmissionTooLarge(Problem):
    sentence = Text("一份记录不能超过 {limit_mb} MB。", "A record may have at most {limit_mb} MB.")
    status = 413


class SubmissionWrong(Problem):
    sentence = Text("这份记录读不出来：{zh}。", "The record cannot be read: {en}.")


class TooManyFiles(Problem):
    sentence = Text("一份记录最多 {most} 个文件。", "A record may have at most {most} files.")


class NoHouseholds(Problem):
    sentence = Text("没有符合条件的农户，没有建立走访任务。", "No household fits, so no round of visits was opened.")


class DatesWrong(Problem):
    sentence = Text("截止日期不能早于开始日期。", "The round cannot end before it starts.")


class AlreadyDone(Problem):
    sentence = Text("这项走访已完成或已说明原因。", "This visit is done or excused already.")
    status = 409


class ReasonMissing(Problem):
    sentence = Text("请写明原因。", "Give the reason.")


class TitleMissing(Problem):
    sentence = Text("请写名称。", "Give it a name.")


class NothingToLookAt(Problem):
    sentence = Text("这份记录已处理。", "This record has been dealt with already.")
    status = 409
