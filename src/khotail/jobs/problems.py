"""What can go wrong with long work."""

from __future__ import annotations

from khotail.problems import Problem
from khotail.texts import Text


class NoSuchKind(Problem):
    sentence = Text("没有名为“{kind}”的后台任务。", "There is no background job called “{kind}”.")
    status = 404


class NotYourJob(Problem):
    sentence = Text(
        "只有发起人和本地区的业务管理人员可以取消或重做这项任务。",
        "Only whoever asked for this job, or those who run screenings in its region, may cancel it or start it again.",
    )
    status = 403


class AlreadyOver(Problem):
    sentence = Text("任务 {number} 已经结束，不能取消。", "Job {number} is over and cannot be cancelled.")
    status = 409


class NothingToRetry(Problem):
    sentence = Text(
        "任务 {number} 没有失败或取消，不需要重做。",
        "Job {number} neither failed nor was cancelled; there is nothing to start again.",
    )
    status = 409


class JobFailed(Problem):
    """A mistake of the program. Details are in the log, without the data that a message may quote."""

    sentence = Text(
        "任务 {number} 因程序错误中断，已完成的部分不受影响。请把任务号告诉管理员，日志中有详情。",
        "Job {number} was stopped by a mistake of the program; what it had finished stays. Tell your administrator the "
        "number of the job: the log has the details.",
    )
    status = 500


class WorkerDied(Problem):
    sentence = Text(
        "任务 {number} 在同一处连续 {attempts} 次使后台进程异常退出，不再自动重试。常见原因是内存或磁盘不足，请管理员检查后点“重做”。",
        "Job {number} ended its worker {attempts} times at the same place and is not tried again by itself. Memory or "
        "disk may have run out: have the administrator look, then start it again.",
    )
    status = 500
