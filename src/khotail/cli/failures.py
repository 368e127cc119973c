"""Sentences and exit codes for what goes wrong outside the core's own catalogues of problems.

The machine (disk, memory, permissions) exits with 5, files that turn out to be damaged with 3. Writers and the embedded
engine wrap such errors in their own, so the whole chain of causes is looked at.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from khotail.cli.language import say

BAD_INPUT = 3
MACHINE_FAILED = 5

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_NO_SPACE_WORDS = ("No space left", "File too large", "Disk quota exceeded")
_NOT_PERMITTED = (errno.EACCES, errno.EPERM, errno.EROFS)


def failure(error: Exception) -> tuple[str, int] | None:
    """The sentence and the exit code for an error, or None where it is a mistake of the program."""
    import duckdb

    for cause in _chain(error):
        if isinstance(cause, OSError):
            return _machine_sentence(cause), MACHINE_FAILED
        if isinstance(cause, duckdb.OutOfMemoryException):
            return _no_memory(), MACHINE_FAILED
        if isinstance(cause, duckdb.IOException):
            return _engine_file_sentence(cause), MACHINE_FAILED
        # Damage within a Parquet file comes as an error of the query or of no kind at all.
        if type(cause) is duckdb.Error or (isinstance(cause, duckdb.Error) and "Failed to read file" in str(cause)):
            return _damaged(), BAD_INPUT
    return None


def unforeseen(error: Exception) -> str:
    """For a mistake of the program: what to hand on, without the data that its message may quote."""
    kind = type(error).__name__
    return say(
        f"程序自身出错（{kind}），不是您的操作问题，没有写出不完整的文件。请把所用命令告诉维护者；"
        "设环境变量 KHOTAIL_DEBUG=1 再运行一次可看到详情。",
        f"This is a mistake of the program ({kind}), not of yours; no unfinished file was written. Tell the maintainers "
        "which command you ran; run it again with KHOTAIL_DEBUG=1 to see the details.",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    next_one: BaseException | None = error
    while next_one is not None and id(next_one) not in seen:
        seen.add(id(next_one))
        yield next_one
        next_one = next_one.__cause__ or next_one.__context__


def _machine_sentence(error: OSError) -> str:
    where = error.filename or ""
    if error.errno in _NO_SPACE:
        return _no_space(where)
    if error.errno in _NOT_PERMITTED:
        return say(
            f"没有权限读写“{where}”。请换一个位置，或检查权限。",
            f"“{where}” may not be read or written. Choose another place, or check its permissions.",
        )
    reason = {
        errno.ENOENT: say("没有这个位置", "there is no such place"),
        errno.EEXIST: say("那里有一个同名文件，不是文件夹", "a file of that name is in the way; it is not a folder"),
        errno.ENOTDIR: say("路径中有一段不是文件夹", "a part of the path is not a folder"),
        errno.EISDIR: say("那里是一个文件夹", "there is a folder of that name"),
        errno.ENAMETOOLONG: say("名称太长", "the name is too long"),
    }.get(error.errno or 0, error.strerror or type(error).__name__)
    return say(
        f"读写“{where}”失败：{reason}。请换一个位置。",
        f"Reading or writing “{where}” failed: {reason}. Choose another place.",
    )


def _no_space(where: str) -> str:
    return say(
        f"磁盘空间不足，未写出{where or '结果'}。请清理磁盘后重试；已有文件没有改动。",
        f"The disk is full, so {where or 'the output'} was not written. Free some space and try again; existing files "
        "are as they were.",
    )


def _no_memory() -> str:
    return say(
        "内存或临时磁盘空间不足。请用 --memory 提高内存上限、留出临时磁盘空间，或按 --region 分批运行。",
        "Memory or temporary disk space ran out. Allow more with `--memory`, leave temporary disk space, or run by "
        "`--region`.",
    )


def _engine_file_sentence(error: Exception) -> str:
    detail = str(error).splitlines()[0]
    if any(words in detail for words in _NO_SPACE_WORDS):
        return _no_space("")
    return say(f"读写文件失败：{detail[:300]}", f"A file could not be read or written: {detail[:300]}")


def _damaged() -> str:
    return say(
        "数据文件夹里的文件读不出来，可能已损坏。请换一个空文件夹重新导入，再用 --facts 指向它。",
        "The files in the folder of facts cannot be read; one may be damaged. Import again into an empty folder and name "
        "it with `--facts`.",
    )
