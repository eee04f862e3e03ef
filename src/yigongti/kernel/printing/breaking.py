"""Breaking text into lines as Chinese typesetting does: between any two characters, but no closing mark
begins a line, no opening mark ends one, and a number or a Latin word stays whole unless it is longer than a
line."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator

NO_START = frozenset("，。、；：？！）】》〉」』”’％℃·…—～,.;:?!)]}%°")
NO_END = frozenset("（【《〈「『“‘￥([{$¥")

Width = Callable[[str], float]


def break_lines(text: str, width: float, measure: Width) -> list[str]:
    """The lines of *text*, none wider than *width* (both in the unit of *measure*, the width of one string).

    A line end in the text is kept; blanks at the end of a line are dropped; an empty text is one empty
    line. A single character wider than the line stands alone.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines += _paragraph(paragraph, width, measure)
    return lines


def _paragraph(text: str, width: float, measure: Width) -> list[str]:
    lines, line, used = [], "", 0.0
    for piece in _pieces(text, width, measure):
        size = measure(piece)
        if line and used + measure(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
            piece = piece.lstrip()
            size = measure(piece)
        line += piece
        used += size
    lines.append(line.rstrip())
    return lines


def _pieces(text: str, width: float, measure: Width) -> Iterator[str]:
    """What may not be broken: a character or word with the marks that cling to it; blanks cling to what
    precedes.
    """
    piece = ""
    for unit in _units(text, width, measure):
        clings = piece and (unit[0] in NO_START or unit == " " or piece[-1] in NO_END)
        if clings and measure(piece + unit.rstrip()) <= width:
            piece += unit
            continue
        if piece:
            yield piece
        piece = unit
    if piece:
        yield piece


def _units(text: str, width: float, measure: Width) -> Iterator[str]:
    """Chinese characters and blanks by themselves, Latin words and numbers (the commas of their thousands with
    them) whole, cut only where wider than a line.
    """
    word = ""
    for char, after in zip(text, text[1:] + " ", strict=False):
        if _is_word(char) or (char == "," and word[-1:].isdigit() and after.isdigit()):
            if word and measure(word + char) > width:
                yield word
                word = ""
            word += char
            continue
        if word:
            yield word
            word = ""
        yield " " if char == "\t" else char
    if word:
        yield word


def _is_word(char: str) -> bool:
    if char.isascii():
        return char.isalnum() or char in "._-/@:+#&='%"
    return unicodedata.category(char)[0] in "LM" and unicodedata.east_asian_width(char) not in "WF"
