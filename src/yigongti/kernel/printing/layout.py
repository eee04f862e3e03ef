"""From a description to pages of placed rows: measuring, breaking lines, breaking pages. Nothing is drawn
here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from .breaking import break_lines
from .fonts import EM, book
from .model import Align, Block, Column, Fields, Note, Paper, Paragraph, PrintError, Signatures, Table

LEADING = 1.45  # line height over type size
EMPTY = "—"
CONTINUED = "（续）"
MAX_PAGES = 500
FEWEST_LINES = 3  # a torn row leaves at least so many lines on either page


def text_width(text: str, size: float) -> float:
    """The width of one line of text in points."""
    glyphs = book()
    return sum(glyphs.width(char) for char in text) * size / EM


@dataclass(frozen=True)
class Cell:
    """A rectangle with lines of text; all lengths in points."""

    lines: tuple[str, ...]
    width: float
    size: float
    align: Align = "left"
    bold: bool = False
    shaded: bool = False
    bordered: bool = True
    label: bool = False
    """Repeated with (续) where the row is torn."""
    rule: bool = False
    """A line to write on after the text."""

    @property
    def leading(self) -> float:
        """The height of one line."""
        return self.size * LEADING


@dataclass(frozen=True)
class Row:
    """Cells side by side, white space *pad* above and below, *side* left and right of the text in each.

    *keep*: stays on the page of the next row.
    """

    cells: tuple[Cell, ...]
    pad: float
    side: float
    least: float = 0.0
    keep: bool = False

    @property
    def height(self) -> float:
        """The height that the fullest cell needs."""
        return max(self.least, *(len(cell.lines) * cell.leading + 2 * self.pad for cell in self.cells))


@dataclass(frozen=True)
class Group:
    """Rows that belong together; *head* is repeated on each page the rows reach."""

    rows: tuple[Row, ...]
    head: tuple[Row, ...] = ()
    gap: float = 0.0
    """Space above."""


@dataclass(frozen=True)
class Placed:
    """A row on a page: *top* is its distance from the top of the page's body."""

    top: float
    row: Row


# --- blocks to rows ---------------------------------------------------------------------------


