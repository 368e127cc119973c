"""What can go wrong with the register."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class OutsideYourRegion(Problem):
    sentence = Text(
        "“{place}”不在您管理的范围内；跨地区的变动请由管理两地的上级办理。",
        "“{place}” is not within your region; a change across regions is made by somebody above both.",
    )
    status = 403


class NoSuchVillage(Problem):
    sentence = Text(
        "没有代码为 {code} 的嘎查村；请从列表中选择。",
        "There is no village with code {code}; choose one from the list.",
    )


class NumberTaken(Problem):
    sentence = Text(
        "户编号 {number} 已经登记；请核对，或在原户上办理。",
        "Household number {number} is in the register already; check it, or work on that household.",
    )
    status = 409


class BadNumber(Problem):
    sentence = Text(
        "户编号只能由字母、数字和连字符组成，最长 40 位；收到的不是。",
        "A household number consists of letters, digits and hyphens, 40 at most; this one does not.",
    )


class BadIdNumber(Problem):
    sentence = Text(
        "证件号码不符合 GB 11643 的规定（位数、出生日期或校验码不对）：请对照证件原件逐位核对；确无证件请留空。",
        "The ID number does not follow GB 11643 (its length, birth date or check character is wrong): compare it with the "
        "card digit by digit; leave it empty if there is none.",
    )


class IdTaken(Problem):
    sentence = Text(
        "该证件号码已登记在户 {number} 名下；婚嫁、迁移请先在原户办理减员，再在本户增员。",
        "This ID number is already with household {number}; for a marriage or move, record the leaving there first, then "
        "the joining here.",
    )
    status = 409


class IdTakenElsewhere(Problem):
    sentence = Text(
        "该证件号码已登记在其他地区的一户名下；请联系上级核对，由原地区先办理减员。",
        "This ID number is already with a household of another region; ask the level above: that region records the "
        "leaving first.",
    )
    status = 409


class BadDay(Problem):
    sentence = Text(
        "日期 {day} 不合理：应在 1900 年 1 月 1 日至今天（{today}）之间。",
        "The date {day} cannot be: it must lie between 1 January 1900 and today ({today}).",
    )


class BirthAfter(Problem):
    sentence = Text("出生日期晚于事件日期 {day}，请核对。", "The date of birth lies after {day}; check both dates.")


class NameNeeded(Problem):
    sentence = Text("请填写姓名。", "Please give the name.")


class HasEnded(Problem):
    sentence = Text(
        "户 {number} 已于 {day} 销户，不能再办理变动。",
        "Household {number} ended on {day}; nothing more can be recorded of it.",
    )
    status = 409


class HasLeft(Problem):
    sentence = Text("该成员已于 {day} 离开本户，不能重复办理。", "This member left the household on {day} already.")
    status = 409


class NotOfThisHousehold(Problem):
    sentence = Text(
        "所选成员不都属于户 {number}，请刷新页面后重选。",
        "Not all chosen members belong to household {number}; reload the page and choose again.",
    )
    status = 409


class NobodyChosen(Problem):
    sentence = Text("请至少选择一名成员。", "Choose at least one member.")


class EverybodyChosen(Problem):
    sentence = Text(
        "不能把全部成员分出去；整户迁移请用“迁移”。",
        "A split cannot take every member along; use “move” if the whole household goes.",
    )


class SameHousehold(Problem):
    sentence = Text("不能把一户并入它自己。", "A household cannot be merged into itself.")


class SamePlace(Problem):
    sentence = Text("该户已经在“{place}”。", "The household lives in “{place}” already.")
    status = 409


class NotCorrectable(Problem):
    sentence = Text("“{column}”不能在这里更正。", "“{column}” cannot be corrected here.")


class BadValue(Problem):
    sentence = Text(
        "“{column}”的值不对：需要{kind_zh}。", "The value for “{column}” does not fit: it needs to be {kind_en}."
    )


class NothingToCorrect(Problem):
    sentence = Text(
        "没有需要更正的内容：填写的与现有的相同，或没有填写。",
        "There is nothing to correct: what you gave is what is on record, or empty.",
    )


class FileTooLarge(Problem):
    sentence = Text(
        "文件有 {size_mb} MB，超过 {limit_mb} MB 的上限；请压缩或分开上传。",
        "The file has {size_mb} MB, more than the limit of {limit_mb} MB; make it smaller or split it.",
    )
    status = 413


class EmptyFile(Problem):
    sentence = Text("文件是空的，请重新选择。", "The file is empty; choose it again.")


class WrongFileType(Problem):
    sentence = Text(
        "只收照片（JPEG、PNG、WebP、HEIC）和 PDF；这个文件的内容不是其中任何一种。",
        "Only photos (JPEG, PNG, WebP, HEIC) and PDF are taken; the content of this file is none of them.",
    )
    status = 415


class ExportRemoved(Problem):
    sentence = Text(
        "第 {number} 号导出文件已删除：导出文件只保留 {days} 天。请重新导出。",
        "Export {number} is removed: exports are kept for {days} days. Ask for another.",
    )
    status = 410


class FileDamaged(Problem):
    sentence = Text(
        "编号 {number} 的文件在磁盘上缺失或已被改动，无法打开；请通知系统管理员从备份恢复。",
        "File {number} is missing from the disk or was altered and cannot be opened; ask the system administrator to "
        "restore it from a backup.",
    )
    status = 500
