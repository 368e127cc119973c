"""What can go wrong with people, their rights and their keys."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NotAllowed(Problem):
    sentence = Text(
        "您的角色不能做这件事；如确有需要，请联系本地区的系统管理员。",
        "Your role may not do this; if you need to, ask the administrator of your region.",
    )
    status = 403


class NotYourPerson(Problem):
    sentence = Text(
        "您不能修改{name}的账号：只能管理本地区以内的人员，同级管理员由上级或其创建者管理。",
        "You may not change the account of {name}: you manage people within your region; "
        "another administrator of the same region is managed from above or by whoever created them.",
    )
    status = 403


class YourOwnAccount(Problem):
    sentence = Text(
        "不能在这里修改自己的账号；请在“我的账号”中修改，或请上级管理员办理。",
        "You cannot change your own account here; use “My account”, or ask an administrator above you.",
    )
    status = 403


class OutsideYourRegion(Problem):
    sentence = Text(
        "地区代码 {region} 不在您管理的范围内（{own}）。",
        "Region {region} is not within the one that you manage ({own}).",
    )
    status = 403


class UnknownPlace(Problem):
    sentence = Text(
        "没有代码为 {region} 的地区；请填 2、4、6、9 或 12 位代码。",
        "There is no region {region}; give a code of 2, 4, 6, 9 or 12 digits.",
    )


class WrongLevel(Problem):
    sentence = Text(
        "“{role_zh}”不能设在 {region} 这一级；允许的级别：{levels_zh}。",
        "A person in the role “{role_en}” cannot belong to {region}; levels allowed: {levels_en}.",
    )


class UnknownRole(Problem):
    sentence = Text("没有“{role}”这个角色。", "There is no role “{role}”.")


class NoDepartment(Problem):
    sentence = Text("部门工作人员必须填写部门。", "A department officer needs a department.")


class BadValue(Problem):
    sentence = Text("“{field}”的内容不对：{why}", "“{field}” is not right: {why}")


class NameTaken(Problem):
    sentence = Text(
        "登录名“{username}”已有人使用，请换一个。", "The sign-in name “{username}” is taken; choose another one."
    )
    status = 409


class AlreadyWithdrawn(Problem):
    sentence = Text("{name}的账号已经停用。", "The account of {name} has been withdrawn already.")
    status = 409


class NotWithdrawn(Problem):
    sentence = Text("{name}的账号没有停用，无需恢复。", "The account of {name} is not withdrawn; nothing to restore.")
    status = 409


class NoTotp(Problem):
    sentence = Text("{name}没有设置动态口令。", "{name} has no authenticator app set up.")
    status = 409


class TooManyTokens(Problem):
    sentence = Text(
        "最多同时使用 {most} 个访问令牌；请先撤销不用的。", "You may have {most} tokens at a time; withdraw one first."
    )
    status = 409


class TokenGone(Problem):
    sentence = Text("这个访问令牌已经撤销。", "This token has been withdrawn already.")
    status = 409


class SessionGone(Problem):
    sentence = Text("这次登录已经结束。", "This session has ended already.")
    status = 409


class ExpiresInThePast(Problem):
    sentence = Text("有效期必须晚于现在。", "The day of expiry must lie ahead.")


class NoPeopleInFile(Problem):
    sentence = Text(
        "文件《{file}》中没有找到人员名单：前 20 行里应有包含“姓名”“角色”的表头。",
        "No list of people in {file}: one of the first 20 rows must be a header with “name” and “role”.",
    )


class TooManyPeople(Problem):
    sentence = Text(
        "文件《{file}》有 {rows} 行，一次最多导入 {most} 人；请分成几个文件。",
        "{file} has {rows} rows; at most {most} people are taken at a time: split it into several files.",
    )


class NothingToImport(Problem):
    sentence = Text(
        "没有等待导入的名单（可能已经导入，或等待时间过长）；请重新上传文件。",
        "No list is waiting to be imported (it was taken already, or waited too long); send the file again.",
    )
    status = 409