class Composer:
    """Turns blocks into groups of rows for one paper and one body width."""

    def __init__(self, paper: Paper, width: float) -> None:
        self.width, self.size = width, paper.size
        self.pad = self.side = paper.size * 0.36

    def groups(self, blocks: Iterable[Block]) -> list[Group]:
        """One group a block, in order."""
        return [self._group(block) for block in blocks]

    def _group(self, block: Block) -> Group:
        match block:
            case Fields():
                return Group((*self._title(block.title), *self._fields(block)))
            case Paragraph():
                text = self._cell(block.text.strip() or EMPTY, self.width)
                row = Row((text,), self.pad * 1.4, self.side, least=self.size * LEADING * 2)
                return Group((*self._title(block.title), row))
            case Table():
                return self._table(block)
            case Signatures():
                return Group(tuple(self._signatures(block)), gap=self.size)
            case Note():
                cell = replace(self._cell(block.text, self.width, size=self.size * 0.82), bordered=False)
                return Group((Row((cell,), self.pad * 0.6, self.side),), gap=self.size * 0.3)
        raise PrintError(f"不能打印的内容：{type(block).__name__}")

    def _cell(
        self,
        text: str,
        width: float,
        *,
        align: Align = "left",
        bold: bool = False,
        shaded: bool = False,
        size: float | None = None,
        label: bool = False,
    ) -> Cell:
        size = size or self.size
        lines = break_lines(text, width - 2 * self.side, partial(text_width, size=size))
        return Cell(tuple(lines), width, size, align, bold, shaded, label=label)

    def _title(self, title: str) -> Iterator[Row]:
        if title:
            yield Row(
                (self._cell(title, self.width, bold=True, shaded=True, label=True),), self.pad, self.side, keep=True
            )

    def _fields(self, block: Fields) -> Iterator[Row]:
        if not 1 <= block.columns <= 4:
            raise PrintError(f"每行的栏目数应为 1 至 4，现为 {block.columns}")
        pairs = [(label, shown(value)) for label, value in block.pairs]
        widest = max((text_width(label, self.size) for label, _ in pairs), default=0)
        share = self.width / block.columns
        label_width = min(widest + 2 * self.side + 1, share * 0.45)
        line: list[tuple[str, str]] = []
        for label, value in pairs:
            single = "\n" not in value and text_width(value, self.size) <= 2 * (share - label_width - 2 * self.side)
            if single and block.columns > 1:
                line.append((label, value))
                if len(line) == block.columns:
                    yield self._pairs(line, label_width)
                    line = []
                continue
            if line:
                yield self._pairs(line, label_width)
                line = []
            yield self._pairs([(label, value)], label_width)
        if line:
            yield self._pairs(line, label_width, share=share)

    def _pairs(self, pairs: Sequence[tuple[str, str]], label_width: float, share: float | None = None) -> Row:
        """One line of the grid; with *share* the pairs keep their places and the last value takes what is
        left.
        """
        each = share or self.width / len(pairs)
        cells: list[Cell] = []
        for place, (label, value) in enumerate(pairs):
            last = place == len(pairs) - 1
            width = self.width - each * place if last else each
            cells.append(self._cell(label, label_width, shaded=True, label=True))
            cells.append(self._cell(value, width - label_width))
        return Row(tuple(cells), self.pad, self.side)

    def _table(self, block: Table) -> Group:
        columns = [column if isinstance(column, Column) else Column(column) for column in block.columns]
        if not columns:
            raise PrintError("表格没有列，无法打印")
        whole = sum(column.width for column in columns)
        widths = [self.width * column.width / whole for column in columns]
        head = Row(
            tuple(
                self._cell(column.title, width, align="center", bold=True, shaded=True)
                for column, width in zip(columns, widths, strict=True)
            ),
            self.pad,
            self.side,
            keep=True,
        )
        rows: list[Row] = []
        for number, values in enumerate(block.rows, 1):
            if len(values) != len(columns):
                raise PrintError(f"表格第 {number} 行有 {len(values)} 个值，应为 {len(columns)} 个")
            cells = (
                self._cell(shown(value), width, align=column.align)
                for value, column, width in zip(values, columns, widths, strict=True)
            )
            rows.append(Row(tuple(cells), self.pad * 0.8, self.side))
        if not rows:
            rows.append(Row((self._cell(block.empty, self.width, align="center"),), self.pad, self.side))
        return Group(tuple(rows), head=(*self._title(block.title), head))

    def _signatures(self, block: Signatures) -> Iterator[Row]:
        labels = [label if label.endswith(("：", ":")) else f"{label}：" for label in block.labels]
        date = "　年　　月　　日"
        longest = max((text_width(label, self.size) for label in labels), default=0)
        need = longest + self.size * (15 if block.dated else 7)
        each = max(1, min(3, int(self.width // need)))
        for start in range(0, len(labels), each):
            cells: list[Cell] = []
            for label in labels[start : start + each]:
                share = self.width / each
                dated = text_width(date, self.size) + 2 * self.side + self.size if block.dated else 0
                signed = replace(self._cell(label, share - dated), bordered=False, rule=True)
                cells.append(signed)
                if block.dated:
                    cells.append(replace(self._cell(date, dated), bordered=False))
            last = start + each >= len(labels)
            yield Row(tuple(cells), self.pad, self.side, least=self.size * 2.9, keep=not last)


def shown(value: str | int | None) -> str:
    """A value as it is printed: trimmed, a dash where there is none."""
    text = "" if value is None else str(value).strip()
    return text or EMPTY


# --- rows to pages ----------------------------------------------------------------------------


def paginate(groups: Sequence[Group], first: float, other: float) -> list[list[Placed]]:
    """Rows to pages whose bodies are *first* (the first page) and *other* (every further one) points high.

    Raises PrintError beyond MAX_PAGES pages.
    """
    pages: list[list[Placed]] = [[]]
    top = 0.0

    def room() -> float:
        return (first if len(pages) == 1 else other) - top

    def turn() -> None:
        nonlocal top
        if len(pages) >= MAX_PAGES:
            raise PrintError(f"内容超过 {MAX_PAGES} 页，请缩小范围后分次打印")
        pages.append([])
        top = 0.0

    def put(row: Row) -> None:
        nonlocal top
        pages[-1].append(Placed(top, row))
        top += row.height

    for group in groups:
        if top:
            top += group.gap
        queue = [*group.head, *group.rows]
        while queue:
            chain = _chain(queue)
            needed = sum(row.height for row in chain)
            if needed <= room():
                for row in chain:
                    put(row)
                del queue[: len(chain)]
                continue
            torn = _tear(chain, room())
            if torn:
                here, rest = torn
                for row in here:
                    put(row)
                queue[: len(chain)] = [rest]
            elif not top and room() >= other:  # even an empty page is too small: let it stand alone
                for row in chain:
                    put(row)
                del queue[: len(chain)]
            if queue:
                turn()
                if not any(queue[0] is row for row in group.head):
                    for row in group.head:
                        put(row)
    return pages


def _chain(queue: Sequence[Row]) -> list[Row]:
    """The first row with all it must stay together with."""
    chain = [queue[0]]
    while chain[-1].keep and len(chain) < len(queue):
        chain.append(queue[len(chain)])
    return chain


def _tear(chain: Sequence[Row], room: float) -> tuple[list[Row], Row] | None:
    """The chain with its last row torn so that it fits into *room*, and the rest; None where that is not
    sensible.
    """
    *before, row = chain
    room -= sum(one.height for one in before)
    tallest = max(
        (cell for cell in row.cells if not cell.label),
        key=lambda cell: len(cell.lines) * cell.leading,
        default=None,
    )
    if tallest is None:
        return None
    lines = int((room - 2 * row.pad) / tallest.leading)
    if lines < FEWEST_LINES or len(tallest.lines) - lines < 1:
        return None
    lines = min(lines, max(FEWEST_LINES, len(tallest.lines) - FEWEST_LINES))
    here = replace(row, cells=tuple(_upto(cell, lines) for cell in row.cells), least=0.0)
    rest = replace(row, cells=tuple(_after(cell, lines) for cell in row.cells), least=0.0)
    return [*before, here], rest


def _upto(cell: Cell, lines: int) -> Cell:
    return cell if cell.label else replace(cell, lines=cell.lines[:lines])


def _after(cell: Cell, lines: int) -> Cell:
    if cell.label:
        last = cell.lines[-1]
        return cell if last == CONTINUED else replace(cell, lines=(*cell.lines, CONTINUED))
    return replace(cell, lines=cell.lines[lines:] or ("",))
