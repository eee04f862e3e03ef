"""What a printed form says: frozen descriptions, without any page code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Align: TypeAlias = Literal["left", "center", "right"]


class FontError(RuntimeError):
    """There is no usable font; the message is for the administrator and ends with the remedy."""


class PrintError(ValueError):
    """A form that cannot be printed as described; the message is for the user and ends with the remedy."""


@dataclass(frozen=True)
class Fields:
    """A grid of labels and values: *pairs* of (label, value), *columns* pairs a line (1–4).

    A value too long for its place takes a whole line. An empty value shows as a dash, so that nobody can fill
    in later what was not known.
    """

    pairs: Sequence[tuple[str, str | int | None]]
    title: str = ""
    columns: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A titled text of any length; line ends are kept; it runs over pages."""

    title: str
    text: str


@dataclass(frozen=True)
class Column:
    """A table's column: its heading, its width relative to the others, how its cells are aligned."""

    title: str
    width: float = 1.0
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """A table whose heading is repeated on every page. *columns* may be plain headings.

    Every row has a value for each column. Without rows one line says *empty*.
    """

    columns: Sequence[str | Column]
    rows: Sequence[Sequence[str | int | None]]
    title: str = ""
    empty: str = "无"


@dataclass(frozen=True)
class Signatures:
    """Lines to be signed by hand, one for each label, each with a date unless *dated* is false; never torn
    apart.
    """

    labels: Sequence[str]
    dated: bool = True


@dataclass(frozen=True)
class Note:
    """Small print: explanations, legal notices."""

    text: str


Block: TypeAlias = Fields | Paragraph | Table | Signatures | Note


@dataclass(frozen=True)
class Printout:
    """A form or list to be printed.

    *title*, *number* (the form's own), *institution*: the head. *verify_url*: a QR code at the top right by
    which the holder of the paper checks it. *paper*: a key of PAPERS. *subtitle*: a line under the title.
    *mark*: large pale letters across the page, for simulated data or a copy that is not valid.
    *printed_by*, *printed_at* (aware; default: now): the foot. The same description with the same
    *printed_at* gives the same bytes.
    """

    title: str
    number: str
    institution: str
    blocks: Sequence[Block] = ()
    verify_url: str = ""
    paper: str = "A4"
    subtitle: str = ""
    mark: str = ""
    printed_by: str = ""
    printed_at: datetime | None = None


@dataclass(frozen=True)
class Paper:
    """A sheet: size and margins in millimetres, type size in points. A *label* has no grid, no foot and one
    page.
    """

    name: str
    width: float
    height: float
    margin: float
    size: float
    label: bool = False


PAPERS = {
    "A4": Paper("A4", 210, 297, 16, 10.5),
    "A4L": Paper("A4 横向", 297, 210, 14, 10),
    "A5": Paper("A5", 148, 210, 11, 9),
    "A5L": Paper("A5 横向", 210, 148, 11, 9),
    "label-80x50": Paper("标签 80×50 mm", 80, 50, 3, 9, label=True),
    "label-60x40": Paper("标签 60×40 mm", 60, 40, 2.5, 8, label=True),
}
"""The sheets that can be printed on."""
