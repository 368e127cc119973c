"""What can go wrong with screening and with changes to the rulebook."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class ParameterMissing(Problem):
    sentence = Text(
        "当前规则库在这一天、这个地区没有参数“{name}”；请管理员在规则库中补上。",
        "The rulebook in force has no value of the parameter “{name}” for this day and place; ask your administrator to add it.",
    )
    status = 409


class NothingStated(Problem):
    sentence = Text(
        "登记册里还没有农牧户，没有什么可筛查的。请先在“文件”里导入数据。",
        "The register holds no households yet, so there is nothing to screen. Import a file first.",
    )
    status = 409


class RunsAlready(Problem):
    sentence = Text(
        "{place} 的{kind_zh}正在运行（{who}，{since} 开始）。请等它结束，结果会列在“筛查”页上。",
        "The {kind_en} of {place} is running already (asked for by {who} at {since}). Wait for it to end; what it finds "
        "will be on the screening page.",
    )
    status = 409


class MayNotScreen(Problem):
    sentence = Text("您的角色不能运行筛查或核查。", "Your role may not run a screening or an audit.")
    status = 403


class OutsideYourRegion(Problem):
    sentence = Text("{code} 不在您的工作区域内。", "{code} is not within the region that you work for.")
    status = 404


class MayNotChangeRules(Problem):
    sentence = Text("您的角色不能修改规则库。", "Your role may not change the rulebook.")
    status = 403


class ChangeIsFlawed(Problem):
    sentence = Text("这项修改有 {count} 处错误：\n{zh}", "This change has {count} errors:\n{en}")


class BadFileName(Problem):
    sentence = Text(
        "文件名“{name}”不行：请写成 parameters、indicators、signals、audits、procedures 或 needs 下的 .yaml 文件，如 parameters/lines.yaml。",
        "“{name}” will not do as a file's name: write a .yaml file under parameters, indicators, signals, audits, "
        "procedures or needs, such as parameters/lines.yaml.",
    )


class EmptyChange(Problem):
    sentence = Text("这项修改与现行规则库没有任何不同。", "This change makes no difference to the rulebook in force.")


class ChangeIsOver(Problem):
    sentence = Text(
        "这项修改已经{state_zh}，不能再改。请另写一项。",
        "This change has been {state_en} already and can no longer be altered. Write another one.",
    )
    status = 409


class NotTried(Problem):
    sentence = Text(
        "采用之前要先试运行，看看会影响多少户。", "Try the change dry before adopting it, to see whom it would warn."
    )
    status = 409


class RulebookMovedOn(Problem):
    sentence = Text(
        "试运行之后规则库又有了别的修改。请重新试运行，再采用。",
        "The rulebook has changed since this was tried. Try it again, then adopt it.",
    )
    status = 409


class UnknownParameter(Problem):
    sentence = Text("规则库里没有参数“{name}”。", "The rulebook has no parameter “{name}”.")
    status = 404


class WrongKindOfValue(Problem):
    sentence = Text("“{value}”不是{zh}。", "“{value}” is not {en}.")
