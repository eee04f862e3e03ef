"""Output files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from yigongti.kernel import system


@contextmanager
def whole(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Draft paths beside *targets*; put in their places when the block ends well, removed when it does not. Where one can't be put in its
    place, those that were new before it go too.
    """
    drafts = tuple(target.with_name(f".{target.name}.{os.getpid()}.part") for target in targets)
    new: list[Path] = []
    try:
        yield drafts
        for draft, target in zip(drafts, targets, strict=True):
            fresh = not target.exists()
            os.replace(draft, target)
            new += [target] if fresh else []
        new.clear()
    finally:
        for left in (*drafts, *new):
            left.unlink(missing_ok=True)


@contextmanager
def gathered(out: Path) -> Iterator[Path]:
    """A draft folder beside *out*; its files are put into *out* when the block ends well, removed when it does not."""
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    draft.mkdir()
    try:
        yield draft
        out.mkdir(exist_ok=True)
        for file in sorted(draft.iterdir()):
            os.replace(file, out / file.name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def unfit(targets: Sequence[Path], inputs: Sequence[Path]) -> str:
    """Why *targets* can't be written, before anything is read: no directory, a directory of that name, twice the same, or one of the
    *inputs*; "" where nothing is in the way.
    """
    for at, target in enumerate(targets):
        if not target.parent.is_dir():
            return f"没有目录 {target.parent}，无法写入 {target.name}。请先建立目录。"
        if target.is_dir():
            return f"{target} 是一个目录，不能写成文件。请换一个文件名。"
        if target.resolve() in {one.resolve() for one in targets[:at]}:
            return f"两个输出文件同名：{target}。请分别取名。"
        if any(one.exists() and target.exists() and target.samefile(one) for one in inputs):
            return f"输出文件不能是输入文件 {target}。请换一个文件名。"
    return ""


def refused(error: BaseException, target: Path) -> str:
    """What to say of a file that could not be written."""
    if system.number_of(error) in system.FULL:
        return f"磁盘空间不足，无法写入 {target}；没有留下不完整的文件。请清理后重试。"
    return f"无法写入 {target}（{system.told(error)}）。请检查目录和权限。"
