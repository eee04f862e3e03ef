"""What the operating system refuses, in words."""

from __future__ import annotations

import errno
import re

_NUMBERED = re.compile(r"\[errno (\d+)\]", re.IGNORECASE)
WORDS = {
    errno.ENOENT: "没有这个文件或目录",
    errno.EISDIR: "这是一个目录",
    errno.ENOTDIR: "上一级不是目录",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘只读",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "超出磁盘配额",
    errno.EFBIG: "文件超出允许的大小",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "磁盘读写出错",
    errno.EEXIST: "已经存在",
    errno.EMFILE: "打开的文件太多",
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""No room for what is written."""


def number_of(error: BaseException) -> int | None:
    """The number of an error, also where a library tells it only in its text."""
    if isinstance(error, OSError) and error.errno:
        return error.errno
    found = _NUMBERED.search(str(error))
    return int(found[1]) if found else None


def told(error: BaseException) -> str:
    """Why, in Chinese; of what has no words here, its number."""
    number = number_of(error)
    return WORDS.get(number or 0) or (f"系统错误 {number}" if number else "读写出错")
