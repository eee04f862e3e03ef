"""The command line's own words in Chinese: what argparse says by itself, and the kinds of value an option takes."""

from __future__ import annotations

import argparse
from datetime import date

WORDS = {
    "usage: ": "用法：",
    "positional arguments": "参数",
    "options": "选项",
    "subcommands": "动作",
    "%(heading)s:": "%(heading)s：",
    " (default: %(default)s)": "（默认 %(default)s）",
    "show this help message and exit": "显示这份说明",
    "show program's version number and exit": "显示版本",
    "%(prog)s: error: %(message)s\n": "✗ %(prog)s：%(message)s\n",
    "%(prog)s: warning: %(message)s\n": "%(prog)s：注意，%(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s：%(message)s",
    "the following arguments are required: %s": "还缺 %s（加 --help 看怎么写）",
    "one of the arguments %s is required": "%s 必须给出一个",
    "unrecognized arguments: %s": "不认识 %s（加 --help 看有哪些）",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s 不明确，可能是 %(matches)s；请写全",
    "unexpected option string: %s": "不认识 %s（加 --help 看有哪些）",
    "invalid choice: %(value)r (choose from %(choices)s)": "没有“%(value)s”，可选 %(choices)s",
    "unknown parser %(parser_name)r (choices: %(choices)s)": "没有“%(parser_name)s”，可选 %(choices)s",
    "invalid %(type)s value: %(value)r": "“%(value)s”写得不对",
    "can't open '%(filename)s': %(error)s": "打不开 %(filename)s：%(error)s",
    "expected one argument": "后面要写一个值",
    "expected at most one argument": "后面最多写一个值",
    "expected at least one argument": "后面至少写一个值",
    "expected %s argument": "后面要写 %s 个值",
    "expected %s arguments": "后面要写 %s 个值",
    "ignored explicit argument %r": "后面不带值，写了 %r",
    "not allowed with argument %s": "不能与 %s 同用",
    "argument '%(argument_name)s' is deprecated": "%(argument_name)s 已不用",
    "option '%(option)s' is deprecated": "%(option)s 已不用",
    "command '%(parser_name)s' is deprecated": "%(parser_name)s 已不用",
}
"""What argparse of Python 3.11 to 3.13 tells a user, as it asks gettext for it, and our words."""


def speak_chinese() -> None:
    """Put our words where argparse looks for a translation: no message catalogue, whatever the locale of the machine."""

    def one(text: str) -> str:
        return WORDS.get(text, text)

    def counted(single: str, several: str, count: int) -> str:
        return one(single if count == 1 else several)

    vars(argparse).update(_=one, ngettext=counted)


def whole(text: str) -> int:
    """A whole number. Raises ArgumentTypeError."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是整数") from None


def number(text: str) -> float:
    """A number, as 0.1 or 24. Raises ArgumentTypeError."""
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是数字，应写成 0.1 或 24 的样子") from None


def day(text: str) -> date:
    """A day. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应写成 2026-07-01 的样子") from None
