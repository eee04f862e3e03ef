"""Text from people: cleaned on the way in, masked on the way out, harmless in a spreadsheet."""

from __future__ import annotations

import re
import unicodedata

ELLIPSIS = "…"


class TextError(ValueError):
    """Text that cannot be stored; the message is for the user and ends with the remedy."""


_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_TRANSLATED: dict[int, str | None] = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_GB_PRIVATE = {
    0xE816: "\U00020087", 0xE817: "\U00020089", 0xE818: "\U000200cc", 0xE81E: "\u9fb4", 0xE826: "\u9fb5",
    0xE82B: "\u9fb6", 0xE82C: "\u9fb7", 0xE831: "\U000215d7", 0xE832: "\u9fb8", 0xE83B: "\U0002298f",
    0xE843: "\u9fb9", 0xE854: "\u9fba", 0xE855: "\U000241fe", 0xE864: "\u9fbb",
}  # fmt: skip
"""GB 18030-2000 decoders still put these into the private use area; the 2022 edition gives them code
points.
"""
_TRANSLATED.update(_GB_PRIVATE)
_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str, *, max_length: int, lines: bool = False, label: str = "") -> str:
    """Ordinary text as a person typed it, fit to be stored.

    Canonical composition (NFC), invisible characters dropped, characters that GB 18030 once kept in the
    private area put in their own place, other white space made a plain blank, trimmed. With *lines* line
    ends are kept as ``\\n``, otherwise they become blanks. Full-width letters are kept: in names and prose
    they may be meant (see :func:`code` for numbers and codes).

    Raises TextError, naming *label*, for NUL, control and direction-override characters, unpaired
    surrogates, and more than *max_length* characters after cleaning.
    """
    name = label or "内容"
    if len(text) > 4 * max_length + 1000:
        raise TextError(f"{name}过长：最多 {max_length} 个字，现有 {len(text)} 个，请删减")
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text)).translate(_TRANSLATED)
    _refuse_controls(text, name)
    if lines:
        text = "\n".join(_blanks(line).rstrip() for line in text.split("\n")).strip()
    else:
        text = " ".join(text.split())
    if len(text) > max_length:
        raise TextError(f"{name}过长：最多 {max_length} 个字，现有 {len(text)} 个，请删减")
    return text


def code(text: str, *, max_length: int = 64, label: str = "") -> str:
    """A number or code: as :func:`clean`, full-width digits and letters made half-width, blanks removed,
    upper case.
    """
    return halfwidth(clean(text, max_length=max_length, label=label)).replace(" ", "").upper()


def halfwidth(text: str) -> str:
    """Full-width ASCII (``１２３Ａ－``, U+FF01–FF5E) and the ideographic blank as their half-width selves."""
    return "".join(
        chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else " " if sign == "\u3000" else sign for sign in text
    )


def _blanks(line: str) -> str:
    return "".join(" " if sign.isspace() else sign for sign in line)


def _refuse_controls(text: str, name: str) -> None:
    if "\x00" in text:
        raise TextError(f"{name}含有空字符（NUL），无法保存，请重新输入或另存文件后再导入")
    for place, sign in enumerate(text, 1):
        kind = unicodedata.category(sign)
        if kind == "Cs":
            raise TextError(f"{name}第 {place} 个字符不完整（U+{ord(sign):04X}），请重新输入")
        if kind == "Cc" and sign not in "\n\t":
            raise TextError(f"{name}第 {place} 个字符是控制字符（U+{ord(sign):04X}），请删除后重试")
    if found := _DIRECTION.search(text):
        raise TextError(f"{name}第 {found.start() + 1} 个字符会改变文字方向（U+{ord(found[0]):04X}），请删除后重试")


def shorten(text: str, length: int) -> str:
    """*text* in at most *length* characters, an ellipsis in place of what is cut."""
    return text if len(text) <= length else text[: max(length - 1, 0)] + ELLIPSIS


# --- spreadsheets -----------------------------------------------------------------------------

_HARMLESS = re.compile(r"[+-]?\d+(\.\d+)?%?|-")


def cell(value: str) -> str:
    """Text for a csv or xlsx cell that no spreadsheet program takes for a formula.

    What begins (after blanks) with ``= + - @``, their full-width forms, a tab or a line end gets an
    apostrophe in front; plain signed numbers such as ``-12.5`` stay as they are. :func:`uncell` undoes it.
    """
    return f"'{value}" if _formula(value.lstrip("'")) else value


def uncell(value: str) -> str:
    """The text that :func:`cell` was given, so that an exported table can be imported again."""
    return value[1:] if value.startswith("'") and _formula(value.lstrip("'")) else value


def _formula(value: str) -> bool:
    bare = value.lstrip(" \u3000\xa0")
    return bool(bare) and bare[0] in "=+-@＝＋－＠\t\r\n" and not _HARMLESS.fullmatch(bare)


# --- masks ------------------------------------------------------------------------------------

MASK = "*"


def mask_name(name: str) -> str:
    """A person's name with only the first character left: ``欧阳明`` → ``欧**``, ``李`` → ``*``."""
    return name[:1] + MASK * (len(name) - 1) if len(name) > 1 else MASK * len(name)


def mask_id(number: str) -> str:
    """An identity number with only its division's province and its last four signs left:
    ``35************1234``.

    Eight signs or fewer show the last two, four or fewer nothing.
    """
    return _mask(number, 2, 4) if len(number) > 8 else _mask(number, 0, 2 if len(number) > 4 else 0)


def mask_phone(number: str) -> str:
    """A phone number with its first three and last four digits left: ``138****1234``; short ones the last
    two.
    """
    return _mask(number, 3, 4) if len(number) > 8 else _mask(number, 0, 2 if len(number) > 4 else 0)


def _mask(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    return text[:head] + MASK * hidden + text[len(text) - tail :]
